//! What several processes share through Redis: one connection that may come and go.
//!
//! Limits and cache ask through a [`Link`]. Redis is an accelerator and a meeting point, never the only place of
//! anything: whoever asks gets an answer within [`ANSWER_TIMEOUT`] or learns that there is none, and has another way.
//! After the first question without an answer nobody asks again until the link has found Redis alive in the
//! background, so a Redis that hangs costs one turn one timeout, and later turns nothing.

mod address;
mod bounded;
mod connection;
mod link;
mod trouble;

pub use address::{Address, AddressError};
pub use link::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, Link};
pub use trouble::Trouble;
