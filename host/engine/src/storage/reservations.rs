//! The log of model calls with their tokens, for limits beside the calls of one user. [`crate::limit`] is what to use.

use async_trait::async_trait;

use crate::EngineError;
use crate::ids::UserId;
use crate::limit::{Held, InTheWay, Quotas, Window};

/// Answer to a wish for one call with tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// They are used.
    Granted {
        /// Names this use, to settle it or to give it back.
        call: i64,
    },
    /// Nothing was used.
    Wait(InTheWay),
}

/// The log of model calls with what each may use or used, exact between processes. `now` is in milliseconds since
/// 1970-01-01 UTC.
#[async_trait]
pub trait Reservations {
    /// Uses one call and reserves `tokens` for it, if every limit lets it pass. Many processes together never get more
    /// than the limits allow.
    async fn reserve_call(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        tokens: u64,
        now: i64,
    ) -> Result<Reserved, EngineError>;

    /// What the window holds for this user, oldest first; calls of others only where the quotas need them.
    async fn held_calls(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        now: i64,
    ) -> Result<Vec<Held>, EngineError>;

    /// What the call used in the place of what was reserved. One that has left the log is settled already.
    async fn settle_call(&self, user: UserId, call: i64, tokens: u64) -> Result<(), EngineError>;
}
