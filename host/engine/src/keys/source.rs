//! Reading keys, and making the ones that are missing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::check::{self, check};
use super::{Key, KeyRing, Purpose};
use crate::EngineError;
use crate::private_file::{self, PrivateFileError};
use crate::secrets::Secrets;

/// Random bytes of a key that is made here; it is written with two digits a byte.
const RANDOM_BYTES: usize = 32;
/// The most that a file of keys may have.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Where the keys of one purpose come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// From the operator, as text. The first line is the key in use, further lines are older ones.
    Given {
        /// The lines.
        text: SecretString,
        /// Such as `JWT_SECRET_KEY (environment)`.
        place: String,
    },
    /// A file of the same form that is this program's own, made with a random key where it is missing.
    File(PathBuf),
    /// A key for this run alone.
    Random,
}

/// Reads or makes the keys of one purpose.
pub(super) fn load(
    purpose: Purpose,
    source: &KeySource,
    secrets: &Secrets,
) -> Result<KeyRing, EngineError> {
    let (text, place) = match source {
        KeySource::Given { text, place } => (
            Zeroizing::new(text.expose_secret().to_owned()),
            place.clone(),
        ),
        KeySource::File(path) => (load_or_make(path)?, path.display().to_string()),
        KeySource::Random => (random(Path::new(""))?, "this run".to_owned()),
    };
    let refused = |reason: String| EngineError::KeyRefused {
        purpose,
        place: place.clone(),
        reason,
    };
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        secrets.add(line);
        check(line.as_bytes()).map_err(refused)?;
        keys.push(Key::new(purpose, Zeroizing::new(line.as_bytes().to_vec())));
    }
    let mut keys = keys.into_iter();
    let current = keys
        .next()
        .ok_or_else(|| refused("it is empty: write at least one line".to_owned()))?;
    Ok(KeyRing {
        current,
        older: keys.collect(),
        place,
    })
}

impl KeySource {
    /// Puts a new random key before those of this program's own file; the old ones stay as older keys.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] where the keys are the operator's, with the way to do it there;
    /// [`EngineError::PrivateFile`] when the file cannot be replaced.
    pub fn rotate(&self) -> Result<(), EngineError> {
        let path = match self {
            Self::File(path) => path,
            Self::Given { place, .. } => {
                return Err(EngineError::Invalid(format!(
                    "the key comes from {place}: write a new one there, as the first line (`openssl rand -hex 32`), \
                     and keep the old one as the second"
                )));
            }
            Self::Random => {
                return Err(EngineError::Invalid(
                    "a key for this run alone cannot be replaced".to_owned(),
                ));
            }
        };
        let _lock = lock(path)?;
        let mut text = random(path)?;
        text.push_str(&read(path)?);
        Ok(private_file::replace(path, text.as_bytes())?)
    }
}

/// Of several first starts one makes the file and the others read it.
fn load_or_make(path: &Path) -> Result<Zeroizing<String>, EngineError> {
    if let Some(dir) = path.parent() {
        private_file::ensure_dir(dir)?;
    }
    if !exists(path)? {
        let _lock = lock(path)?;
        if !exists(path)? {
            private_file::replace(path, random(path)?.as_bytes())?;
        }
    }
    Ok(read(path)?)
}

fn exists(path: &Path) -> Result<bool, PrivateFileError> {
    path.try_exists()
        .map_err(|error| PrivateFileError::io("look for", path, &error))
}

/// Held while a file of keys is made or replaced. Its own file stays: who removes a lock breaks it.
fn lock(path: &Path) -> Result<File, PrivateFileError> {
    let path = path.with_extension("lock");
    let file = private_file::open_append(&path)?;
    file.lock()
        .map_err(|error| PrivateFileError::io("lock", &path, &error))?;
    Ok(file)
}

fn read(path: &Path) -> Result<Zeroizing<String>, PrivateFileError> {
    let file = private_file::open_read(path)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * check::MAX_BYTES));
    file.take(MAX_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| PrivateFileError::io("read", path, &error))?;
    Ok(text)
}

/// A new key as a line.
fn random(path: &Path) -> Result<Zeroizing<String>, PrivateFileError> {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut())
        .map_err(|error| PrivateFileError::refused("make a key for", path, error.to_string()))?;
    let mut line = Zeroizing::new(String::with_capacity(2 * RANDOM_BYTES + 1));
    for byte in bytes.iter() {
        for digit in [byte >> 4, byte & 15] {
            line.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    line.push('\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::{KeySources, Keys};
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef-one";
    const TWO: &str = "0123456789abcdef0123456789abcdef-two";

    fn given(text: &str) -> KeySource {
        KeySource::Given {
            text: SecretString::from(text.to_owned()),
            place: "THE_PLACE".to_owned(),
        }
    }

    fn loaded(source: &KeySource) -> Result<KeyRing, EngineError> {
        load(Purpose::Token, source, &Secrets::new())
    }

    #[test]
    fn a_missing_file_is_made_once_and_stays_closed() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys/token.key");
        let source = KeySource::File(path.clone());
        let first = loaded(&source).unwrap().current().id();
        assert_eq!(loaded(&source).unwrap().current().id(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn many_first_starts_agree_on_one_key() {
        let home = tempfile::tempdir().unwrap();
        let source = KeySource::File(home.path().join("keys/token.key"));
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let source = source.clone();
                std::thread::spawn(move || loaded(&source).unwrap().current().id())
            })
            .collect();
        let ids: std::collections::BTreeSet<_> = starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect();
        assert_eq!(ids.len(), 1);
    }

    #[test]
    fn rotation_keeps_the_old_key_behind_the_new_one() {
        let home = tempfile::tempdir().unwrap();
        let source = KeySource::File(home.path().join("keys/audit.key"));
        let old = loaded(&source).unwrap().current().id();
        source.rotate().unwrap();
        let ring = loaded(&source).unwrap();
        assert_ne!(ring.current().id(), old);
        assert!(ring.find(old).is_some());
        let refused = given(ONE).rotate().unwrap_err().to_string();
        assert!(refused.contains("THE_PLACE"), "{refused}");
    }

    #[test]
    fn lines_are_the_key_in_use_and_older_ones() {
        let ring = loaded(&given(&format!("\n{TWO}\r\n{ONE}\n"))).unwrap();
        assert_eq!(
            ring.current().id(),
            loaded(&given(TWO)).unwrap().current().id()
        );
        assert!(
            ring.find(loaded(&given(ONE)).unwrap().current().id())
                .is_some()
        );
    }

    #[test]
    fn a_wrong_key_is_refused_with_its_place_and_not_repeated() {
        for text in ["", " \n", "short", &format!("{ONE}\nshort")] {
            let error = loaded(&given(text)).unwrap_err().to_string();
            assert!(error.contains("THE_PLACE"), "{error}");
            assert!(!error.contains("short") && !error.contains(ONE), "{error}");
        }
    }

    #[test]
    fn one_key_for_two_purposes_is_refused() {
        let sources = KeySources {
            token: given(ONE),
            audit: KeySource::Random,
            cache: given(&format!("{TWO}\n{ONE}")),
        };
        let error = Keys::load(&sources, &Secrets::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("a key of its own"), "{error}");
    }

    #[test]
    fn keys_are_masked_from_then_on() {
        let secrets = Secrets::new();
        load(Purpose::Token, &given(&format!("{ONE}\n{TWO}")), &secrets).unwrap();
        let masked = secrets.mask(&format!("{ONE} {TWO}")).into_owned();
        assert!(!masked.contains("0123"), "{masked}");
    }
}
