//! The window in the store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Log, RateLimiter, State, Take, Ticket, Window, seconds};
use crate::EngineError;
use crate::clock::Clock;
use crate::ids::UserId;
use crate::storage::{Store, Taken};

/// Keeps the log of calls in a [`Store`]: exact over restarts and among the processes that share it.
#[derive(Debug)]
pub struct DatabaseLimiter {
    store: Arc<dyn Store>,
    window: Window,
    clock: Clock,
}

impl DatabaseLimiter {
    /// `clock` has to be one that all processes share: [`Clock::wall`].
    pub fn new(store: Arc<dyn Store>, window: Window, clock: Clock) -> Self {
        Self {
            store,
            window,
            clock,
        }
    }
}

#[async_trait]
impl RateLimiter for DatabaseLimiter {
    async fn take(&self, user: UserId) -> Result<Take, EngineError> {
        let taken = self
            .store
            .take_call(user, self.window, self.clock.now())
            .await?;
        Ok(match taken {
            Taken::Granted { call, remaining } => Take::Granted(Ticket {
                call,
                remaining,
                log: Log::Own,
            }),
            Taken::Wait { milliseconds } => Take::Wait {
                seconds: seconds(milliseconds),
            },
        })
    }

    async fn state(&self, user: UserId) -> Result<State, EngineError> {
        let state = self
            .store
            .calls(user, self.window, self.clock.now())
            .await?;
        let frees_in = state.next_frees.map(seconds);
        Ok(State {
            window: self.window,
            calls_left: state.remaining,
            frees_in,
        })
    }

    async fn give_back(&self, user: UserId, ticket: Ticket) -> Result<(), EngineError> {
        self.store.give_back_call(user, ticket.call).await
    }
}
