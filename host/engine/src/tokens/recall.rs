//! The end of a conversation, kept between turns, so that each turn need not read all of it again.

use super::cut::count_missing;
use super::{Budget, Counter, Limit, cut_history};
use crate::EngineError;
use crate::ids::{ConversationId, UserId};
use crate::storage::{MAX_PAGE, NewTurn, Store, StoredMessage};

/// What was read of a conversation, and what went on in it since. The database stays the judge:
/// [`Turns::last_sequence`](crate::storage::Turns::last_sequence) tells whether this is still what is stored.
#[derive(Debug)]
pub struct Recall {
    conversation: ConversationId,
    last_sequence: u64,
    /// Newest first.
    messages: Vec<StoredMessage>,
    /// They go back to the beginning.
    whole: bool,
}

/// History that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryCut<'a> {
    /// Whole turns, newest message first.
    pub messages: &'a [StoredMessage],
    /// What they take.
    pub tokens: u64,
    /// No bound is part of `tokens`.
    pub exact: bool,
    /// Older turns exist that were left out.
    pub shortened: bool,
}

impl Recall {
    /// Of a conversation that nothing was read of yet.
    #[must_use]
    pub fn new(conversation: ConversationId, last_sequence: u64) -> Self {
        Self {
            conversation,
            last_sequence,
            messages: Vec::new(),
            whole: false,
        }
    }

    /// Whether nothing has changed in that conversation, where this is its last sequence.
    #[must_use]
    pub fn holds(&self, conversation: ConversationId, last_sequence: u64) -> bool {
        (self.conversation, self.last_sequence) == (conversation, last_sequence)
    }

    /// As much of the conversation as fits. What is not here yet is read page by page; messages are counted only when
    /// the bound of what is there does not fit.
    ///
    /// # Errors
    ///
    /// Those of [`crate::storage::Turns::messages`].
    pub async fn history(
        &mut self,
        store: &dyn Store,
        user: UserId,
        budget: Budget,
        counter: &Counter,
    ) -> Result<HistoryCut<'_>, EngineError> {
        let cut = loop {
            let mut cut = cut_history(&self.messages, budget, counter.encoding());
            if cut.ended_by == Some(Limit::Tokens) {
                count_missing(&mut self.messages, counter).await;
                cut = cut_history(&self.messages, budget, counter.encoding());
            }
            // The last turn read may go on in the next page: only what follows it is sure to be whole.
            if self.whole || cut.ended_by.is_some() {
                break cut;
            }
            self.read(store, user).await?;
        };
        // A little more than fits stays: with the next prompt more may fit.
        let enough = cut.kept + MAX_PAGE as usize;
        self.whole &= self.messages.len() <= enough;
        self.messages.truncate(enough);
        Ok(HistoryCut {
            messages: &self.messages[..cut.kept],
            tokens: cut.tokens,
            exact: cut.exact,
            shortened: cut.ended_by.is_some(),
        })
    }

    async fn read(&mut self, store: &dyn Store, user: UserId) -> Result<(), EngineError> {
        let before = self.messages.last().map(|message| message.sequence);
        let page = store
            .messages(user, self.conversation, before, MAX_PAGE)
            .await?;
        self.whole = page.len() < MAX_PAGE as usize;
        self.messages.extend(page);
        Ok(())
    }

    /// That turn was stored at the end. Where another process stored one before it, this holds no more.
    pub fn add(&mut self, turn: &NewTurn) {
        let [prompt, answer] = turn.messages_after(self.last_sequence);
        self.last_sequence = answer.sequence;
        self.messages.splice(..0, [answer, prompt]);
    }
}
