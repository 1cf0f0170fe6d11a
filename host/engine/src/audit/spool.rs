//! Turns that the database could not take, one file each, until it is back.
//!
//! A file is named by its turn, has mode 0600 and carries a tag that only a holder of the audit key can make: what is
//! stored from here is what was shown. Storing a turn twice stores it once, so a file that outlives its storing does
//! no harm.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use super::chain::{Bytes, Entry};
use crate::ids::{TurnId, UserId};
use crate::keys::{Key, KeyRing};
use crate::private_file::{self, PrivateFileError};
use crate::storage::NewTurn;

const ENDING: &str = "turn";
const REFUSED: &str = "refused";
/// A longer file is not ours: prompt and answer are bounded.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A turn, or only its end where there was no text to store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) id: TurnId,
    pub(super) user: UserId,
    pub(super) turn: Option<NewTurn>,
    pub(super) ended: Entry,
}

/// The spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file or directory of it.
    #[error("the spool for turns that are not stored yet: {0}")]
    File(#[from] PrivateFileError),
    /// A file is not what this program wrote. It was set aside.
    #[error(
        "{} is not a turn that this program spooled; it is set aside as .{REFUSED}", path.display()
    )]
    Forged {
        /// The file.
        path: PathBuf,
    },
}

/// The directory of waiting turns.
pub struct Spool {
    dir: PathBuf,
    keys: Vec<hmac::Key>,
    /// Something may be there: true at first, because another process may have left it.
    may_hold: AtomicBool,
}

impl Spool {
    /// In that directory, which is made when it is needed. Files are tagged with the audit key in use and believed
    /// with any.
    #[must_use]
    pub fn new(dir: PathBuf, audit: &KeyRing) -> Self {
        let key = |key: &Key| hmac::Key::new(hmac::HMAC_SHA256, &*key.derive("spool"));
        Self {
            dir,
            keys: audit.all().map(key).collect(),
            may_hold: AtomicBool::new(true),
        }
    }

    pub(super) fn may_hold(&self) -> bool {
        self.may_hold.load(Ordering::Relaxed)
    }

    pub(super) fn emptied(&self) {
        self.may_hold.store(false, Ordering::Relaxed);
    }

    /// Keeps it on the disk.
    pub(super) fn put(&self, waiting: &Waiting) -> Result<(), SpoolError> {
        private_file::ensure_dir(&self.dir)?;
        self.may_hold.store(true, Ordering::Relaxed);
        let path = self.dir.join(format!("{}.{ENDING}", waiting.id));
        // Texts and numbers always make JSON.
        let body = serde_json::to_string(waiting).unwrap_or_default();
        let tag = self
            .keys
            .first()
            .map(|key| hmac::sign(key, body.as_bytes()));
        let tag = tag.as_ref().map_or(&[][..], hmac::Tag::as_ref);
        let tag = Bytes::<32>::of(tag).map(|tag| tag.to_string());
        let content = format!("{}\n{body}\n", tag.unwrap_or_default());
        Ok(private_file::replace(&path, content.as_bytes())?)
    }

    /// Every file that waits, oldest turn first.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, SpoolError> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| failed("read", &self.dir, &error))?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|error| failed("read", &self.dir, &error))?
                .path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// What waits in a file; none if that is gone. A file that is not ours is set aside.
    pub(super) fn take(&self, path: &Path) -> Result<Option<Waiting>, SpoolError> {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Ok(None);
        }
        let mut text = String::new();
        let read = private_file::open_read(path)?
            .take(MAX_BYTES)
            .read_to_string(&mut text);
        if read.is_ok()
            && let Some((tag, body)) = text.split_once('\n')
            && let Ok(tag) = tag.parse::<Bytes<32>>()
            && let Some(body) = body.strip_suffix('\n')
            && self
                .keys
                .iter()
                .any(|key| hmac::verify(key, body.as_bytes(), &tag.0).is_ok())
            && let Ok(waiting) = serde_json::from_str(body)
        {
            return Ok(Some(waiting));
        }
        let aside = path.with_extension(REFUSED);
        fs::rename(path, &aside).map_err(|error| failed("set aside", path, &error))?;
        Err(SpoolError::Forged {
            path: path.to_owned(),
        })
    }

    /// After it was stored.
    pub(super) fn remove(&self, path: &Path) -> Result<(), SpoolError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("remove", path, &error))
            }
            _ => Ok(()),
        }
    }
}

