//! The random key of one installation, from which the canaries in system prompts are derived.
//!
//! It is made at first use and stays, so that prompts, and with them cache keys, are the same after a restart.

use std::io::Read;
use std::path::Path;

use crate::private_file::{self, PrivateFileError};

/// Its length in bytes.
pub const BYTES: usize = 32;

/// Reads the key, or makes it, with mode 0600 in a directory closed to others.
///
/// # Errors
/// When the file cannot be read or made, is not this user's alone, or has another length.
pub fn load_or_make(path: &Path) -> Result<[u8; BYTES], PrivateFileError> {
    if let Some(dir) = path.parent() {
        private_file::ensure_dir(dir)?;
    }
    if !path.try_exists().unwrap_or(false) {
        make(path)?;
    }
    let file = private_file::open_read(path)?;
    let mut key = Vec::with_capacity(BYTES + 1);
    let read = file.take(BYTES as u64 + 1).read_to_end(&mut key);
    read.map_err(|error| PrivateFileError::io("read", path, &error))?;
    key.try_into().map_err(|_| {
        PrivateFileError::refused(
            "use",
            path,
            format!("it is not a key of {BYTES} bytes; remove it, and a new one is made"),
        )
    })
}

/// A key for one run only.
///
/// # Errors
/// When the system gives no random bytes.
pub fn random() -> Result<[u8; BYTES], PrivateFileError> {
    let mut key = [0; BYTES];
    getrandom::fill(&mut key).map_err(|error| {
        PrivateFileError::refused("make a random key", Path::new(""), error.to_string())
    })?;
    Ok(key)
}

/// Of two first starts the later one wins: the other has a canary of its own for one run.
fn make(path: &Path) -> Result<(), PrivateFileError> {
    private_file::replace(path, &random()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn a_key_is_made_once_and_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data/install.key");
        let key = load_or_make(&path).unwrap();
        assert_ne!(key, [0; BYTES]);
        assert_eq!(load_or_make(&path).unwrap(), key);
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_file_of_another_length_is_refused_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data/install.key");
        load_or_make(&path).unwrap();
        std::fs::write(&path, b"short").unwrap();
        let error = load_or_make(&path).unwrap_err().to_string();
        assert!(error.contains("not a key of 32 bytes"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }
}
