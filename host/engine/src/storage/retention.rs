//! How long conversations are kept.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::EngineError;
use crate::ids::UserId;

/// Removal of what is old. The audit trail holds no text and stays.
#[async_trait]
pub trait Retention {
    /// Removes conversations that were last used before that time, the oldest first: those of one user, or of
    /// all. At most [`super::MAX_PAGE`] at once, so that nobody waits for long; returns how many. Zero: there
    /// are no more. One that is used meanwhile stays.
    async fn prune(&self, user: Option<UserId>, before: Timestamp) -> Result<u32, EngineError>;
}