fn failed(action: &'static str, path: &Path, error: &std::io::Error) -> SpoolError {
    SpoolError::File(PrivateFileError::io(action, path, error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::keys::{KeySource, KeySources, Keys, Purpose};
    use crate::secrets::Secrets;

    const ONE: &str = "0123456789abcdef0123456789abcdef-one";
    const TWO: &str = "0123456789abcdef0123456789abcdef-two";

    /// With these audit keys, the one in use first.
    fn spool(dir: PathBuf, lines: &str) -> Spool {
        let audit = KeySource::Given {
            text: lines.to_owned().into(),
            place: "here".to_owned(),
        };
        let (token, cache) = (KeySource::Random, KeySource::Random);
        let sources = KeySources {
            token,
            audit,
            cache,
        };
        let keys = Keys::load(&sources, &Secrets::new()).unwrap();
        Spool::new(dir, keys.ring(Purpose::Audit))
    }

    fn waiting() -> Waiting {
        Waiting {
            id: TurnId::new(),
            user: UserId::new(),
            turn: None,
            ended: Entry {
                at: 1,
                event: "turn-ended".to_owned(),
                user: None,
                turn: None,
                body: "{}".to_owned(),
            },
        }
    }

    #[test]
    fn what_waits_is_closed_to_others_and_read_back_until_it_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let spool = spool(home.path().join("spool"), ONE);
        assert!(spool.files().unwrap().is_empty());
        let mut put = [waiting(), waiting()];
        put.sort_by_key(|waiting| waiting.id);
        for waiting in &put {
            spool.put(waiting).unwrap();
        }
        let files = spool.files().unwrap();
        assert_eq!(files.len(), 2, "no draft stays");
        #[cfg(unix)]
        for file in &files {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        let read = spool.take(&files[0]).unwrap().unwrap();
        assert_eq!((read.id, read.ended), (put[0].id, put[0].ended.clone()));
        spool.remove(&files[0]).unwrap();
        assert!(spool.take(&files[0]).unwrap().is_none());
        assert_eq!(spool.files().unwrap(), files[1..]);
    }

    #[test]
    fn a_file_that_was_changed_or_is_not_ours_is_set_aside() {
        let home = tempfile::tempdir().unwrap();
        let spool = spool(home.path().join("spool"), ONE);
        for forge in [
            |text: String| text.replace("turn-ended", "turn-never"),
            |_| String::new(),
            |text: String| text.replacen(|c: char| c.is_ascii_hexdigit(), "0", 64),
        ] {
            spool.put(&waiting()).unwrap();
            let file = spool.files().unwrap().remove(0);
            fs::write(&file, forge(fs::read_to_string(&file).unwrap())).unwrap();
            let refused = spool.take(&file).unwrap_err();
            assert!(matches!(refused, SpoolError::Forged { .. }), "{refused}");
            assert!(spool.files().unwrap().is_empty());
            assert!(file.with_extension(REFUSED).exists());
        }
    }

    #[test]
    fn a_file_of_an_older_key_is_believed_and_of_a_foreign_one_is_not() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("spool");
        spool(dir.clone(), ONE).put(&waiting()).unwrap();
        let rotated = spool(dir.clone(), &format!("{TWO}\n{ONE}"));
        let file = rotated.files().unwrap().remove(0);
        assert!(rotated.take(&file).unwrap().is_some());
        assert!(spool(dir, TWO).take(&file).is_err());
    }
}
