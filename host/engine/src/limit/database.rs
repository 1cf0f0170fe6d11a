//! The window in the store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Allowance, Limit, Log, Quotas, RateLimiter, State, Take, Ticket, Window, allowances, answered,
    seconds,
};
use crate::EngineError;
use crate::clock::Clock;
use crate::ids::UserId;
use crate::storage::{Store, Taken};

/// Keeps the log of calls in a [`Store`]: exact over restarts and among the processes that share it.
#[derive(Debug)]
pub struct DatabaseLimiter {
    store: Arc<dyn Store>,
    window: Window,
    quotas: Quotas,
    clock: Clock,
}

impl DatabaseLimiter {
    /// `clock` has to be one that all processes share: [`Clock::wall`].
    pub fn new(store: Arc<dyn Store>, window: Window, clock: Clock) -> Self {
        Self {
            store,
            window,
            quotas: Quotas::default(),
            clock,
        }
    }

    /// With further limits.
    #[must_use]
    pub fn with(mut self, quotas: Quotas) -> Self {
        self.quotas = quotas;
        self
    }
}

#[async_trait]
impl RateLimiter for DatabaseLimiter {
    async fn reserve(&self, user: UserId, tokens: u64) -> Result<Take, EngineError> {
        if self.quotas.are_set() {
            let now = self.clock.now();
            let asked = self
                .store
                .reserve_call(user, self.window, self.quotas, tokens, now);
            return Ok(answered(asked.await?, Log::Own));
        }
        let taken = self
            .store
            .take_call(user, self.window, self.clock.now())
            .await?;
        Ok(match taken {
            Taken::Granted { call } => Take::Granted(Ticket {
                call,
                log: Log::Own,
            }),
            Taken::Wait { milliseconds } => Take::Wait {
                seconds: seconds(milliseconds),
                limit: Limit::Calls,
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

    fn counts_tokens(&self) -> bool {
        self.quotas.are_set()
    }

    async fn settle(&self, user: UserId, ticket: Ticket, tokens: u64) -> Result<(), EngineError> {
        self.store.settle_call(user, ticket.call, tokens).await
    }

    async fn allowances(&self, user: UserId) -> Result<Vec<Allowance>, EngineError> {
        if !self.quotas.are_set() {
            return Ok(Vec::new());
        }
        let (window, quotas, now) = (self.window, self.quotas, self.clock.now());
        let holds = self.store.held_calls(user, window, quotas, now).await?;
        Ok(allowances(&holds, window, quotas))
    }

    async fn give_back(&self, user: UserId, ticket: Ticket) -> Result<(), EngineError> {
        self.store.give_back_call(user, ticket.call).await
    }
}
