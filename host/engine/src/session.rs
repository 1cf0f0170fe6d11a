//! Who is at a front end, and in which conversation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mini_llm_chat_sandbox::contract::{Access, Caller};

use crate::ids::{ConversationId, TokenId, UserId};
use crate::tokens::Recall;

/// How long a session without a token is believed before the database is asked again.
const CHECKED_FOR: Duration = Duration::from_secs(2);

/// One person at one front end. Identity is fixed; the conversation moves with `clear`, `resume`, `fork`.
#[derive(Debug)]
pub struct Session {
    user: UserId,
    name: String,
    access: Access,
    conversation: Mutex<ConversationId>,
    token: Option<TokenId>,
    checked: Mutex<Option<Instant>>,
    left: AtomicBool,
    recall: Mutex<Option<Recall>>,
}

impl Session {
    /// A session of `user`, who goes on in `conversation`.
    #[must_use]
    pub fn new(user: UserId, name: String, access: Access, conversation: ConversationId) -> Self {
        Self {
            user,
            name,
            access,
            conversation: Mutex::new(conversation),
            token: None,
            checked: Mutex::new(None),
            left: AtomicBool::new(false),
            recall: Mutex::new(None),
        }
    }

    /// The same, let in by a token.
    #[must_use]
    pub fn with_token(mut self, token: TokenId) -> Self {
        self.token = Some(token);
        self
    }

    /// The token that let it in; none in a store without accounts.
    #[must_use]
    pub fn token(&self) -> Option<TokenId> {
        self.token
    }

    /// Ends it: the person logged out, or must log in anew.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    /// Whether it ended by what the person did in it.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    /// Whether the database was asked so recently that it need not be asked again.
    pub(crate) fn is_fresh(&self) -> bool {
        let checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        checked.is_some_and(|at| at.elapsed() < CHECKED_FOR)
    }

    /// The database was asked now.
    pub(crate) fn was_checked(&self) {
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Who this is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The name to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What this user may do.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// The conversation that the next turn belongs to.
    #[must_use]
    pub fn conversation(&self) -> ConversationId {
        // The value is one id: a panic elsewhere cannot leave it half written.
        *self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next turn belongs to `conversation`.
    pub fn go_on_in(&self, conversation: ConversationId) {
        *self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = conversation;
    }

    /// What the last turn left here of the conversation. Whoever takes it may put it back with more.
    pub(crate) fn take_recall(&self) -> Option<Recall> {
        let mut recall = self.recall.lock().unwrap_or_else(PoisonError::into_inner);
        recall.take()
    }

    /// Keeps it for the next turn.
    pub(crate) fn keep_recall(&self, recall: Recall) {
        *self.recall.lock().unwrap_or_else(PoisonError::into_inner) = Some(recall);
    }

    /// What plugins are told of this session.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            user_id: self.user.to_string(),
            access: self.access,
            conversation: self.conversation().to_string(),
        }
    }
}
