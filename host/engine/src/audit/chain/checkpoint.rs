//! Signed words of where a trail ended: what a cut tail or a rewritten trail does not fit to.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::{Bytes, Head, Link};

/// The half of the signing key that everybody may have.
pub type PublicKey = Bytes<32>;

/// Tells these bytes from anything else that a key may sign.
const DOMAIN: &[u8] = b"mini-llm-chat audit checkpoint 1";

/// At that time the trail ended there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which trail: the link before its first row.
    pub trail: Link,
    /// Its end.
    pub head: Head,
    /// Microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Whose signature it claims to have.
    pub signer: PublicKey,
    /// Over all of the above but the signer.
    pub signature: Bytes<64>,
}

/// Why a checkpoint proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text is none.
    #[error("it is no checkpoint of an audit trail")]
    Malformed,
    /// It names another key.
    #[error("it is signed by another key than the given one")]
    Stranger,
    /// It was changed, or never signed by that key.
    #[error("its signature is wrong")]
    Forged,
}

/// Makes checkpoints.
pub struct Signer {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Signer {
    /// From the 32 random bytes that are the private key. None for bytes that are no key.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = Bytes::of(pair.public_key().as_ref()).ok()?;
        Some(Self { pair, public })
    }

    /// What others verify with.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs that the trail ends there.
    #[must_use]
    pub fn sign(&self, trail: Link, head: Head, at: i64) -> Checkpoint {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&message(trail, head, at)).as_ref());
        Checkpoint {
            trail,
            head,
            at,
            signer: self.public,
            signature: Bytes(signature),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public)
    }
}

impl Checkpoint {
    /// Whether the holder of the private half of `key` signed it.
    ///
    /// # Errors
    /// [`CheckpointError::Stranger`] or [`CheckpointError::Forged`].
    pub fn verify(&self, key: PublicKey) -> Result<(), CheckpointError> {
        if self.signer != key {
            return Err(CheckpointError::Stranger);
        }
        UnparsedPublicKey::new(&ED25519, &key.0)
            .verify(&message(self.trail, self.head, self.at), &self.signature.0)
            .map_err(|_| CheckpointError::Forged)
    }

    /// One line of JSON, without the line end.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = Line {
            checkpoint: self.head.sequence,
            trail: self.trail.to_string(),
            link: self.head.link.to_string(),
            at: self.at,
            signer: self.signer.to_string(),
            signature: self.signature.to_string(),
        };
        // Texts and numbers always make JSON.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// Reads such a line.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`].
    pub fn from_line(line: &str) -> Result<Self, CheckpointError> {
        let malformed = |_| CheckpointError::Malformed;
        let line: Line = serde_json::from_str(line).map_err(|_| CheckpointError::Malformed)?;
        Ok(Self {
            trail: line.trail.parse().map_err(malformed)?,
            head: Head {
                sequence: line.checkpoint,
                link: line.link.parse().map_err(malformed)?,
            },
            at: line.at,
            signer: line.signer.parse().map_err(malformed)?,
            signature: line.signature.parse().map_err(malformed)?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    /// Sequence of the last row.
    checkpoint: u64,
    trail: String,
    link: String,
    at: i64,
    signer: String,
    signature: String,
}

fn message(trail: Link, head: Head, at: i64) -> Vec<u8> {
    let mut message = DOMAIN.to_vec();
    message.extend(trail.0);
    message.extend(head.sequence.to_be_bytes());
    message.extend(head.link.0);
    message.extend(at.to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn checkpoint() -> (Signer, Checkpoint) {
        let signer = Signer::new(&[3; 32]).unwrap();
        let head = Head {
            sequence: 9,
            link: Bytes([4; 32]),
        };
        let checkpoint = signer.sign(Bytes([1; 32]), head, 77);
        (signer, checkpoint)
    }

    #[test]
    fn a_checkpoint_is_read_back_and_believed() {
        let (signer, checkpoint) = checkpoint();
        let read = Checkpoint::from_line(&checkpoint.to_line()).unwrap();
        assert_eq!(read, checkpoint);
        assert_eq!(read.verify(signer.public()), Ok(()));
    }

    #[test]
    fn every_changed_field_is_seen() {
        let (signer, good) = checkpoint();
        let changes: [fn(&mut Checkpoint); 5] = [
            |it| it.trail.0[0] ^= 1,
            |it| it.head.sequence += 1,
            |it| it.head.link.0[31] ^= 1,
            |it| it.at += 1,
            |it| it.signature.0[63] ^= 1,
        ];
        for change in changes {
            let mut changed = good.clone();
            change(&mut changed);
            assert_eq!(
                changed.verify(signer.public()),
                Err(CheckpointError::Forged)
            );
        }
    }

    #[test]
    fn another_key_proves_nothing() {
        let (_, checkpoint) = checkpoint();
        let other = Signer::new(&[5; 32]).unwrap();
        assert_eq!(
            checkpoint.verify(other.public()),
            Err(CheckpointError::Stranger)
        );
        let claimed = Checkpoint {
            signer: other.public(),
            ..checkpoint
        };
        assert_eq!(claimed.verify(other.public()), Err(CheckpointError::Forged));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for line in ["", "{}", "null", "{\"checkpoint\":1}"] {
            assert_eq!(
                Checkpoint::from_line(line),
                Err(CheckpointError::Malformed),
                "{line}"
            );
        }
    }
}
