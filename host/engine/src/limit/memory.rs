//! The window in the process, for where there is no store to ask.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    Allowance, Held, Log, Quotas, RateLimiter, State, Take, Ticket, Window, allowances, answered,
    decide, seconds,
};
use crate::EngineError;
use crate::clock::Clock;
use crate::ids::UserId;
use crate::storage::Reserved;

/// Keeps the log of calls in the process: a restart forgets it.
#[derive(Debug)]
pub struct MemoryLimiter {
    window: Window,
    quotas: Quotas,
    clock: Clock,
    logs: Mutex<Logs>,
}

#[derive(Debug, Default)]
struct Logs {
    last_call: i64,
    of: HashMap<UserId, VecDeque<Call>>,
}

#[derive(Debug, Clone, Copy)]
struct Call {
    number: i64,
    at: i64,
    tokens: u64,
}

impl MemoryLimiter {
    /// [`Clock::monotonic`] is the clock to use: nobody can set it.
    #[must_use]
    pub fn new(window: Window, clock: Clock) -> Self {
        Self {
            window,
            quotas: Quotas::default(),
            clock,
            logs: Mutex::default(),
        }
    }

    /// With further limits.
    #[must_use]
    pub fn with(mut self, quotas: Quotas) -> Self {
        self.quotas = quotas;
        self
    }

    /// What the window holds for this user, oldest first.
    fn held(&self, logs: &Logs, user: UserId, now: i64) -> Vec<Held> {
        let mut held: Vec<Held> = logs
            .of
            .iter()
            .filter(|(of, _)| **of == user || self.quotas.is_overall())
            .flat_map(|(of, log)| {
                self.counted(log, now).map(move |call| Held {
                    at: call.at,
                    tokens: call.tokens,
                    own: *of == user,
                })
            })
            .collect();
        held.sort_by_key(|held| held.at);
        held
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls that the window counts. The log is sorted by time.
    fn counted<'a>(
        &self,
        log: &'a VecDeque<Call>,
        now: i64,
    ) -> impl ExactSizeIterator<Item = &'a Call> + use<'a> {
        let oldest = now.saturating_sub(self.window.milliseconds());
        log.range(log.partition_point(|call| call.at <= oldest)..)
    }

    /// Until there is one call more than now; none where all are free.
    fn wait(&self, log: &VecDeque<Call>, now: i64) -> Option<u32> {
        let mut counted = self.counted(log, now);
        let over = counted.len().saturating_sub(self.window.max_calls as usize);
        let leaving = counted.nth(over)?.at.min(now);
        let left = leaving
            .saturating_add(self.window.milliseconds())
            .saturating_sub(now);
        Some(seconds(u64::try_from(left).unwrap_or_default()))
    }

    fn used(&self, log: &VecDeque<Call>, now: i64) -> u32 {
        u32::try_from(self.counted(log, now).len()).unwrap_or(u32::MAX)
    }

    /// As in the database: drops what no window counts any more, and counts a call in the future as made now.
    fn forget(&self, log: &mut VecDeque<Call>, now: i64) {
        for call in log.iter_mut().filter(|call| call.at > now) {
            call.at = now;
        }
        let oldest = now.saturating_sub(self.window.kept_milliseconds());
        log.retain(|call| call.at > oldest);
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn reserve(&self, user: UserId, tokens: u64) -> Result<Take, EngineError> {
        let now = self.clock.now();
        let mut logs = self.logs();
        logs.of.entry(user).or_default();
        for (of, log) in &mut logs.of {
            if *of == user || self.quotas.is_overall() {
                self.forget(log, now);
            }
        }
        let holds = self.held(&logs, user, now);
        if let Some(in_the_way) = decide(&holds, self.window, self.quotas, tokens, now) {
            return Ok(answered(Reserved::Wait(in_the_way), Log::Own));
        }
        let number = logs.last_call + 1;
        logs.last_call = number;
        logs.of.entry(user).or_default().push_back(Call {
            number,
            at: now,
            tokens,
        });
        Ok(answered(Reserved::Granted { call: number }, Log::Own))
    }

    fn counts_tokens(&self) -> bool {
        self.quotas.are_set()
    }

    async fn settle(&self, user: UserId, ticket: Ticket, tokens: u64) -> Result<(), EngineError> {
        if let Some(log) = self.logs().of.get_mut(&user) {
            let settled = log.iter_mut().find(|call| call.number == ticket.call);
            settled.into_iter().for_each(|call| call.tokens = tokens);
        }
        Ok(())
    }

    async fn allowances(&self, user: UserId) -> Result<Vec<Allowance>, EngineError> {
        if !self.quotas.are_set() {
            return Ok(Vec::new());
        }
        let holds = self.held(&self.logs(), user, self.clock.now());
        Ok(allowances(&holds, self.window, self.quotas))
    }

    async fn state(&self, user: UserId) -> Result<State, EngineError> {
        let now = self.clock.now();
        let mut logs = self.logs();
        let log = logs.of.entry(user).or_default();
        let calls_left = self.window.max_calls.saturating_sub(self.used(log, now));
        Ok(State {
            window: self.window,
            calls_left,
            frees_in: self.wait(log, now),
        })
    }

    async fn give_back(&self, user: UserId, ticket: Ticket) -> Result<(), EngineError> {
        if let Some(log) = self.logs().of.get_mut(&user) {
            log.retain(|call| call.number != ticket.call);
        }
        Ok(())
    }
}
