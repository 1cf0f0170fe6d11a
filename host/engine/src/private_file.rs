//! Files and directories that nobody else may read: the log, the audit file, keys.
//!
//! The mode is set when the file is made, not afterwards. Links are not followed at the last step of the
//! path, a FIFO or device is refused without waiting for its other end, and what belongs to somebody else is
//! not written to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file or directory cannot be made, or must not be used. It was not changed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {reason}", path.display())]
pub struct PrivateFileError {
    /// Such as `open`.
    pub action: &'static str,
    /// The file or directory.
    pub path: PathBuf,
    /// Why not, and the remedy where there is one.
    pub reason: String,
}

impl PrivateFileError {
    pub(crate) fn io(action: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::refused(action, path, error.to_string())
    }

    pub(crate) fn refused(action: &'static str, path: &Path, reason: impl Into<String>) -> Self {
        Self {
            action,
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The most of a secret's file that is read.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Makes the directory and those above it where they are missing, with mode 0700. One that exists must
/// belong to this user and be closed to others' writing.
///
/// # Errors
/// When it cannot be made, or is somebody else's.
pub fn ensure_dir(path: &Path) -> Result<(), PrivateFileError> {
    const ACTION: &str = "use the directory";
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| PrivateFileError::io("create the directory", path, &error))?;
    let metadata =
        fs::metadata(path).map_err(|error| PrivateFileError::io(ACTION, path, &error))?;
    unix::check_owner(&metadata, 0o022)
        .map_err(|reason| PrivateFileError::refused(ACTION, path, reason))
}

/// Opens a file for appending, made with mode 0600 where it is missing.
///
/// # Errors
/// When it cannot be opened, is a link, is no regular file, has a second name, or is somebody else's.
pub fn open_append(path: &Path) -> Result<File, PrivateFileError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    open(path, options)
}

/// Opens a file that exists for reading, under the same conditions.
///
/// # Errors
/// As for [`open_append`], and when it is missing.
pub fn open_read(path: &Path) -> Result<File, PrivateFileError> {
    let mut options = OpenOptions::new();
    options.read(true);
    open(path, options)
}

/// Makes the file, or replaces it whole: nobody ever reads a part of it. The directory must be this user's alone.
///
/// # Errors
/// When it cannot be written; what was there before stays.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), PrivateFileError> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let written = write_new(&draft, content).and_then(|()| {
        fs::rename(&draft, path).map_err(|error| PrivateFileError::io("make", path, &error))
    });
    if written.is_err() {
        fs::remove_file(&draft).ok();
    }
    written
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), PrivateFileError> {
    // What a process of the same number left when it was ended in the middle.
    fs::remove_file(path).ok();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = open(path, options)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(|error| PrivateFileError::io("write", path, &error))
}

/// The text of a file that exists, or none. One that others can open is refused and left as it is: they may have
/// read it.
///
/// # Errors
/// As for [`open_read`], and when others can open it.
pub fn read_closed(path: &Path) -> Result<Option<String>, PrivateFileError> {
    const ACTION: &str = "read";
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PrivateFileError::io(ACTION, path, &error)),
    };
    let refused = |reason: String| PrivateFileError::refused(ACTION, path, reason);
    unix::check_owner(&metadata, 0).map_err(refused)?;
    if !unix::is_closed(&metadata) {
        return Err(refused(
            "others can open it, and may have read it: remove it".to_owned(),
        ));
    }
    let mut text = String::new();
    let read = open_read(path)?
        .take(MAX_SECRET_BYTES)
        .read_to_string(&mut text);
    read.map_err(|error| PrivateFileError::io(ACTION, path, &error))?;
    Ok(Some(text))
}

