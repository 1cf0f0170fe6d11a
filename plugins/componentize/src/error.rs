//! What can go wrong, with the remedy.

use std::path::PathBuf;

/// Why plugins could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The compiler cannot build for WebAssembly.
    #[error(
        "the Rust target {target} is not installed. Install it with: rustup target add {target}"
    )]
    MissingTarget {
        /// The target's name.
        target: &'static str,
    },
    /// A program could not be started.
    #[error("cannot run {program}: {reason}. Is it on the PATH?")]
    Run {
        /// The program.
        program: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// cargo failed; it said why on standard error.
    #[error(
        "cargo could not build the plugins in {workspace} (its own message is above). If it says that the \
         lock file must be updated: cargo update --workspace --manifest-path {workspace}/Cargo.toml"
    )]
    Cargo {
        /// The workspace's directory.
        workspace: PathBuf,
    },
    /// A workspace without any crate of type `cdylib`.
    #[error(
        "no crate in {workspace} is a plugin; a plugin's Cargo.toml says [lib] crate-type = [\"cdylib\"]"
    )]
    NoPlugins {
        /// The workspace's directory.
        workspace: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The core module is not a plugin of this contract.
    #[error(
        "cannot make a component: {0}. Is the plugin exported with one of the SDK's export macros?"
    )]
    Encode(String),
}
