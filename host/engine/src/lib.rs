//! One turn of chat and what it needs: storage, cache, limits, model client, tokens, audit, log pipeline.
//!
//! The engine is free of any front end: a terminal, a one-shot command and a gateway call the same
//! [`turn`]. It knows components only through the sandbox crate, and databases only behind
//! [`storage::Store`]. Each module is a small trait beside its real back ends.

pub mod audit;
pub mod auth;
pub mod cache;
pub mod clock;
pub mod command;
pub mod cost;
mod crash;
pub mod engine;
pub mod error;
mod faults;
pub mod hurry;
pub mod ids;
pub mod install_key;
pub mod keys;
pub mod limit;
pub mod log;
pub mod private_file;
mod reload;
pub mod secrets;
pub mod services;
pub mod session;
pub mod shared;
pub mod storage;
pub mod tokens;
pub mod turn;
pub mod upstream;

pub use error::EngineError;
