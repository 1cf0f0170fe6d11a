//! Sealed entries: whoever holds the cache's storage can neither read, plant, move nor prolong them.
//!
//! A value is encrypted with AES-256-GCM. What it belongs to (user, space, key), until when it is good, and the version
//! of this format are authenticated with it, so a value copied to another place, or kept past its time, does not open.
//! Names are HMACs: nobody can check by a name whether a question was asked. Key material comes from outside and is used
//! through two keys derived from it, one for values, one for names.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::{Key, Space};
use crate::ids::UserId;

/// The first byte of a sealed value. Another one is another format.
const VERSION: u8 = 1;
const EXPIRY_BYTES: usize = 8;
const HEAD_BYTES: usize = 1 + EXPIRY_BYTES + NONCE_LEN;

/// Seals and opens values, and makes names.
pub struct Sealer {
    values: LessSafeKey,
    names: hmac::Key,
}

/// What a value belongs to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) user: UserId,
    pub(super) space: &'a Space,
    pub(super) key: &'a Key,
}

/// The key material cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cache key cannot be used")]
pub struct SealError;

impl Sealer {
    /// With 32 bytes that all processes have which share the cache, and nobody else.
    ///
    /// # Errors
    ///
    /// Never in practice: every 32 bytes are a key.
    pub fn new(material: &[u8; 32]) -> Result<Self, SealError> {
        let material = hmac::Key::new(hmac::HMAC_SHA256, material);
        let derive = |label: &[u8]| Zeroizing::new(hmac::sign(&material, label).as_ref().to_vec());
        let values = derive(b"mini-llm-chat cache 1: values");
        let names = derive(b"mini-llm-chat cache 1: names");
        let values = UnboundKey::new(&AES_256_GCM, &values).map_err(|_| SealError)?;
        Ok(Self {
            values: LessSafeKey::new(values),
            names: hmac::Key::new(hmac::HMAC_SHA256, &names),
        })
    }

    /// The name of a space of a user.
    pub(super) fn space_name(&self, user: UserId, space: &Space) -> String {
        let (kind, name) = parts(space);
        hex(&self.name(&[user.to_string().as_bytes(), &[kind], name.as_bytes()]))
    }

    /// The name of an entry in its space.
    pub(super) fn entry_name(&self, place: Place<'_>) -> String {
        hex(&self.name(&[&associated(place, 0)]))
    }

    /// The value, sealed for this place until `expiry`, in milliseconds since 1970.
    pub(super) fn seal(&self, place: Place<'_>, expiry: i64, value: &[u8]) -> Option<Vec<u8>> {
        // The kernel's random bytes: the library's own generator gathers entropy for a tenth of a second first.
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut text = value.to_vec();
        let place = Aad::from(associated(place, expiry));
        self.values
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut text)
            .ok()?;
        let mut sealed = Vec::with_capacity(HEAD_BYTES + text.len());
        sealed.push(VERSION);
        sealed.extend(expiry.to_be_bytes());
        sealed.extend(nonce);
        sealed.append(&mut text);
        Some(sealed)
    }

    /// The value, if it was sealed for this place and is still good at `now`.
    pub(super) fn open(&self, place: Place<'_>, now: i64, sealed: &[u8]) -> Option<Vec<u8>> {
        let (head, text) = sealed.split_at_checked(HEAD_BYTES)?;
        let (version, head) = head.split_first()?;
        let (expiry, nonce) = head.split_first_chunk::<EXPIRY_BYTES>()?;
        let expiry = i64::from_be_bytes(*expiry);
        if *version != VERSION || expiry <= now {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let length = self
            .values
            .open_in_place(nonce, Aad::from(associated(place, expiry)), &mut text)
            .ok()?
            .len();
        text.truncate(length);
        Some(text)
    }

    fn name(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.names);
        parts.iter().for_each(|part| context.update(part));
        let mut name = [0; 16];
        for (byte, tag) in name.iter_mut().zip(context.sign().as_ref()) {
            *byte = *tag;
        }
        name
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

/// Everything that must fit for a value to open. All but the last field have a fixed length.
fn associated(place: Place<'_>, expiry: i64) -> Vec<u8> {
    let (kind, name) = parts(place.space);
    let mut bytes = vec![VERSION];
    bytes.extend(expiry.to_be_bytes());
    bytes.extend(place.user.to_string().as_bytes());
    bytes.extend(place.key.as_bytes());
    bytes.push(kind);
    bytes.extend(name.as_bytes());
    bytes
}

fn parts(space: &Space) -> (u8, &str) {
    match space {
        Space::Answers => (b'a', ""),
        Space::Plugin(name) => (b'p', name),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::Fields;
    use super::*;

    const EXPIRY: i64 = 1_000;

    #[test]
    fn a_value_opens_in_its_place_and_time_alone() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let (user, other_user) = (UserId::new(), UserId::new());
        let (key, other_key) = (
            Fields::new("test").field("a", "1").finish(),
            Fields::new("test").field("a", "2").finish(),
        );
        let plugin = Space::Plugin("notes".into());
        let place = Place {
            user,
            space: &Space::Answers,
            key: &key,
        };
        let sealed = sealer.seal(place, EXPIRY, b"an answer").unwrap();
        assert_eq!(
            sealer.open(place, EXPIRY - 1, &sealed).unwrap(),
            b"an answer"
        );
        assert!(sealer.open(place, EXPIRY, &sealed).is_none());
        for elsewhere in [
            Place {
                user: other_user,
                ..place
            },
            Place {
                key: &other_key,
                ..place
            },
            Place {
                space: &plugin,
                ..place
            },
        ] {
            assert!(sealer.open(elsewhere, 0, &sealed).is_none());
            assert_ne!(sealer.entry_name(elsewhere), sealer.entry_name(place));
        }
        let stranger = Sealer::new(&[8; 32]).unwrap();
        assert!(stranger.open(place, 0, &sealed).is_none());
    }

    #[test]
    fn no_changed_byte_and_no_cut_opens() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let key = Fields::new("test").finish();
        let place = Place {
            user: UserId::new(),
            space: &Space::Answers,
            key: &key,
        };
        let sealed = sealer.seal(place, EXPIRY, b"an answer").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            // Above all the expiry: nobody prolongs an entry.
            assert!(sealer.open(place, 0, &changed).is_none(), "{at}");
            assert!(sealer.open(place, 0, &sealed[..at]).is_none(), "{at}");
        }
    }

    #[test]
    fn a_sealed_value_shows_nothing_and_never_repeats() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let key = Fields::new("test").finish();
        let place = Place {
            user: UserId::new(),
            space: &Space::Answers,
            key: &key,
        };
        let [one, two] = [0, 1].map(|_| sealer.seal(place, EXPIRY, b"an answer").unwrap());
        assert_ne!(one, two);
        assert!(!one.windows(6).any(|window| window == b"answer"));
    }
}
