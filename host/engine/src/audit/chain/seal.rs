//! Giving an entry its place: the next link, and the tag that only a holder of the key can make.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;

use super::row::link;
use super::{Bytes, Entry, Head, Link, Row, Tag};
use crate::keys::{Key, KeyRing};

/// A key that makes tags. Shown by its id alone.
pub struct ChainKey {
    id: String,
    key: hmac::Key,
}

impl ChainKey {
    /// A key of 32 bytes or more, and the name that rows carry.
    pub fn new(id: impl fmt::Display, secret: &[u8]) -> Self {
        Self {
            id: id.to_string(),
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn tag(&self, link: Link) -> Tag {
        let mut tag = [0; 32];
        tag.copy_from_slice(hmac::sign(&self.key, &link.0).as_ref());
        Bytes(tag)
    }

    pub(super) fn made(&self, row: &Row) -> bool {
        hmac::verify(&self.key, &row.link.0, &row.tag.0).is_ok()
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainKey({})", self.id)
    }
}

/// What seals rows: the key in use, and where this process believes the chain to end.
///
/// The belief saves a look at the database. It may be wrong, because another process has gone on or a transaction
/// was taken back: so a row is stored only behind the very row that it is tied to, and sealed anew otherwise.
#[derive(Debug)]
pub struct Chain {
    keys: Vec<ChainKey>,
    head: Mutex<Option<Head>>,
}

impl Chain {
    /// New rows are sealed with the audit key in use; rows of the older ones are still believed.
    #[must_use]
    pub fn of(audit: &KeyRing) -> Self {
        let key = |key: &Key| ChainKey::new(key.id(), &*key.derive("chain"));
        Self::new(key(audit.current()), audit.all().skip(1).map(key))
    }

    /// New rows are sealed with `key`; rows of the `older` ones are still believed.
    #[must_use]
    pub fn new(key: ChainKey, older: impl IntoIterator<Item = ChainKey>) -> Self {
        let mut keys = vec![key];
        keys.extend(older);
        Self {
            keys,
            head: Mutex::new(None),
        }
    }

    /// Every key whose rows are believed, the one in use first.
    #[must_use]
    pub fn keys(&self) -> &[ChainKey] {
        &self.keys
    }

    /// The row that holds the entry behind that head.
    #[must_use]
    pub fn seal(&self, head: Head, entry: &Entry) -> Row {
        let (key, sequence) = (&self.keys[0], head.sequence.saturating_add(1));
        let link = link(head.link, sequence, key.id(), entry);
        Row {
            sequence,
            entry: entry.clone(),
            key: key.id().to_owned(),
            link,
            tag: key.tag(link),
        }
    }

    /// Where the chain ended when this process looked last.
    #[must_use]
    pub fn believed(&self) -> Option<Head> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chain ends here now.
    pub fn believe(&self, head: Head) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    }
}
