//! Where redacted lines go.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::redacted::Redacted;
use crate::private_file::{self, PrivateFileError};

/// Takes redacted lines, on the writer thread.
pub trait Sink: Send {
    /// Writes one line.
    ///
    /// # Errors
    /// When it cannot be written. The log counts the line as lost and goes on.
    fn write(&mut self, line: &Redacted) -> io::Result<()>;
}

/// Standard error, for a process whose supervisor keeps the log.
#[derive(Debug)]
pub struct StandardError;

impl Sink for StandardError {
    fn write(&mut self, line: &Redacted) -> io::Result<()> {
        io::stderr().lock().write_all(line.as_str().as_bytes())
    }
}

/// A file of mode 0600 that is renamed to `NAME.1`, `NAME.2`… when it is full. Several processes may share
/// it: every line is one append.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    max_bytes: u64,
    generations: u32,
}

impl RotatingFile {
    /// Opens the file and makes its directory, closed to others. Full at `max_bytes`; beside the current
    /// file `generations` older ones are kept.
    ///
    /// # Errors
    /// When the directory or the file cannot be made, or is not this user's alone.
    pub fn open(path: &Path, max_bytes: u64, generations: u32) -> Result<Self, PrivateFileError> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            private_file::ensure_dir(dir)?;
        }
        let file = private_file::open_append(path)?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
            max_bytes,
            generations,
        })
    }

    fn generation(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }

    /// Starts a new file. Whatever fails, the old one goes on: a log that grows is better than none.
    fn rotate(&mut self) {
        // Only one of several processes renames; the others find the path to be another file already.
        let locked = self.file.try_lock().is_ok();
        if locked && private_file::is_still(&self.path, &self.file) {
            for number in (1..self.generations).rev() {
                let _ = fs::rename(self.generation(number), self.generation(number + 1));
            }
            let _ = if self.generations == 0 {
                fs::remove_file(&self.path)
            } else {
                fs::rename(&self.path, self.generation(1))
            };
        }
        if let Ok(file) = private_file::open_append(&self.path) {
            self.bytes = file.metadata().map_or(0, |metadata| metadata.len());
            self.file = file;
        }
    }
}

impl Sink for RotatingFile {
    fn write(&mut self, line: &Redacted) -> io::Result<()> {
        let length = line.as_str().len() as u64;
        if self.bytes > 0 && self.bytes + length > self.max_bytes {
            self.rotate();
        }
        self.file.write_all(line.as_str().as_bytes())?;
        self.bytes += length;
        Ok(())
    }
}
