//! What the host offers to commands, one module a grant.
//!
//! The host acts for the caller that it holds itself: no function takes an identity. Sizes of arguments
//! and results are limited; docs/plugins.md has the table. Each module needs the grant of its name (with
//! `-` for `_`) from the operator.
//!
//! Off WebAssembly there is no host, and these functions panic: keep an author's logic apart from
//! them, behind a small trait or in functions that return text.

use crate::bindings::commands::mini_llm_chat;

/// The trail of security events, for callers with the role admin. Read only.
pub use mini_llm_chat::host::audit;
/// The caller's own account. Passwords never reach the plugin.
pub use mini_llm_chat::host::auth;
/// Values that may vanish at any time, apart by plugin and by user, and the caller's cached answers.
pub use mini_llm_chat::host::cache;
/// The caller's current conversation.
pub use mini_llm_chat::host::conversations;
/// All conversations of the caller.
pub use mini_llm_chat::host::conversations_all;
/// The model, asked for the caller, under the same policy, limits and audit as a turn.
pub use mini_llm_chat::host::llm;
/// The caller's screen.
pub use mini_llm_chat::host::output;
/// The plugin set, for callers with the role admin.
pub use mini_llm_chat::host::plugins;
/// The caller's window of model calls.
pub use mini_llm_chat::host::rate_limit;
/// Who is here, and in what state the chat is. Read only.
pub use mini_llm_chat::host::session;
/// A small store, kept apart by plugin and by user.
pub use mini_llm_chat::host::storage;
/// Accounts, for callers with the role admin.
pub use mini_llm_chat::host::users;
pub use mini_llm_chat::plugin::types::{Access, Author, Caller, Failure, Message};

impl Failure {
    /// The reason in words for the person who asked.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Denied(reason) => format!("not permitted: {reason}"),
            Self::NotFound => "not found".to_owned(),
            Self::Invalid(reason) => reason.clone(),
            Self::Unavailable(reason) => format!("not available: {reason}"),
            Self::OverQuota(reason) => format!("a limit is used up: {reason}"),
            Self::Cancelled => "cancelled".to_owned(),
        }
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.reason()
    }
}

impl From<llm::Error> for String {
    fn from(error: llm::Error) -> Self {
        match error {
            llm::Error::Denied(rule) => format!("refused by the rule {rule}"),
            llm::Error::Limited(seconds) => {
                format!("no model call is left; the next one frees in {seconds} s")
            }
            llm::Error::TooLong => "the text is too long for the model".to_owned(),
            llm::Error::Upstream(reason) => format!("the model server: {reason}"),
            llm::Error::Cancelled => "cancelled".to_owned(),
        }
    }
}
