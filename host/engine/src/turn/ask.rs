//! Step 4: an answer from the cache, or one unit of the limit, the audit's `turn-begun`, and the model.

use std::time::Duration;

use mini_llm_chat_sandbox::contract;

use super::review::Reviewed;
use super::{Context, Observer, TurnError, TurnEvent, usage};
use crate::cache::{Fields, Key, Space};
use crate::crash;
use crate::limit::{Limit, Take, Ticket};
use crate::upstream::{Answer, ChatMessage, ChatRequest, Role, UpstreamError};

/// An answer that can be read.
pub(super) struct Asked {
    pub(super) source: Source,
    pub(super) key: Key,
    /// The model that answers.
    pub(super) model: String,
    /// The call, where one was used and what it used is to be told.
    pub(super) call: Option<Ticket>,
}

pub(super) enum Source {
    Cache(String),
    Stream(Box<Answer>),
}

/// Finds or requests the answer to what was reviewed.
///
/// # Errors
/// When the window is used up, the audit cannot be written, the server does not answer, or the person stops.
pub(super) async fn ask(
    turn: &Context<'_>,
    reviewed: &Reviewed,
    bypass_cache: bool,
    wait: bool,
    observer: &mut dyn Observer,
) -> Result<Asked, TurnError> {
    let mut request = turn.request(reviewed);
    let key = turn.key(&request);
    if !bypass_cache && let Some(text) = turn.cached(&key).await {
        turn.begin(reviewed, true).await?;
        return Ok(Asked {
            source: Source::Cache(text),
            key,
            model: request.model,
            call: None,
        });
    }
    let call = turn.take_call(reviewed, wait, observer).await?;
    crash::point("call-taken");
    if let Err(error) = turn.begin(reviewed, false).await {
        turn.give_back(call).await;
        return Err(error.into());
    }
    crash::point("begun");
    let error = match stream(turn, &mut request, observer).await {
        Ok(stream) => {
            return Ok(Asked {
                source: Source::Stream(Box::new(stream)),
                key,
                model: request.model,
                call: turn.engine.limiter.counts_tokens().then_some(call),
            });
        }
        Err(UpstreamError::Cancelled) => TurnError::Cancelled,
        Err(error) => {
            // A server that was never reached has cost nothing, one that refused no tokens.
            if matches!(error, UpstreamError::Unreachable { .. }) {
                turn.give_back(call).await;
            } else if turn.engine.limiter.counts_tokens() {
                turn.settle(Some(call), 0).await;
            }
            TurnError::Upstream(turn.engine.explain(&error))
        }
    };
    turn.end_without_answer(&error).await;
    Err(error)
}

