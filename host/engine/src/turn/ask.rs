//! Step 4: an answer from the cache, or one unit of the limit, the audit's `turn-begun`, and the model.

use std::time::Duration;

use mini_llm_chat_sandbox::contract;

use super::review::Reviewed;
use super::{Context, Observer, TurnError, TurnEvent};
use crate::cache::{Fields, Key, Space};
use crate::crash;
use crate::limit::{Take, Ticket};
use crate::upstream::{Answer, ChatMessage, ChatRequest, Role, UpstreamError};

/// An answer that can be read.
pub(super) struct Asked {
    pub(super) source: Source,
    pub(super) key: Key,
    /// The model that answers.
    pub(super) model: String,
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
        });
    }
    let call = turn.take_call(wait, observer).await?;
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
            });
        }
        Err(UpstreamError::Cancelled) => TurnError::Cancelled,
        Err(error) => {
            // A server that was never reached has cost nothing.
            if matches!(error, UpstreamError::Unreachable { .. }) {
                turn.give_back(call).await;
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

    /// Takes one call from the window, waiting for it where that is wanted.
    async fn take_call(
        &self,
        wait: bool,
        observer: &mut dyn Observer,
    ) -> Result<Ticket, TurnError> {
        let mut told = false;
        loop {
            let seconds = match self.engine.limiter.take(self.session.user()).await? {
                Take::Granted(ticket) => return Ok(ticket),
                Take::Wait { seconds } => seconds,
            };
            if !std::mem::replace(&mut told, true) {
                self.note(self.rate_limited(seconds)).await;
            }
            if !wait {
                return Err(self.limited(seconds).await);
            }
            observer.observe(TurnEvent::Waiting { seconds });
            // Asked again each second, because another process may give a call back.
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(TurnError::Cancelled),
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn limited(&self, seconds: u32) -> TurnError {
        match self.engine.limiter.state(self.session.user()).await {
            Ok(state) => TurnError::Limited {
                seconds,
                max_calls: state.window.max_calls,
                window_seconds: state.window.seconds,
            },
            Err(error) => error.into(),
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