fn open(path: &Path, mut options: OpenOptions) -> Result<File, PrivateFileError> {
    const ACTION: &str = "open";
    unix::private(&mut options);
    let file = options.open(path).map_err(|error| {
        let reason = if unix::is_link_error(&error) {
            "it is a link, and links are not followed: remove it".to_owned()
        } else {
            error.to_string()
        };
        PrivateFileError::refused(ACTION, path, reason)
    })?;
    let metadata = file
        .metadata()
        .map_err(|error| PrivateFileError::io(ACTION, path, &error))?;
    if !metadata.is_file() {
        return Err(PrivateFileError::refused(
            ACTION,
            path,
            "it is not a regular file: remove it",
        ));
    }
    unix::check_owner(&metadata, 0)
        .and_then(|()| unix::close_to_others(&file, &metadata))
        .map_err(|reason| PrivateFileError::refused(ACTION, path, reason))?;
    Ok(file)
}

/// Whether the path still names this very file.
pub(crate) fn is_still(path: &Path, file: &File) -> bool {
    match (fs::symlink_metadata(path), file.metadata()) {
        (Ok(named), Ok(open)) => unix::same_file(&named, &open),
        _ => false,
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, Metadata, OpenOptions, Permissions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};

    use rustix::fs::OFlags;

    pub(super) fn private(options: &mut OpenOptions) {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }

    pub(super) fn is_link_error(error: &io::Error) -> bool {
        error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
    }

    pub(super) fn check_owner(metadata: &Metadata, forbidden: u32) -> Result<(), String> {
        let me = rustix::process::geteuid().as_raw();
        if metadata.uid() != me {
            return Err(format!(
                "it belongs to user {}, not to user {me}: choose another place",
                metadata.uid()
            ));
        }
        if metadata.mode() & forbidden != 0 {
            return Err(format!(
                "others can write to it (mode {:o}): run chmod go-w on it",
                metadata.mode() & 0o7777
            ));
        }
        Ok(())
    }

    pub(super) fn is_closed(metadata: &Metadata) -> bool {
        metadata.is_symlink() || metadata.mode() & 0o077 == 0
    }

    pub(super) fn close_to_others(file: &File, metadata: &Metadata) -> Result<(), String> {
        if metadata.nlink() != 1 {
            return Err("it has a second name (hard link): remove it".to_owned());
        }
        if metadata.mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    pub(super) fn same_file(a: &Metadata, b: &Metadata) -> bool {
        (a.dev(), a.ino()) == (b.dev(), b.ino())
    }
}

#[cfg(not(unix))]
mod unix {
    //! The user's profile directory is closed to others by its access list already.
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;

    pub(super) fn private(_: &mut OpenOptions) {}

    pub(super) fn is_link_error(_: &io::Error) -> bool {
        false
    }

    pub(super) fn check_owner(_: &Metadata, _: u32) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn is_closed(_: &Metadata) -> bool {
        true
    }

    pub(super) fn close_to_others(_: &File, _: &Metadata) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn same_file(_: &Metadata, _: &Metadata) -> bool {
        true
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_new_file_is_closed_to_others_and_its_directory_too() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        ensure_dir(&inner).unwrap();
        let path = inner.join("file");
        open_append(&path).unwrap();
        assert_eq!(
            fs::metadata(&inner).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_link_is_refused_and_its_target_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        symlink(&target, &link).unwrap();
        assert!(
            open_append(&link)
                .unwrap_err()
                .to_string()
                .contains("is a link")
        );
        assert!(!target.exists());
    }

    #[test]
    fn a_second_name_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("first"), dir.path().join("second"));
        open_append(&first).unwrap();
        fs::hard_link(&first, &second).unwrap();
        assert!(
            open_append(&second)
                .unwrap_err()
                .to_string()
                .contains("second name")
        );
    }

    #[test]
    fn a_fifo_is_refused_without_waiting_for_a_reader() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        open_append(&path).unwrap_err();
    }

    #[test]
    fn a_directory_that_others_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(
            ensure_dir(dir.path())
                .unwrap_err()
                .to_string()
                .contains("chmod go-w")
        );
    }
}
