//! Making checkpoints, and putting them where a thief of the database does not reach.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Evidence;
use super::chain::{Checkpoint, PublicKey, Signer};
use crate::private_file::{self, PrivateFileError};

/// Rows without a checkpoint, after which one is made. Others are made when a process ends.
pub(super) const EVERY_ROWS: u64 = 64;

/// Signs checkpoints and appends them to a file, one JSON object a line. The file is meant to be carried away: by a
/// log shipper, to another machine, onto paper.
#[derive(Debug)]
pub struct Checkpoints {
    signer: Signer,
    sink: PathBuf,
}

impl Checkpoints {
    /// Signs with the private key `seed` and appends to `sink`, which is made with mode 0600 where it is missing.
    ///
    /// # Errors
    /// When the bytes are no private key.
    pub fn new(seed: &[u8; 32], sink: PathBuf) -> Result<Self, PrivateFileError> {
        let signer = Signer::new(seed).ok_or_else(|| {
            let reason = "its key is no private key for Ed25519";
            PrivateFileError::refused("sign checkpoints for", &sink, reason)
        })?;
        Ok(Self { signer, sink })
    }

    /// What others verify with.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.signer.public()
    }

    /// The second place of every checkpoint.
    #[must_use]
    pub fn sink(&self) -> &Path {
        &self.sink
    }

    /// Adds what this process knows: its own key, and what is in the second place.
    pub(super) fn testify(&self, known: &mut Evidence) -> io::Result<()> {
        known.trusted.push(self.public());
        let text = match fs::read(&self.sink) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text?,
        };
        for (line, number) in String::from_utf8_lossy(&text).lines().zip(1..) {
            match Checkpoint::from_line(line) {
                Ok(checkpoint) => known.found.push(checkpoint),
                Err(_) => known.unreadable.push(number),
            }
        }
        Ok(())
    }

    pub(super) const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Waits for the disk.
    pub(super) fn keep(&self, checkpoint: &Checkpoint) -> Result<(), PrivateFileError> {
        if let Some(dir) = self.sink.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            private_file::ensure_dir(dir)?;
        }
        let mut file = private_file::open_append(&self.sink)?;
        let line = checkpoint.to_line() + "\n";
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(|error| PrivateFileError::io("append to", &self.sink, &error))
    }
}
