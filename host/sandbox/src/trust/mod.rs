//! Who could have written a file: asked before code, settings or locks are taken from it.
//!
//! On Unix that is owner and mode, checked on the opened file where it is read, so that nothing can be exchanged
//! between the check and the use. Elsewhere access lists decide, which this host does not read: there the
//! directories of the user's own profile are trusted as the system set them up.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix::create;
#[cfg(unix)]
pub(crate) use unix::{check, check_path, open, private_directory, private_file};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
use other::create;
#[cfg(not(unix))]
pub(crate) use other::{check, check_path, open, private_directory, private_file};

/// Who may read a file that is written here. Nobody else may ever write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// This user.
    Owner,
    /// Everyone, as the process's file mode mask allows.
    Everyone,
}

/// Writes beside, flushes to the disk and renames: a file under its own name is always whole.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    static WRITES: AtomicU32 = AtomicU32::new(0);
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_file_name(format!(".{name}.{}.{number}", std::process::id()));
    let written = create(&beside, readers).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        let _best_effort = std::fs::remove_file(&beside);
    }
    written
}
