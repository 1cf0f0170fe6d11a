//! The host's log, for policies and commands. Every record passes the redactors before it is written.
//!
//! A message is at most 4 KiB; what is longer is cut. A redactor that calls these functions is
//! refused at admission. Off WebAssembly they do nothing.

use crate::bindings::commands::mini_llm_chat::host::log;
pub use log::Level;

/// Writes a record.
pub fn write(level: Level, message: &str) {
    if cfg!(target_arch = "wasm32") {
        log::write(level, message);
    }
}

/// For whoever searches for a mistake.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// What went as it should.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// What the operator should know.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}

/// What went wrong.
pub fn error(message: &str) {
    write(Level::Error, message);
}
