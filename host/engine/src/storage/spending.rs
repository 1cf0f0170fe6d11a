//! What the turns of a conversation used, for their cost.

use async_trait::async_trait;

use crate::EngineError;
use crate::cost::Spent;
use crate::ids::{ConversationId, UserId};

/// What a conversation's turns used. A turn that was taken back has been paid for like any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// All turns, by model.
    pub all: Vec<Spent>,
    /// The last turn; none before the first.
    pub last: Option<Spent>,
}

impl Spending {
    /// From rows of which one may be the last turn.
    pub(super) fn of(rows: impl IntoIterator<Item = (bool, Spent)>) -> Self {
        let mut spending = Self::default();
        for (last, spent) in rows {
            if last {
                spending.last = Some(spent);
            } else {
                spending.all.push(spent);
            }
        }
        spending
    }
}

/// What conversations used.
#[async_trait]
pub trait Spendings {
    /// What the stored turns of a conversation used. Answers from the cache used nothing.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`] where the conversation does not exist or is another user's.
    async fn spending(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Spending, EngineError>;
}
