//! Without owner and mode: what can be known of a file on any system.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use super::Readers;
use crate::error::{FileProblem, Problem};

pub(crate) fn check(_: &Path, _: &Metadata) -> Result<(), FileProblem> {
    Ok(())
}

pub(crate) fn check_path(_: &Path) -> Result<(), FileProblem> {
    Ok(())
}

/// Opens a regular file; a link is not followed.
pub(crate) fn open(path: &Path) -> Result<(File, Metadata), FileProblem> {
    let kind = std::fs::symlink_metadata(path)
        .map_err(unreadable)?
        .file_type();
    if !kind.is_file() {
        let what = if kind.is_dir() {
            "directory"
        } else if kind.is_symlink() {
            "link"
        } else {
            "device"
        };
        return Err(FileProblem::NotAFile(what));
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    Ok((file, metadata))
}

fn unreadable(error: io::Error) -> FileProblem {
    match error.kind() {
        io::ErrorKind::NotFound => FileProblem::Missing("file"),
        _ => FileProblem::Unreadable(error.to_string()),
    }
}

pub(crate) fn private_directory(dir: &Path) -> Result<(), Problem> {
    std::fs::create_dir_all(dir).map_err(|error| FileProblem::Unwritable(error.to_string()).into())
}

pub(crate) fn private_file(path: &Path) -> Result<Option<File>, Problem> {
    match open(path) {
        Ok((file, _)) => Ok(Some(file)),
        Err(FileProblem::Missing(_)) => Ok(None),
        Err(problem) => Err(problem.into()),
    }
}

pub(super) fn create(path: &Path, _: Readers) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
