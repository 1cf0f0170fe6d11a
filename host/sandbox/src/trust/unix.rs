//! Owner and mode.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::Readers;
use crate::error::{FileProblem, Problem};

const ROOT: u32 = 0;
const STICKY: u32 = 0o1000;
const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_OR_OTHERS: u32 = 0o077;

/// Whether only the effective user and root can have written this.
pub(crate) fn check(path: &Path, metadata: &Metadata) -> Result<(), FileProblem> {
    owned(path, metadata)?;
    closed(path, metadata, GROUP_OR_OTHERS_WRITE)
}

fn owned(path: &Path, metadata: &Metadata) -> Result<(), FileProblem> {
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() == ROOT || metadata.uid() == user {
        return Ok(());
    }
    Err(FileProblem::OwnedByOther {
        path: path.display().to_string(),
        owner: metadata.uid(),
        user,
    })
}

fn closed(path: &Path, metadata: &Metadata, bits: u32) -> Result<(), FileProblem> {
    let mode = metadata.mode() & 0o7777;
    if mode & bits == 0 {
        return Ok(());
    }
    Err(FileProblem::WritableByOthers {
        path: path.display().to_string(),
        mode,
    })
}

/// Whether everyone else is kept from exchanging what lies under this canonical path.
///
/// A directory above that everyone can write to is fine only with the sticky bit, as /tmp has it: then nobody
/// can rename what is another's. A group may write there (many systems set up home directories so); what a group
/// could put in the place of the directory is caught by the check of owner and mode on what is opened.
pub(crate) fn check_path(path: &Path) -> Result<(), FileProblem> {
    for above in path.ancestors().skip(1) {
        let Ok(metadata) = above.metadata() else {
            continue;
        };
        owned(above, &metadata)?;
        if metadata.mode() & STICKY == 0 {
            closed(above, &metadata, OTHERS_WRITE)?;
        }
    }
    Ok(())
}

/// Opens a regular file without following a link and without waiting, and says what else it is.
pub(crate) fn open(path: &Path) -> Result<(File, Metadata), FileProblem> {
    // Not even opened: opening a device or a FIFO can have an effect.
    regular(&std::fs::symlink_metadata(path).map_err(unreadable)?)?;
    let flags =
        rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    regular(&metadata)?;
    Ok((file, metadata))
}

fn regular(metadata: &Metadata) -> Result<(), FileProblem> {
    let kind = metadata.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "directory",
        () if kind.is_fifo() => "FIFO",
        () if kind.is_socket() => "socket",
        () if kind.is_symlink() => "link",
        () => "device",
    };
    Err(FileProblem::NotAFile(what))
}

fn unreadable(error: io::Error) -> FileProblem {
    match error.kind() {
        io::ErrorKind::NotFound => FileProblem::Missing("file"),
        _ => FileProblem::Unreadable(error.to_string()),
    }
}

/// Makes a directory for this user alone, or checks that the one that is there is so.
pub(crate) fn private_directory(dir: &Path) -> Result<(), Problem> {
    let unwritable = |error: io::Error| FileProblem::Unwritable(error.to_string());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(unwritable)?;
    let canonical = dir.canonicalize().map_err(unwritable)?;
    let metadata = canonical.metadata().map_err(unwritable)?;
    private(&canonical, &metadata)?;
    check_path(&canonical)?;
    rustix::fs::access(&canonical, rustix::fs::Access::WRITE_OK)
        .map_err(|error| unwritable(error.into()))?;
    Ok(())
}

/// The file, open, if it is there and this user alone could have written it.
pub(crate) fn private_file(path: &Path) -> Result<Option<File>, Problem> {
    match open(path) {
        Ok((file, metadata)) => private(path, &metadata)
            .map(|()| Some(file))
            .map_err(Problem::from),
        Err(FileProblem::Missing(_)) => Ok(None),
        Err(problem) => Err(problem.into()),
    }
}

fn private(path: &Path, metadata: &Metadata) -> Result<(), FileProblem> {
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(FileProblem::OwnedByOther {
            path: path.display().to_string(),
            owner: metadata.uid(),
            user,
        });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & GROUP_OR_OTHERS != 0 {
        return Err(FileProblem::NotPrivate {
            path: path.display().to_string(),
            mode,
        });
    }
    Ok(())
}

/// A new file; one that is there is never opened, so no link is followed.
pub(super) fn create(path: &Path, readers: Readers) -> io::Result<File> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everyone => 0o644,
    };
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
}
