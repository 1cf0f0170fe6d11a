//! One key, and the id that names it without telling it.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::Purpose;

/// Bytes of what is derived from a key.
const DERIVED_BYTES: usize = 32;
/// Bytes of an id: enough that two keys never share one.
const ID_BYTES: usize = 16;

/// Names a key of one purpose. Whoever knows it knows nothing of the key. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; ID_BYTES]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is no key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not a key id: it has 32 hexadecimal digits")]
pub struct InvalidKeyId;

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(InvalidKeyId),
        };
        if text.len() != 2 * ID_BYTES {
            return Err(InvalidKeyId);
        }
        let mut id = [0; ID_BYTES];
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(id))
    }
}

/// A key of one purpose. Its bytes are wiped when it is dropped and shown nowhere.
pub struct Key {
    purpose: Purpose,
    id: KeyId,
    secret: Zeroizing<Vec<u8>>,
}

impl Key {
    pub(super) fn new(purpose: Purpose, secret: Zeroizing<Vec<u8>>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let label = format!("mini-llm-chat key id: {purpose}");
        let mut id = [0; ID_BYTES];
        for (byte, tag) in id
            .iter_mut()
            .zip(hmac::sign(&key, label.as_bytes()).as_ref())
        {
            *byte = *tag;
        }
        Self {
            purpose,
            id: KeyId(id),
            secret,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// A key of 32 bytes for one use, by HKDF with SHA-256. Other labels and purposes give unrelated keys.
    #[must_use]
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; DERIVED_BYTES]> {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, b"mini-llm-chat");
        let extracted = hmac::sign(&salt, &self.secret);
        let extracted = hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref());
        // One block of the expansion: its counter is 1.
        let info = format!("{}: {label}\u{1}", self.purpose);
        let tag = hmac::sign(&extracted, info.as_bytes());
        let mut derived = Zeroizing::new([0; DERIVED_BYTES]);
        derived.copy_from_slice(tag.as_ref());
        derived
    }

    pub(super) fn is_same_secret(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} {})", self.purpose, self.id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn key(purpose: Purpose, text: &str) -> Key {
        Key::new(purpose, Zeroizing::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn an_id_names_purpose_and_key_and_is_read_back() {
        let id = key(Purpose::Token, "one").id();
        assert_eq!(id, key(Purpose::Token, "one").id());
        assert_ne!(id, key(Purpose::Token, "two").id());
        assert_ne!(id, key(Purpose::Audit, "one").id());
        assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
        for text in ["", "12", &"g".repeat(32), &"A".repeat(32), &"é".repeat(16)] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }

    #[test]
    fn derived_keys_differ_by_label_purpose_and_key() {
        let derived = [
            key(Purpose::Token, "one").derive("a"),
            key(Purpose::Token, "one").derive("b"),
            key(Purpose::Audit, "one").derive("a"),
            key(Purpose::Token, "two").derive("a"),
        ];
        for (at, one) in derived.iter().enumerate() {
            assert_ne!(one.as_ref(), &[0; DERIVED_BYTES]);
            assert!(derived[at + 1..].iter().all(|other| other != one));
        }
        assert_eq!(key(Purpose::Token, "one").derive("a"), derived[0]);
    }

    #[test]
    fn derivation_is_hkdf() {
        let salt = aws_lc_rs::hkdf::Salt::new(aws_lc_rs::hkdf::HKDF_SHA256, b"mini-llm-chat");
        let extracted = salt.extract(b"one");
        let okm = extracted.expand(&[b"cache: seal"], aws_lc_rs::hkdf::HKDF_SHA256);
        let mut expected = [0; DERIVED_BYTES];
        okm.unwrap().fill(&mut expected).unwrap();
        assert_eq!(*key(Purpose::Cache, "one").derive("seal"), expected);
    }

    #[test]
    fn the_key_is_not_shown() {
        assert!(!format!("{:?}", key(Purpose::Cache, "planted")).contains("planted"));
    }
}
