//! The window in Redis, for processes that share no database, or that do not want to wait for one.

use std::sync::Arc;

use async_trait::async_trait;
use redis::{Script, ScriptInvocation};

use super::{Log, RateLimiter, State, Take, Ticket, Window, seconds};
use crate::EngineError;
use crate::clock::Clock;
use crate::ids::UserId;
use crate::shared::{Link, Trouble};

/// Keeps the log of calls in Redis: exact among all processes that use it. One script decides, by the clock of the
/// server, so that no two processes see different times.
#[derive(Debug)]
pub struct RedisLimiter {
    link: Link,
    window: Window,
    otherwise: Option<Arc<dyn RateLimiter>>,
    clock: Option<Clock>,
    take: Script,
    look: Script,
}

impl RedisLimiter {
    /// `otherwise` decides while Redis has no answer; without it nothing is granted then.
    #[must_use]
    pub fn new(link: Link, window: Window, otherwise: Option<Arc<dyn RateLimiter>>) -> Self {
        Self {
            link,
            window,
            otherwise,
            clock: None,
            take: Script::new(include_str!("take.lua")),
            look: Script::new(include_str!("look.lua")),
        }
    }

    /// The same by another clock than the server's.
    #[must_use]
    pub fn by_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The log and the counter of a user. The braces keep both on one node of a cluster.
    fn keys(user: UserId) -> [String; 2] {
        ["log", "counter"].map(|what| format!("mini-llm-chat:limit:{{{user}}}:{what}"))
    }

    /// Milliseconds of the other clock; empty for the server's.
    fn now(&self) -> String {
        let now = self.clock.as_ref().map(|clock| clock.now().to_string());
        now.unwrap_or_default()
    }

    fn ask<'a>(&self, script: &'a Script, user: UserId) -> ScriptInvocation<'a> {
        let mut question = script.prepare_invoke();
        for key in Self::keys(user) {
            question.key(key);
        }
        question
            .arg(self.window.max_calls)
            .arg(self.window.milliseconds());
        question
    }

    async fn take_shared(&self, user: UserId) -> Result<Take, Trouble> {
        let mut question = self.ask(&self.take, user);
        question
            .arg(self.window.kept_milliseconds())
            .arg(self.now());
        let (granted, number, remaining): (bool, i64, u32) = self.link.invoke(&question).await?;
        Ok(if granted {
            Take::Granted(Ticket {
                call: number,
                remaining,
                log: Log::Shared,
            })
        } else {
            let seconds = seconds(u64::try_from(number).unwrap_or_default());
            Take::Wait { seconds }
        })
    }

    async fn look_shared(&self, user: UserId) -> Result<State, Trouble> {
        let mut question = self.ask(&self.look, user);
        question.arg(self.now());
        let (calls_left, frees_in): (u32, i64) = self.link.invoke(&question).await?;
        Ok(State {
            window: self.window,
            calls_left,
            frees_in: u64::try_from(frees_in).ok().map(seconds),
        })
    }

    /// Who decides instead.
    fn otherwise(&self, why: Trouble) -> Result<&dyn RateLimiter, EngineError> {
        self.otherwise
            .as_deref()
            .ok_or_else(|| EngineError::SharedUnavailable {
                server: self.link.address().to_string(),
                why,
            })
    }
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn take(&self, user: UserId) -> Result<Take, EngineError> {
        match self.take_shared(user).await {
            Ok(take) => Ok(take),
            Err(why) => self.otherwise(why)?.take(user).await,
        }
    }

    async fn state(&self, user: UserId) -> Result<State, EngineError> {
        match self.look_shared(user).await {
            Ok(state) => Ok(state),
            Err(why) => self.otherwise(why)?.state(user).await,
        }
    }

    async fn give_back(&self, user: UserId, ticket: Ticket) -> Result<(), EngineError> {
        match (ticket.log, &self.otherwise) {
            (Log::Own, Some(otherwise)) => otherwise.give_back(user, ticket).await,
            (Log::Own, None) => Ok(()),
            (Log::Shared, _) => {
                let [log, _] = Self::keys(user);
                let mut command = redis::cmd("ZREM");
                command.arg(log).arg(ticket.call);
                // A call that cannot be given back counts: a limit errs to the strict side.
                if let Err(why) = self.link.query::<i64>(&command).await {
                    tracing::warn!(reason = %why, "a call of the shared limit was not given back");
                }
                Ok(())
            }
        }
    }
}
