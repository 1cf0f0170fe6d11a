//! One row, and the bytes that stand for it in the chain.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::{Bytes, Head, Link, Tag};

/// The most that the line of one row may have in an export, in bytes.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;

/// Tells a row's bytes from anything else that is hashed, and names the version of the encoding.
const DOMAIN: &[u8] = b"mini-llm-chat audit row 1";

/// What is recorded, before it has a place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Such as `turn-begun`.
    pub event: String,
    /// Whom it is about, if it is about somebody.
    pub user: Option<String>,
    /// The turn that it belongs to, if any.
    pub turn: Option<String>,
    /// The whole event as JSON. Kept as a text, because every byte counts.
    pub body: String,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1 for the first; no number is left out.
    pub sequence: u64,
    /// What is recorded.
    pub entry: Entry,
    /// Id of the key that made the tag.
    pub key: String,
    /// Stands for this row and all before it.
    pub link: Link,
    /// Of the link.
    pub tag: Tag,
}

impl Row {
    /// The end of a chain whose last row this is.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            link: self.link,
        }
    }

    /// One line of an export, without the line end.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = Line {
            sequence: self.sequence,
            entry: self.entry.clone(),
            key: self.key.clone(),
            link: self.link.to_string(),
            tag: self.tag.to_string(),
        };
        // Texts and numbers always make JSON.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// Reads a line of an export.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_line(line: &str) -> Result<Self, RowError> {
        let line: Line = serde_json::from_str(line).map_err(|_| RowError)?;
        Ok(Self {
            sequence: line.sequence,
            entry: line.entry,
            key: line.key,
            link: line.link.parse().map_err(|_| RowError)?,
            tag: line.tag.parse().map_err(|_| RowError)?,
        })
    }
}

/// A line is no row of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no row of an audit trail")]
pub struct RowError;

#[derive(Serialize, Deserialize)]
struct Line {
    sequence: u64,
    #[serde(flatten)]
    entry: Entry,
    key: String,
    link: String,
    tag: String,
}

/// The link of `entry` at `sequence`, behind a row with the link `before`.
pub(super) fn link(before: Link, sequence: u64, key: &str, entry: &Entry) -> Link {
    let mut hash = Fields(digest::Context::new(&digest::SHA256));
    hash.bytes(DOMAIN);
    hash.bytes(&before.0);
    hash.number(sequence);
    hash.number(entry.at.cast_unsigned());
    hash.bytes(entry.event.as_bytes());
    hash.optional(entry.user.as_deref());
    hash.optional(entry.turn.as_deref());
    hash.bytes(entry.body.as_bytes());
    hash.bytes(key.as_bytes());
    let mut link = [0; 32];
    link.copy_from_slice(hash.0.finish().as_ref());
    Bytes(link)
}

/// Every field goes in with its length, so that no two rows have the same bytes.
struct Fields(digest::Context);

impl Fields {
    fn number(&mut self, number: u64) {
        self.0.update(&number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.update(&[u8::from(text.is_some())]);
        self.bytes(text.unwrap_or_default().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    fn entry(event: &str, user: Option<&str>, turn: Option<&str>, body: &str) -> Entry {
        Entry {
            at: 5,
            event: event.to_owned(),
            user: user.map(str::to_owned),
            turn: turn.map(str::to_owned),
            body: body.to_owned(),
        }
    }

    #[test]
    fn what_moves_between_fields_changes_the_link() {
        let of = |entry: &Entry| link(Bytes([7; 32]), 1, "k", entry);
        let all = [
            entry("ab", None, None, ""),
            entry("a", Some("b"), None, ""),
            entry("a", None, Some("b"), ""),
            entry("a", None, None, "b"),
            entry("ab", Some(""), None, ""),
            entry("ab", None, Some(""), ""),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| of(other) != of(one)));
        }
        let one = &all[0];
        assert_ne!(of(one), link(Bytes([8; 32]), 1, "k", one));
        assert_ne!(of(one), link(Bytes([7; 32]), 2, "k", one));
        assert_ne!(of(one), link(Bytes([7; 32]), 1, "l", one));
    }

    /// A change of the encoding would make every stored trail look altered.
    #[test]
    fn the_encoding_is_the_published_one() {
        let link = link(
            Bytes([1; 32]),
            2,
            "key",
            &entry("turn-begun", Some("u"), None, "{}"),
        );
        assert_eq!(
            link.to_string(),
            "c82b4991f4ebbf90d3889760a2faf176ff7277f293a2f0a572a9e7795204c8ab"
        );
    }

    proptest! {
        #[test]
        fn a_line_gives_the_row_back(
            sequence: u64, at: i64, event: String, user: Option<String>, turn: Option<String>, body: String, key: String,
            link: [u8; 32], tag: [u8; 32],
        ) {
            let entry = Entry { at, event, user, turn, body };
            let row = Row { sequence, entry, key, link: Bytes(link), tag: Bytes(tag) };
            let line = row.to_line();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Row::from_line(&line).unwrap(), row);
        }
    }
}
