//! From the engine's types to those of the contract.

use jiff::Timestamp;
use mini_llm_chat_sandbox::contract;

use crate::EngineError;
use crate::storage::{Author, Conversation, StoredMessage};

/// What a plugin and its user learn of an error of the engine.
///
/// Texts of a database stay inside: they may name paths and values that are not the plugin's to know.
pub(super) fn failure(error: EngineError) -> contract::Failure {
    match error {
        EngineError::NotFound { .. } => contract::Failure::NotFound,
        EngineError::Invalid(text) => contract::Failure::Invalid(text),
        EngineError::OverQuota(text) => contract::Failure::OverQuota(text),
        EngineError::Conflict(text) => contract::Failure::Invalid(text.to_owned()),
        EngineError::Denied(denied) => contract::Failure::Denied(denied.to_string()),
        ended @ EngineError::SessionEnded(_) => contract::Failure::Denied(ended.to_string()),
        other => {
            tracing::error!(
                error = &other as &dyn std::error::Error,
                "a command's storage call failed"
            );
            contract::Failure::Unavailable("storage failed, see the log".to_owned())
        }
    }
}

pub(super) fn conversation(stored: Conversation) -> contract::Conversation {
    contract::Conversation {
        id: stored.id.to_string(),
        title: stored.title,
        created: seconds(stored.created),
        updated: seconds(stored.updated),
        messages: stored.messages,
    }
}

pub(super) fn message(stored: StoredMessage) -> contract::StoredMessage {
    contract::StoredMessage {
        sequence: stored.sequence,
        author: match stored.author {
            Author::User => contract::Author::User,
            Author::Assistant => contract::Author::Assistant,
        },
        content: stored.content,
        created: seconds(stored.created),
        partial: stored.partial,
    }
}

/// Seconds since 1970; what lies before is 0.
pub(super) fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or(0)
}
