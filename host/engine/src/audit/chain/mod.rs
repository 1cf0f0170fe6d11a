//! The chain that makes the audit trail tell on whoever changes it. Pure: no database, no clock, no files.
//!
//! Every row has a [`Link`]: SHA-256 over its fields, its sequence and the link before. So a link stands for the
//! whole trail up to its row, and everybody can compute it. A row also has a tag: HMAC-SHA256 over its link, which
//! only a holder of the audit key can make. And from time to time a [`Checkpoint`] signs the last link with
//! Ed25519: whoever holds the public key and a checkpoint can see, without any secret, that everything up to it
//! is still there and still the same.

mod checkpoint;
mod hex;
mod row;
mod seal;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, PublicKey, Signer};
pub use hex::{Bytes, InvalidBytes};
pub use row::{Entry, MAX_ROW_BYTES, Row, RowError};
pub use seal::{Chain, ChainKey};
pub use verify::{Break, How, Verified, Verifier};

/// SHA-256 over a row and everything before it. The first one of a trail is random and names the trail.
pub type Link = Bytes<32>;

/// HMAC-SHA256 of a link.
pub type Tag = Bytes<32>;

/// The end of a chain: the next row is tied to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Of the last row; 0 before the first.
    pub sequence: u64,
    /// Of the last row; before the first, the random link that names the trail.
    pub link: Link,
}

impl Head {
    /// Before the first row of that trail.
    #[must_use]
    pub const fn first(trail: Link) -> Self {
        Self {
            sequence: 0,
            link: trail,
        }
    }
}
