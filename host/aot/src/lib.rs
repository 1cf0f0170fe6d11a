//! Maps compiled components from files that only this user can write: the one place with unsafe code.
//!
//! Loading machine code is trust: wasmtime checks that a file was made by the same version with the same
//! configuration, not that nobody changed it since. So a caller has to show a [`PrivateFile`], which states what
//! it has checked. Everything else of the project forbids `unsafe`.

use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::Component;

/// A file whose content only this process's user can have written.
///
/// Whoever makes one states: the file is a regular one, it and every directory on its path belong to the
/// effective user or to root, nobody else can write to them, and it was written whole by [`Component::serialize`]
/// (written under another name, flushed, then renamed).
#[derive(Clone, Copy, Debug)]
pub struct PrivateFile<'a>(&'a Path);

impl<'a> PrivateFile<'a> {
    /// States that all of the above was checked.
    #[must_use]
    pub const fn checked(path: &'a Path) -> Self {
        Self(path)
    }
}

/// Maps a compiled component: pages are read when they are first run, and shared between processes.
///
/// # Errors
/// When the file cannot be read, or was made by another version or configuration of wasmtime.
pub fn map(engine: &Engine, file: PrivateFile<'_>) -> wasmtime::Result<Component> {
    #[allow(
        unsafe_code,
        reason = "wasmtime cannot verify machine code; the type of `file` states who could write it"
    )]
    // SAFETY: `deserialize_file` asks for unmodified output of wasmtime. `PrivateFile` states that only this
    // process's user could write the file and that it was written whole; the mapping is private and the cache
    // replaces files by renaming, never in place, so its content does not change while it is mapped.
    unsafe {
        Component::deserialize_file(engine, file.0)
    }
}
