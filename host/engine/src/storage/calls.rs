//! The log of model calls that the sliding window counts. [`crate::limit`] is what to use.

use async_trait::async_trait;

use crate::EngineError;
use crate::ids::UserId;
use crate::limit::Window;

/// Answer to a wish for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is used.
    Granted {
        /// Names this use, to give it back.
        call: i64,
    },
    /// Nothing was used.
    Wait {
        /// Milliseconds until a call frees; at least 1.
        milliseconds: u64,
    },
}

/// What the window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowState {
    /// Calls that may be made now.
    pub remaining: u32,
    /// Milliseconds until there is one more; none where all are free.
    pub next_frees: Option<u64>,
}

impl WindowState {
    /// From what a database counted: calls in the window, and when the one was made after which there is one
    /// more than now.
    pub(super) fn counted(window: Window, now: i64, used: i64, frees: Option<i64>) -> Self {
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        let wait = |at: i64| at.saturating_add(window.milliseconds()).saturating_sub(now);
        Self {
            remaining: window.max_calls.saturating_sub(used),
            next_frees: frees.map(|at| u64::try_from(wait(at)).unwrap_or(1).max(1)),
        }
    }
}

/// The log of model calls, exact over restarts and between processes. `now` is in milliseconds since
/// 1970-01-01 UTC.
#[async_trait]
pub trait Calls {
    /// Uses one call if the window has one left at `now`. Many processes together never get more than
    /// the window holds.
    async fn take_call(&self, user: UserId, window: Window, now: i64)
    -> Result<Taken, EngineError>;

    /// Looks without using.
    async fn calls(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<WindowState, EngineError>;

    /// Takes a use back: the call was not made.
    async fn give_back_call(&self, user: UserId, call: i64) -> Result<(), EngineError>;
}
