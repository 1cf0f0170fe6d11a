//! What happens when a plugin misbehaves: the call fails closed, and the next one works.
//!
//! The guests are in `tests/hostile`, one crate for each kind; what a Rust guest cannot do is written as
//! WebAssembly text in [`text`].
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

mod answers;
mod busy;
mod commands;
mod prompts;
mod redaction;
mod starting;
mod support;
mod text;