/// Asks the model, and where it does not answer the next one, in order.
async fn stream(
    turn: &Context<'_>,
    request: &mut ChatRequest,
    observer: &mut dyn Observer,
) -> Result<Answer, UpstreamError> {
    let mut others = turn.engine.config.fallbacks.iter();
    loop {
        let stream = tokio::select! {
            biased;
            () = turn.cancel.cancelled() => Err(UpstreamError::Cancelled),
            stream = turn.engine.upstream.stream(request, turn.cancel.child_token()) => stream,
        };
        let error = match stream {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        let next = others.next().filter(|_| another_model_may_answer(&error));
        let Some(next) = next else { return Err(error) };
        tracing::warn!(from = request.model, to = next, reason = %error, "asking another model");
        observer.observe(TurnEvent::Falling {
            reason: &turn.engine.explain(&error).message,
            to: next,
        });
        request.model.clone_from(next);
    }
}

/// Whether the trouble is the model's. All models are at the same server, under the same account.
const fn another_model_may_answer(error: &UpstreamError) -> bool {
    matches!(
        error,
        UpstreamError::Failed { .. }
            | UpstreamError::Limited { .. }
            | UpstreamError::NotFound { .. }
            | UpstreamError::Stall { .. }
    )
}

impl Context<'_> {
    fn request(&self, reviewed: &Reviewed) -> ChatRequest {
        let message = |role, content: &str| ChatMessage {
            role,
            content: content.to_owned(),
        };
        let mut messages = Vec::with_capacity(reviewed.history.len() + 2);
        if !reviewed.system.is_empty() {
            messages.push(message(Role::System, &reviewed.system));
        }
        messages.extend(reviewed.history.iter().map(|past| match past.author {
            contract::Author::User => message(Role::User, &past.content),
            contract::Author::Assistant => message(Role::Assistant, &past.content),
        }));
        messages.push(message(Role::User, &reviewed.prompt));
        ChatRequest {
            model: self.engine.config.model.clone(),
            messages,
            temperature: self.engine.config.temperature,
            max_tokens: self.engine.config.max_tokens,
        }
    }

    async fn cached(&self, key: &Key) -> Option<String> {
        let bytes = self
            .engine
            .cache
            .get(self.session.user(), &Space::Answers, key)
            .await?;
        // Only whole answers are put there; what is not text is nobody's answer.
        String::from_utf8(bytes.to_vec()).ok()
    }

    /// Everything that shapes the answer, and who judges it.
    fn key(&self, request: &ChatRequest) -> Key {
        let mut fields = Fields::new("answer")
            .field("server", self.engine.upstream.base_url().to_string())
            .field("model", &request.model)
            .optional("temperature", request.temperature.map(f32::to_le_bytes))
            .optional("max-tokens", request.max_tokens.map(u32::to_le_bytes))
            .field("plugins", self.plugins.digest().as_bytes());
        for message in &request.messages {
            fields = fields.field(role_name(message.role), &message.content);
        }
        fields.finish()
    }

    /// Takes one call from the window, and reserves its tokens where they count, waiting for it where that is wanted.
    async fn take_call(
        &self,
        reviewed: &Reviewed,
        wait: bool,
        observer: &mut dyn Observer,
    ) -> Result<Ticket, TurnError> {
        let mut told = false;
        let tokens = if self.engine.limiter.counts_tokens() {
            usage::most(self, reviewed).await
        } else {
            0
        };
        let user = self.session.user();
        loop {
            let (seconds, limit) = match self.engine.limiter.reserve(user, tokens).await? {
                Take::Granted(ticket) => return Ok(ticket),
                Take::Wait { seconds, limit } => (seconds, limit),
            };
            if !std::mem::replace(&mut told, true) {
                self.note(self.rate_limited(seconds)).await;
            }
            if !wait {
                return Err(self.limited(seconds, limit).await);
            }
            observer.observe(TurnEvent::Waiting { seconds, limit });
            // Asked again each second, because another process may give a call back.
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(TurnError::Cancelled),
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn limited(&self, seconds: u32, limit: Limit) -> TurnError {
        let (limiter, user) = (&self.engine.limiter, self.session.user());
        let most = match limit {
            Limit::Calls => None,
            _ => limiter.allowances(user).await.ok(),
        };
        let most = most.and_then(|all| all.into_iter().find(|one| one.limit == limit));
        match limiter.state(user).await {
            Ok(state) => TurnError::Limited {
                seconds,
                limit,
                most: most.map_or(u64::from(state.window.max_calls), |one| one.most),
                window_seconds: state.window.seconds,
            },
            Err(error) => error.into(),
        }
    }

    /// Tells what a call used. What cannot be told stays reserved.
    pub(super) async fn settle(&self, call: Option<Ticket>, tokens: u64) {
        let Some(call) = call else { return };
        let user = self.session.user();
        if let Err(error) = self.engine.limiter.settle(user, call, tokens).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what a call used was not told to the limit"
            );
        }
    }

    async fn give_back(&self, ticket: Ticket) {
        let given = self
            .engine
            .limiter
            .give_back(self.session.user(), ticket)
            .await;
        if let Err(error) = given {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a call of the limit was not given back"
            );
        }
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}
