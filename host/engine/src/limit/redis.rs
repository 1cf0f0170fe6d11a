//! The window in Redis, for processes that share no database, or that do not want to wait for one.

use std::fmt::Display;
use std::sync::Arc;

use async_trait::async_trait;
use redis::{Script, ScriptInvocation};

use super::{
    Allowance, InTheWay, Limit, Log, Quotas, RateLimiter, State, Take, Ticket, Window, answered,
    seconds,
};
use crate::EngineError;
use crate::clock::Clock;
use crate::ids::UserId;
use crate::shared::{Link, Trouble};
use crate::storage::Reserved;

/// Numbers in Lua are exact up to 2^53; no call uses that many tokens.
const MOST_TOKENS: u64 = 1 << 40;

/// Keeps the log of calls in Redis: exact among all processes that use it. One script decides, by the clock of the
/// server, so that no two processes see different times.
#[derive(Debug)]
pub struct RedisLimiter {
    link: Link,
    window: Window,
    quotas: Quotas,
    otherwise: Option<Arc<dyn RateLimiter>>,
    clock: Option<Clock>,
    take: Script,
    look: Script,
    reserve: Script,
    settle: Script,
}

impl RedisLimiter {
    /// `otherwise` decides while Redis has no answer; without it nothing is granted then.
    #[must_use]
    pub fn new(link: Link, window: Window, otherwise: Option<Arc<dyn RateLimiter>>) -> Self {
        Self {
            link,
            window,
            quotas: Quotas::default(),
            otherwise,
            clock: None,
            take: Script::new(include_str!("take.lua")),
            look: Script::new(include_str!("look.lua")),
            reserve: Script::new(include_str!("reserve.lua")),
            settle: Script::new(include_str!("settle.lua")),
        }
    }

    /// With further limits, which `otherwise` has too.
    #[must_use]
    pub fn with(mut self, quotas: Quotas) -> Self {
        self.quotas = quotas;
        self
    }

    /// The same by another clock than the server's.
    #[must_use]
    pub fn by_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The log of a user, or of all. What stands in the braces puts all keys of the limit into one slot of a cluster: a
    /// script takes no others together.
    fn log_key(of: impl Display) -> String {
        format!("mini-llm-chat:{{limit}}:{of}:log")
    }

    /// The user's log, and what belongs to all users.
    fn shared_keys(user: UserId) -> [String; 3] {
        let tokens = "mini-llm-chat:{limit}:all:tokens".to_owned();
        [Self::log_key(user), Self::log_key("all"), tokens]
    }

