//! What chat commands get of the engine, for one caller: the sandbox's service traits on top of
//! storage, cache, limits and turns. Each function begins with its row of the table of roles.
//!
//! The caller is the session that this was made for; nothing that a plugin says changes that. What a
//! caller's store does not hold is reported as `not-found`, whoever owns it. What destroys is confirmed by
//! a question that the engine writes.

mod accounts;
mod audit;
mod conversations;
mod convert;
mod llm;
mod operate;
mod session;
mod values;

pub use session::BARE_WORDS;

use std::sync::Arc;

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::Failure;
use mini_llm_chat_sandbox::services::{Output, Services};
use secrecy::SecretString;

use crate::auth::Operation;
use crate::engine::Engine;
use crate::session::Session;

/// A person's screen, as the engine needs it: what plugins may show, and questions of the host's own.
#[async_trait]
pub trait Console: Output {
    /// Asks yes or no in the host's name. Without a person to ask, the answer is no.
    async fn confirm_as_host(&self, question: &str) -> bool;

    /// Asks for something that is not shown while it is typed. Without a person to ask there is no answer.
    async fn secret_as_host(&self, question: &str) -> Option<SecretString>;
}

/// Commands see the engine through this, as one caller at one screen.
#[derive(Clone)]
pub(crate) struct Desk {
    engine: Arc<Engine>,
    session: Arc<Session>,
    console: Arc<dyn Console>,
}

impl Desk {
    /// Whether the caller's role allows it and the session still holds.
    async fn permit(&self, operation: Operation) -> Result<(), Failure> {
        let permitted = self.engine.gate.permit(&self.session, operation).await;
        permitted.map_err(convert::failure)
    }

    /// Goes on only if the person says yes.
    async fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.console.confirm_as_host(question).await {
            return Ok(());
        }
        Err(Failure::Cancelled)
    }
}

/// Bundles what commands that run for `session` at `console` may be granted.
#[must_use]
pub fn services(engine: Arc<Engine>, session: Arc<Session>, console: Arc<dyn Console>) -> Services {
    let desk = Arc::new(Desk {
        engine,
        session,
        console: Arc::clone(&console),
    });
    Services {
        output: console,
        session: desk.clone(),
        conversations: desk.clone(),
        conversations_all: desk.clone(),
        auth: desk.clone(),
        users: desk.clone(),
        audit: desk.clone(),
        plugins: desk.clone(),
        storage: desk.clone(),
        cache: desk.clone(),
        rate_limit: desk.clone(),
        llm: desk,
    }
}
