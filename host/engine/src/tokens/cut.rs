//! The part of a conversation that is sent: whole turns, newest first, until the budget is used.

use super::{Counter, Encoding, MESSAGE_TOKENS, bound};
use crate::EngineError;
use crate::storage::StoredMessage;

/// Room for history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// In tokens, [`MESSAGE_TOKENS`] for each message included.
    pub tokens: u64,
    /// In bytes of text: what the policy can review at once.
    pub bytes: u64,
}

/// What fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many messages, counted from the newest.
    pub kept: usize,
    /// What they take.
    pub tokens: u64,
    /// No bound is part of `tokens`.
    pub exact: bool,
    /// What ended it; none where all fit.
    pub ended_by: Option<Limit>,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Of the model.
    Tokens,
    /// Of the policy.
    Bytes,
}

/// How many of these messages (newest first) fit. A turn is kept whole or dropped with everything older.
/// A message that was counted in `encoding` takes what was counted; its bytes bound any other.
#[must_use]
pub fn cut_history(messages: &[StoredMessage], budget: Budget, encoding: Option<Encoding>) -> Cut {
    let mut cut = Cut {
        kept: 0,
        tokens: 0,
        exact: true,
        ended_by: None,
    };
    let mut bytes = 0_u64;
    for turn in messages.chunk_by(|a, b| a.turn == b.turn) {
        let counts: Vec<Option<u64>> = turn
            .iter()
            .map(|message| known(message, encoding))
            .collect();
        let tokens: u64 = turn
            .iter()
            .zip(&counts)
            .map(|(message, count)| {
                MESSAGE_TOKENS + count.unwrap_or_else(|| bound(&message.content))
            })
            .sum();
        bytes += turn
            .iter()
            .map(|message| message.content.len() as u64)
            .sum::<u64>();
        cut.ended_by = if bytes > budget.bytes {
            Some(Limit::Bytes)
        } else if cut.tokens + tokens > budget.tokens {
            Some(Limit::Tokens)
        } else {
            None
        };
        if cut.ended_by.is_some() {
            break;
        }

        cut.kept += turn.len();
        cut.tokens += tokens;
        cut.exact &= counts.iter().all(Option::is_some);
    }
    cut
}

/// Checks that a prompt fits into `available` tokens, and says what it takes. Counts only when the bound does
/// not fit.
///
/// # Errors
///
/// [`EngineError::MessageTooLong`] with both numbers.
pub async fn fit_prompt(
    prompt: &str,
    available: u64,
    counter: &Counter,
) -> Result<u64, EngineError> {
    let most = bound(prompt) + MESSAGE_TOKENS;
    if most <= available {
        return Ok(most);
    }
    let counted = counter
        .count_all(vec![prompt.to_owned()])
        .await
        .first()
        .copied()
        .flatten();
    let needed = counted.map_or(most, |tokens| u64::from(tokens.tokens) + MESSAGE_TOKENS);
    if needed <= available {
        Ok(needed)
    } else {
        Err(EngineError::MessageTooLong { needed, available })
    }
}

/// Tokens of a message in this encoding.
fn known(message: &StoredMessage, encoding: Option<Encoding>) -> Option<u64> {
    let counted = message
        .tokens
        .filter(|counted| Some(counted.encoding) == encoding)?;
    Some(u64::from(counted.tokens))
}

pub(super) async fn count_missing(messages: &mut [StoredMessage], counter: &Counter) {
    let Some(encoding) = counter.encoding() else {
        return;
    };

    let mut missing: Vec<&mut StoredMessage> = messages
        .iter_mut()
        .filter(|m| known(m, Some(encoding)).is_none())
        .collect();
    let texts = missing
        .iter()
        .map(|message| message.content.clone())
        .collect();
    for (message, tokens) in missing.iter_mut().zip(counter.count_all(texts).await) {
        message.tokens = tokens;
    }
}