    /// Asks for a call with so many tokens; without tokens only looks.
    fn ask_all(&self, user: UserId, tokens: Option<u64>) -> ScriptInvocation<'_> {
        let mut question = self.reserve.prepare_invoke();
        for key in Self::shared_keys(user) {
            question.key(key);
        }
        let text = |number: Option<u64>| number.map(|most| most.to_string()).unwrap_or_default();
        for limit in Limit::ALL {
            question.arg(text(limit.most(self.window, self.quotas)));
        }
        question
            .arg(self.window.milliseconds())
            .arg(self.window.kept_milliseconds())
            .arg(self.now())
            .arg(text(tokens.map(|tokens| tokens.min(MOST_TOKENS))));
        question
    }

    async fn reserve_shared(&self, user: UserId, tokens: u64) -> Result<Take, Trouble> {
        let call = new_call()?;
        let mut question = self.ask_all(user, Some(tokens));
        question.arg(call);
        let (granted, wait, limit): (bool, i64, u32) = self.link.invoke(&question).await?;
        let reserved = if granted {
            Reserved::Granted { call }
        } else {
            Reserved::Wait(InTheWay {
                limit: Limit::numbered(limit),
                milliseconds: u64::try_from(wait).unwrap_or(1),
            })
        };
        Ok(answered(reserved, Log::Shared))
    }

    async fn allowances_shared(&self, user: UserId) -> Result<Vec<Allowance>, Trouble> {
        let question = self.ask_all(user, None);
        let used: (u64, u64, u64) = self.link.invoke(&question).await?;
        let beside = [Limit::Tokens, Limit::OverallCalls, Limit::OverallTokens];
        let used = beside.into_iter().zip([used.0, used.1, used.2]);
        let set = used.filter_map(|(limit, used)| {
            let most = limit.most(self.window, self.quotas)?;
            Some(Allowance { limit, used, most })
        });
        Ok(set.collect())
    }

    /// What the call used, or that it was not made. What cannot be told counts as reserved: a limit errs to the strict side.
    async fn end_shared(&self, user: UserId, call: i64, tokens: Option<u64>) {
        let mut question = self.settle.prepare_invoke();
        for key in Self::shared_keys(user) {
            question.key(key);
        }
        let tokens = tokens.map(|tokens| tokens.min(MOST_TOKENS).to_string());
        question.arg(call).arg(tokens.unwrap_or_default());
        if let Err(why) = self.link.invoke::<i64>(&question).await {
            tracing::warn!(reason = %why, "a call of the shared limit was not settled");
        }
    }

    /// Milliseconds of the other clock; empty for the server's.
    fn now(&self) -> String {
        let now = self.clock.as_ref().map(|clock| clock.now().to_string());
        now.unwrap_or_default()
    }

    async fn take_shared(&self, user: UserId) -> Result<Take, Trouble> {
        let call = new_call()?;
        let mut question = self.take.prepare_invoke();
        question
            .key(Self::log_key(user))
            .arg(self.window.max_calls)
            .arg(self.window.milliseconds())
            .arg(self.window.kept_milliseconds())
            .arg(self.now())
            .arg(call);
        let (granted, wait): (bool, i64) = self.link.invoke(&question).await?;
        Ok(if granted {
            Take::Granted(Ticket {
                call,
                log: Log::Shared,
            })
        } else {
            let seconds = seconds(u64::try_from(wait).unwrap_or_default());
            Take::Wait {
                seconds,
                limit: Limit::Calls,
            }
        })
    }

    async fn look_shared(&self, user: UserId) -> Result<State, Trouble> {
        let mut question = self.look.prepare_invoke();
        question.key(Self::log_key(user));
        if self.quotas.is_overall() {
            question.key(Self::log_key("all"));
        }
        question
            .arg(self.window.max_calls)
            .arg(self.window.milliseconds())
            .arg(self.now());
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

/// The name of a call in the logs: drawn, not counted, since a counter that Redis loses would give a name twice, and two
/// calls of one name count once. Nobody is asked where the operating system has no random numbers.
fn new_call() -> Result<i64, Trouble> {
    let drawn = getrandom::u64().map_err(|_| Trouble::Unreachable)?;
    Ok(i64::try_from(drawn >> 1).unwrap_or(i64::MAX))
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn reserve(&self, user: UserId, tokens: u64) -> Result<Take, EngineError> {
        let asked = if self.quotas.are_set() {
            self.reserve_shared(user, tokens).await
        } else {
            self.take_shared(user).await
        };
        match asked {
            Ok(take) => Ok(take),
            Err(why) => self.otherwise(why)?.reserve(user, tokens).await,
        }
    }

    fn counts_tokens(&self) -> bool {
        self.quotas.are_set()
    }

    async fn settle(&self, user: UserId, ticket: Ticket, tokens: u64) -> Result<(), EngineError> {
        match (ticket.log, &self.otherwise) {
            (Log::Own, Some(otherwise)) => otherwise.settle(user, ticket, tokens).await,
            (Log::Own, None) => Ok(()),
            (Log::Shared, _) => {
                self.end_shared(user, ticket.call, Some(tokens)).await;
                Ok(())
            }
        }
    }

    async fn allowances(&self, user: UserId) -> Result<Vec<Allowance>, EngineError> {
        if !self.quotas.are_set() {
            return Ok(Vec::new());
        }
        match self.allowances_shared(user).await {
            Ok(allowances) => Ok(allowances),
            Err(why) => self.otherwise(why)?.allowances(user).await,
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
            (Log::Shared, _) if self.quotas.are_set() => {
                self.end_shared(user, ticket.call, None).await;
                Ok(())
            }
            (Log::Shared, _) => {
                let mut command = redis::cmd("ZREM");
                command.arg(Self::log_key(user)).arg(ticket.call);
                // A call that cannot be given back counts: a limit errs to the strict side.
                if let Err(why) = self.link.query::<i64>(&command).await {
                    tracing::warn!(reason = %why, "a call of the shared limit was not given back");
                }
                Ok(())
            }
        }
    }
}
