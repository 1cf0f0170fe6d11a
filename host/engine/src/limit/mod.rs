//! How many model calls a user may make: an exact sliding window.
//!
//! A log of calls, not a counter a period: at no moment were there more than [`Window::max_calls`] within
//! the last [`Window::seconds`]. [`DatabaseLimiter`] keeps the log in the store, so that neither a restart
//! nor a second process resets it; [`RedisLimiter`] keeps it in Redis, for processes on several machines;
//! [`MemoryLimiter`] keeps it in the process. All decide alike.

mod database;
mod memory;
mod quota;
mod redis;

pub use database::DatabaseLimiter;
pub use memory::MemoryLimiter;
pub use quota::{Allowance, Held, InTheWay, Limit, Quotas};
pub(crate) use quota::{allowances, decide};
pub use redis::RedisLimiter;

use async_trait::async_trait;

use crate::EngineError;
use crate::ids::UserId;
use crate::storage::Reserved;

const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// So many calls in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// At least 1.
    pub max_calls: u32,
    /// Seconds, at least 1.
    pub seconds: u32,
}

impl Window {
    /// Its length.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        i64::from(self.seconds) * 1000
    }

    /// How long a call stays in the log: longer than it counts, so that one start with a short window, or a
    /// clock that was wrong for a moment, erases nothing that is still to be counted.
    #[must_use]
    pub fn kept_milliseconds(self) -> i64 {
        self.milliseconds().max(DAY_MILLISECONDS)
    }
}

/// One call, used. Give it back when the call was not made.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a call was used: keep the ticket to give it back when the call is not made"]
pub struct Ticket {
    call: i64,
    log: Log,
}

/// Which log a call stands in: a limiter may have two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// The limiter's only one, or the one it falls back to.
    Own,
    /// The one in Redis.
    Shared,
}

/// Answer to a wish for one call.
#[derive(Debug, PartialEq, Eq)]
pub enum Take {
    /// It is used.
    Granted(Ticket),
    /// Nothing was used.
    Wait {
        /// Until a call frees, rounded up; at least 1.
        seconds: u32,
        /// The limit that keeps it waiting.
        limit: Limit,
    },
}

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The limit itself.
    pub window: Window,
    /// Calls that may be made now.
    pub calls_left: u32,
    /// Seconds until there is one more than now, rounded up; none where all are free.
    pub frees_in: Option<u32>,
}

/// A limit for every user alike.
///
/// # Errors
///
/// Those of the storage behind it. A limit that cannot be read grants nothing.
#[async_trait]
pub trait RateLimiter: std::fmt::Debug + Send + Sync {
    /// Uses one call, if one is left, without reserving tokens.
    async fn take(&self, user: UserId) -> Result<Take, EngineError> {
        self.reserve(user, 0).await
    }

    /// Uses one call that may use so many tokens, if every limit lets it pass.
    async fn reserve(&self, user: UserId, tokens: u64) -> Result<Take, EngineError>;

    /// Whether tokens count at all: otherwise there is nothing to reserve and nothing to settle.
    fn counts_tokens(&self) -> bool;

    /// The call has used so many tokens, in the place of what was reserved.
    async fn settle(&self, user: UserId, ticket: Ticket, tokens: u64) -> Result<(), EngineError>;

    /// What the limits beside the user's calls hold; empty where none is set.
    async fn allowances(&self, user: UserId) -> Result<Vec<Allowance>, EngineError>;

    /// Looks without using.
    async fn state(&self, user: UserId) -> Result<State, EngineError>;

    /// The call was not made: it does not count.
    async fn give_back(&self, user: UserId, ticket: Ticket) -> Result<(), EngineError>;
}

/// What to do with a call that every limit was asked for.
fn answered(reserved: Reserved, log: Log) -> Take {
    match reserved {
        Reserved::Granted { call } => Take::Granted(Ticket { call, log }),
        Reserved::Wait(InTheWay {
            limit,
            milliseconds,
        }) => Take::Wait {
            seconds: seconds(milliseconds),
            limit,
        },
    }
}

/// Whole seconds that cover so many milliseconds.
fn seconds(milliseconds: u64) -> u32 {
    u32::try_from(milliseconds.div_ceil(1000))
        .unwrap_or(u32::MAX)
        .max(1)
}
