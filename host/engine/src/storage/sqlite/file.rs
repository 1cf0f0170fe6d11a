//! Looks at the file before SQLite does: who may open it, and whether it is a database at all.
//!
//! The checks come before the open and SQLite opens by name, so they hold only in a directory that nobody
//! else can write: that is the first thing to be checked.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::EngineError;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Makes what is missing (directory 0700, file 0600), refuses what is not ours alone, and returns the path
/// with every link in its directory resolved.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, EngineError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_directory(directory)?;
    let path = resolve(path, directory)?;
    if create(&path)? {
        return Ok(path);
    }
    check_existing(&path)?;
    Ok(path)
}

/// As [`prepare`], but makes nothing.
pub(super) fn existing(path: &Path) -> Result<PathBuf, EngineError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let path = resolve(path, directory)?;
    check_existing(&path)?;
    Ok(path)
}

fn resolve(path: &Path, directory: &Path) -> Result<PathBuf, EngineError> {
    let real = fs::canonicalize(directory).map_err(failed("open the directory", directory))?;
    guard::directory(&real)?;
    let name = path
        .file_name()
        .ok_or_else(|| refused(path, "that is not the name of a file"))?;
    Ok(real.join(name))
}

fn make_directory(directory: &Path) -> Result<(), EngineError> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    guard::private_directory(&mut builder);
    builder
        .create(directory)
        .map_err(failed("create the directory", directory))
}

/// True where the file is new. `create_new` follows no link and wins or loses against other processes.
fn create(path: &Path) -> Result<bool, EngineError> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(false);
    }
    for extra in companions(path) {
        if fs::symlink_metadata(&extra).is_ok() {
            return Err(refused(
                path,
                &format!(
                    "it is missing, but {} is there: put both back together or move that away",
                    extra.display()
                ),
            ));
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    guard::private_file(&mut options);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed("create the database", path)(error)),
    }
}

fn check_existing(path: &Path) -> Result<(), EngineError> {
    guard::file(path)?;
    for extra in companions(path) {
        if fs::symlink_metadata(&extra).is_ok() {
            guard::file(&extra)?;
        }
    }
    let mut head = Vec::with_capacity(MAGIC.len());
    File::open(path)
        .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut head))
        .map_err(failed("read the database", path))?;
    // An empty file is what a process leaves that ended between making it and filling it.
    if head.is_empty() || head == MAGIC {
        return Ok(());
    }
    Err(EngineError::StorageCorrupt {
        database: path.display().to_string(),
        reason:
            "it is not an SQLite database. Nothing was changed: move it away, or name another file"
                .to_owned(),
    })
}

/// The files that SQLite keeps beside the database.
fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn failed(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> EngineError {
    move |source| EngineError::StorageFile {
        action,
        path: path.to_owned(),
        source,
    }
}

fn refused(path: &Path, reason: &str) -> EngineError {
    EngineError::StorageRefused {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(unix)]
mod guard {
    use std::fs::{DirBuilder, Metadata, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};

    use super::{EngineError, Path, failed, fs, refused};

    pub(super) fn private_directory(builder: &mut DirBuilder) {
        builder.mode(0o700);
    }

    pub(super) fn private_file(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    pub(super) fn directory(path: &Path) -> Result<(), EngineError> {
        let meta = fs::symlink_metadata(path).map_err(failed("open the directory", path))?;
        owned(&meta, path)?;
        if meta.mode() & 0o022 != 0 {
            return Err(refused(
                path,
                "others can write in its directory: use `chmod go-w` on it, or another directory",
            ));
        }
        Ok(())
    }

    pub(super) fn file(path: &Path) -> Result<(), EngineError> {
        let meta = fs::symlink_metadata(path).map_err(failed("open the database", path))?;
        if meta.is_symlink() {
            return Err(refused(path, "it is a link: name the file itself"));
        }
        if !meta.is_file() {
            return Err(refused(path, "it is not a regular file"));
        }
        owned(&meta, path)?;
        if meta.mode() & 0o077 != 0 {
            return Err(refused(
                path,
                "others can open it: use `chmod 600` on it, and ask who read it until now",
            ));
        }
        if meta.nlink() > 1 {
            return Err(refused(
                path,
                "it has a second name (hard link): remove that",
            ));
        }
        Ok(())
    }

    fn owned(meta: &Metadata, path: &Path) -> Result<(), EngineError> {
        if meta.uid() == rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        Err(refused(
            path,
            "it belongs to another user: run as that user, or name another file",
        ))
    }
}

/// Elsewhere the profile directory's own access list protects its files; only the kind is checked.
#[cfg(not(unix))]
mod guard {
    use std::fs::{DirBuilder, OpenOptions};

    use super::{EngineError, Path, failed, fs, refused};

    pub(super) fn private_directory(_: &mut DirBuilder) {}

    pub(super) fn private_file(_: &mut OpenOptions) {}

    pub(super) fn directory(_: &Path) -> Result<(), EngineError> {
        Ok(())
    }

    pub(super) fn file(path: &Path) -> Result<(), EngineError> {
        let meta = fs::symlink_metadata(path).map_err(failed("open the database", path))?;
        if meta.is_file() {
            Ok(())
        } else {
            Err(refused(path, "it is a link or not a regular file"))
        }
    }
}
