//! Maps compiled components from files that only this user can write: the one place with unsafe code.
//!
//! Loading machine code is trust: wasmtime checks that a file was made by the same version with the same
//! configuration, not that nobody changed it since. So a caller has to show a [`PrivateFile`], which states what
//! it has checked. Everything else of the project forbids `unsafe`.

use std::fs::File;
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

/// An open file whose content only this process's user can have written.
///
/// Whoever makes one states: the file is a regular one, it belongs to the effective user, nobody else can write
/// to it, and it was written whole by [`Component::serialize`] (written under another name, flushed, then renamed).
#[derive(Debug)]
pub struct PrivateFile {
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux names an open file by a path")
    )]
    file: File,
    path: PathBuf,
}

impl PrivateFile {
    /// States that all of the above was checked of `file`, which was opened at `path`.
    #[must_use]
    pub fn checked(file: File, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
        }
    }

    /// A path that names the file that was checked. On Linux that is the open file itself, whatever has
    /// happened to the directories above it since; elsewhere those have to be closed to others.
    fn path(&self) -> PathBuf {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd;
            let open = PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
            if open.exists() {
                return open;
            }
        }
        self.path.clone()
    }
}

/// Maps a compiled component: pages are read when they are first run, and shared between processes.
///
/// # Errors
/// When the file cannot be read, or was made by another version or configuration of wasmtime.
pub fn map(engine: &Engine, file: &PrivateFile) -> wasmtime::Result<Component> {
    #[allow(
        unsafe_code,
        reason = "wasmtime cannot verify machine code; the type of `file` states who could write it"
    )]
    // SAFETY: `deserialize_file` asks for unmodified output of wasmtime. `PrivateFile` states that only this
    // process's user could write the file and that it was written whole; the mapping is private and the cache
    // replaces files by renaming, never in place, so its content does not change while it is mapped.
    unsafe {
        Component::deserialize_file(engine, file.path())
    }
}
