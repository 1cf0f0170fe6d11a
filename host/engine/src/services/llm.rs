//! A command asks the model: a turn of its own, reviewed, limited and audited, of which nothing is stored.

use std::sync::Arc;

use async_trait::async_trait;
use mini_llm_chat_sandbox::PluginName;
use mini_llm_chat_sandbox::contract::{Delta, Failure, LlmError, Message};
use mini_llm_chat_sandbox::services::{Answer, Llm};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Desk;
use crate::auth::Operation;
use crate::turn::{Ending, Observer, Report, Request, Thread, TurnError, TurnEvent};

type Piece = Result<Delta, LlmError>;

#[async_trait]
impl Llm for Desk {
    async fn ask(
        &self,
        plugin: &PluginName,
        history: Vec<Message>,
        prompt: String,
    ) -> Result<Box<dyn Answer>, LlmError> {
        self.permit(Operation::Llm)
            .await
            .map_err(|denied| LlmError::Upstream(reason(denied)))?;
        // The answer's length bounds the queue; a slow command must not stall the connection.
        let (sender, pieces) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        let guard = cancel.clone().drop_guard();
        let (engine, session) = (Arc::clone(&self.engine), Arc::clone(&self.session));
        tracing::info!(%plugin, "a command asks the model");
        tokio::spawn(async move {
            let mut observer = Forward(sender.clone());
            let request = Request {
                prompt,
                bypass_cache: false,
                wait: false,
            };
            let thread = Thread::Loose(history);
            let turn = engine.turn_in(&session, thread, request, &mut observer, &cancel);
            if let Some(error) = failure(turn.await) {
                // A receiver that is gone has no use for the reason.
                sender.send(Err(error)).ok();
            }
        });
        Ok(Box::new(Pieces {
            pieces,
            _cancel: guard,
        }))
    }
}

/// The receiving side; dropping it cancels the turn.
struct Pieces {
    pieces: mpsc::UnboundedReceiver<Piece>,
    _cancel: DropGuard,
}

#[async_trait]
impl Answer for Pieces {
    async fn next(&mut self) -> Result<Option<Delta>, LlmError> {
        self.pieces.recv().await.transpose()
    }
}

struct Forward(mpsc::UnboundedSender<Piece>);

impl Observer for Forward {
    fn observe(&mut self, event: TurnEvent<'_>) {
        if let TurnEvent::Delta { channel, text } = event {
            let delta = Delta {
                channel,
                text: text.to_owned(),
            };
            self.0.send(Ok(delta)).ok();
        }
    }
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Denied(reason) | Failure::Invalid(reason) | Failure::Unavailable(reason) => reason,
        _ => "not permitted".to_owned(),
    }
}

fn failure(result: Result<Report, TurnError>) -> Option<LlmError> {
    match result {
        Ok(report) => match report.ending {
            Ending::Complete
            | Ending::Length
            | Ending::Filter
            | Ending::Unexplained
            | Ending::Other(_) => None,
            Ending::Cut(refused) => Some(LlmError::Denied(refused.to_string())),
            Ending::Cancelled => Some(LlmError::Cancelled),
            Ending::Broken(failure) => Some(LlmError::Upstream(failure.message)),
        },
        Err(error) => Some(match error {
            TurnError::Refused(refused) => LlmError::Denied(refused.to_string()),
            TurnError::Limited { seconds, .. } => LlmError::Limited(seconds),
            TurnError::TooLong { .. } => LlmError::TooLong,
            TurnError::Cancelled => LlmError::Cancelled,
            other => LlmError::Upstream(other.to_string()),
        }),
    }
}
