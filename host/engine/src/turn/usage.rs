//! What a turn cost: as the server says, else as counted here, also for an answer that was cut or broke off.

use super::Context;
use super::answer::Answered;
use super::review::Reviewed;
use crate::storage::Usage;
use crate::tokens::{MESSAGE_TOKENS, bound};

/// The tokens of a turn. An answer from the cache cost none.
pub(super) async fn of(turn: &Context<'_>, reviewed: &Reviewed, answered: &Answered) -> Usage {
    match answered.usage {
        Some(usage) => Usage {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            exact: true,
        },
        None if answered.cached => Usage {
            prompt_tokens: 0,
            completion_tokens: 0,
            exact: true,
        },
        None => counted(turn, reviewed, answered).await,
    }
}

/// Counted in the model's encoding where it is known; what cannot be counted is bounded by its bytes.
async fn counted(turn: &Context<'_>, reviewed: &Reviewed, answered: &Answered) -> Usage {
    let history = reviewed.history.iter().map(|message| &message.content);
    let sent = [&reviewed.system, &reviewed.prompt]
        .into_iter()
        .chain(history);
    let mut texts = vec![answered.text.clone(), answered.reasoning.clone()];
    texts.extend(sent.cloned());
    let counts = turn.engine.tokens.count_all(texts.clone()).await;
    let mut tokens = texts.iter().zip(counts).map(|(text, counted)| {
        counted.map_or_else(|| bound(text), |counted| u64::from(counted.tokens))
    });
    Usage {
        completion_tokens: tokens.by_ref().take(2).sum(),
        prompt_tokens: tokens.map(|tokens| tokens + MESSAGE_TOKENS).sum(),
        exact: false,
    }
}
