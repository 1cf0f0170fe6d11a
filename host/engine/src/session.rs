//! Who is at a front end, and in which conversation.

use std::sync::{Mutex, PoisonError};

use mini_llm_chat_sandbox::contract::{Access, Caller};

use crate::ids::{ConversationId, UserId};

/// One person at one front end. Identity is fixed; the conversation moves with `clear`, `resume`, `fork`.
#[derive(Debug)]
pub struct Session {
    user: UserId,
    name: String,
    access: Access,
    conversation: Mutex<ConversationId>,
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
        }
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
