//! Conversations of one user, of which one is current.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::EngineError;
use crate::ids::{ConversationId, UserId};

/// One conversation without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Stable.
    pub id: ConversationId,
    /// Empty until somebody names it; at most 200 characters.
    pub title: String,
    /// When it was begun.
    pub created: Timestamp,
    /// When its last turn was stored, or it was begun, renamed or resumed.
    pub updated: Timestamp,
    /// Stored messages.
    pub messages: u32,
    /// Tokens of all stored messages; an upper bound where `exact` is false.
    pub tokens: u64,
    /// Every stored message was counted.
    pub exact: bool,
}

/// Where a copy of a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// Everything.
    Whole,
    /// Up to and including the message with this sequence.
    UpTo(u64),
}

/// Conversations of one user.
///
/// # Errors
///
/// Every method with a [`ConversationId`] answers [`EngineError::NotFound`] where that conversation does
/// not exist or is another user's.
#[async_trait]
pub trait Conversations {
    /// The one that the chat goes on in, after a restart too; made empty when there is none.
    async fn current(&self, user: UserId) -> Result<Conversation, EngineError>;

    /// A new, empty conversation beside the current one, such as for a single question.
    async fn begin(&self, user: UserId) -> Result<Conversation, EngineError>;

    /// One conversation.
    async fn conversation(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<Conversation, EngineError>;

    /// Last used first, after the one that ended the previous page; at most [`super::MAX_PAGE`].
    async fn list(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError>;

    /// Those with a title or a message that has all words, each as the beginning of a word, without regard
    /// to case and accents; best first; at most [`super::MAX_PAGE`].
    async fn search(
        &self,
        user: UserId,
        words: &str,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError>;

    /// The chat goes on in this one.
    async fn resume(&self, user: UserId, id: ConversationId) -> Result<Conversation, EngineError>;

    /// Gives it a title of 1 to 200 characters; without control characters.
    async fn rename(
        &self,
        user: UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<(), EngineError>;

    /// Copies into a new conversation, which becomes the current one. A copy that would end inside a turn
    /// ends there: the copied prompt has no answer.
    async fn fork(
        &self,
        user: UserId,
        id: ConversationId,
        until: Fork,
    ) -> Result<Conversation, EngineError>;

    /// Removes it and all its messages. Where it was current there is none until the next
    /// [`Conversations::current`]. `expected` is how many messages the person was asked about.
    ///
    /// # Errors
    ///
    /// [`EngineError::Conflict`] when it has not so many any more.
    async fn delete(
        &self,
        user: UserId,
        id: ConversationId,
        expected: Option<u32>,
    ) -> Result<(), EngineError>;
}

/// More words than this narrow no search.
pub(super) const MAX_WORDS: usize = 32;
const MAX_TITLE_CHARACTERS: usize = 200;

pub(super) const MISSING: EngineError = EngineError::NotFound {
    what: "conversation",
};

/// It is there, and not as the person saw it.
pub(super) const CHANGED: EngineError = EngineError::Conflict(
    "a turn was stored or taken back in the meantime, nothing was deleted: look at it and try again",
);

/// The title as it is stored.
pub(super) fn checked_title(title: &str) -> Result<&str, EngineError> {
    let title = title.trim();
    let characters = title.chars().count();
    if characters == 0 || characters > MAX_TITLE_CHARACTERS {
        return Err(EngineError::Invalid(format!(
            "a title has 1 to {MAX_TITLE_CHARACTERS} characters, this one {characters}"
        )));
    }
    if title.chars().any(char::is_control) {
        return Err(EngineError::Invalid(
            "a title has no control characters".to_owned(),
        ));
    }
    Ok(title)
}
