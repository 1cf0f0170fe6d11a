//! Real servers for tests: [`Postgres`] and [`Redis`], each on a free port of 127.0.0.1 with its files in a
//! temporary directory.
//!
//! A server ends with the process that started it, also where that one is killed: a small shell beside the
//! server reads a pipe from the test and, at its end, stops the server and removes its files. So a server may
//! be a `static` that all tests of a binary share. A server that cannot be had is an error, never a skipped
//! test.

#![cfg(unix)]

mod error;
mod postgres;
mod process;
mod redis;

pub use error::ServerError;
pub use postgres::{Postgres, Stop};
pub use redis::Redis;
