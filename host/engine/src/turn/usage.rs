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

/// The most that a turn uses, to be reserved before it is known: what is sent, and the room that is left for the answer.
pub(super) async fn most(turn: &Context<'_>, reviewed: &Reviewed) -> u64 {
    let texts: Vec<String> = sent(reviewed).cloned().collect();
    let prompt: u64 = tokens(turn, texts)
        .await
        .into_iter()
        .map(|tokens| tokens + MESSAGE_TOKENS)
        .sum();
    let engine = turn.engine;
    let answer = engine
        .context
        .answer_tokens(engine.config.max_tokens.map(u64::from));
    prompt.saturating_add(answer)
}

/// Everything that goes to the model.
fn sent(reviewed: &Reviewed) -> impl Iterator<Item = &String> {
    let history = reviewed.history.iter().map(|message| &message.content);
    [&reviewed.system, &reviewed.prompt]
        .into_iter()
        .chain(history)
}

async fn tokens(turn: &Context<'_>, texts: Vec<String>) -> Vec<u64> {
    let counts = turn.engine.tokens.count_all(texts.clone()).await;
    let counted = texts.iter().zip(counts).map(|(text, counted)| {
        counted.map_or_else(|| bound(text), |counted| u64::from(counted.tokens))
    });
    counted.collect()
}

/// Counted in the model's encoding where it is known; what cannot be counted is bounded by its bytes.
async fn counted(turn: &Context<'_>, reviewed: &Reviewed, answered: &Answered) -> Usage {
    let mut texts = vec![answered.text.clone(), answered.reasoning.clone()];
    texts.extend(sent(reviewed).cloned());
    let mut tokens = tokens(turn, texts).await.into_iter();
    Usage {
        completion_tokens: tokens.by_ref().take(2).sum(),
        prompt_tokens: tokens.map(|tokens| tokens + MESSAGE_TOKENS).sum(),
        exact: false,
    }
}
