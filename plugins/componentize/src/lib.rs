//! Builds a workspace of plugin crates and makes WebAssembly components of them.
//!
//! One implementation for the built-in plugins (a build script), `cargo xtask plugins build` and the
//! tests. It needs cargo and the target `wasm32-unknown-unknown`, and no other tool: the component is
//! encoded in this process. No path of the machine ends in a component, and the same tree in the same
//! place gives the same bytes. In another place the bytes differ: cargo hashes the absolute path of a
//! path dependency outside of the workspace, such as the SDK, into symbol names.

mod build;
mod environment;
mod error;

pub use build::{Build, Built};
pub use error::BuildError;

use wit_component::ComponentEncoder;

/// Makes a component of a core module that `wit-bindgen` prepared.
///
/// # Errors
/// The module carries no description of its world, or does not export what it describes.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let encode = || {
        ComponentEncoder::default()
            .validate(true)
            .module(module)?
            .encode()
    };
    encode().map_err(|error| BuildError::Encode(format!("{error:#}")))
}
