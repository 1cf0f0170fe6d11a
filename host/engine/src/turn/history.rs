//! Step 2: what of the conversation is sent with the prompt.
//!
//! As many whole turns as the model's context and the policies' input leave room for. A message that other
//! policies judged is judged again before it is sent: a masked text replaces the stored one, and a turn that
//! would be refused today stays in storage but is not sent.

use mini_llm_chat_sandbox::contract::{self, Channel, Message};
use mini_llm_chat_sandbox::limits::HISTORY_BYTES;
use mini_llm_chat_sandbox::{Decision, Fault, PolicyTurn};

use super::{Context, Refused, Thread, TurnError};
use crate::EngineError;
use crate::ids::PolicyDigest;
use crate::storage::{Author, NewMessage, StoredMessage};
use crate::tokens::{Budget, MESSAGE_TOKENS, Recall, bound, fit_prompt};

const DELETED: &str = "this conversation was deleted by another session: `/clear` begins a new one";

/// Messages that may be sent.
pub(super) struct History {
    /// Oldest first.
    pub(super) messages: Vec<Message>,
    /// What they were taken from, where it holds as long as the conversation does not change.
    pub(super) recall: Option<Recall>,
}

/// Finds what goes between the `system` text and `prompt`.
///
/// # Errors
/// When the prompt alone is too long for the model, or the conversation cannot be read.
pub(super) async fn load(
    turn: &Context<'_>,
    thread: &Thread,
    system: &str,
    prompt: &str,
) -> Result<History, TurnError> {
    let engine = turn.engine;
    let input = engine
        .context
        .input_tokens(engine.config.max_tokens.map(u64::from));
    let system = bound(system) + MESSAGE_TOKENS;
    let available = input.saturating_sub(system);
    let prompt_tokens = fit_prompt(prompt, available, &engine.tokens).await?;
    let budget = Budget {
        tokens: available - prompt_tokens,
        bytes: HISTORY_BYTES.saturating_sub(prompt.len()) as u64,
    };
    match thread {
        Thread::Loose(messages) => {
            fit_loose(messages, budget)?;
            let messages = loose(turn, messages).await?;
            let recall = None;
            Ok(History { messages, recall })
        }
        Thread::Conversation => stored(turn, budget).await,
    }
}

/// Reads the conversation only where it is not as the session remembers it.
async fn stored(turn: &Context<'_>, budget: Budget) -> Result<History, TurnError> {
    let (user, id) = (turn.session.user(), turn.session.conversation());
    let store = &*turn.engine.store;
    let last = match store.last_sequence(user, id).await {
        Err(EngineError::NotFound { .. }) => return Err(EngineError::Conflict(DELETED).into()),
        last => last?,
    };
    let recall = turn.session.take_recall();
    let mut recall = recall
        .filter(|recall| recall.holds(id, last))
        .unwrap_or_else(|| Recall::new(id, last));
    let cut = recall
        .history(store, user, budget, &turn.engine.tokens)
        .await?;
    let today = turn.judged_by();
    let as_judged = cut.messages.iter().all(|past| past.judged_by == today);
    let messages = judged(turn, cut.messages, &today).await?;
    let recall = as_judged.then_some(recall);
    Ok(History { messages, recall })
}

/// What a command brings along is refused, not cut: the command knows better what to leave out.
fn fit_loose(messages: &[Message], budget: Budget) -> Result<(), TurnError> {
    let needed: u64 = messages
        .iter()
        .map(|message| bound(&message.content) + MESSAGE_TOKENS)
        .sum();
    let available = budget.tokens.min(budget.bytes);
    if needed > available {
        return Err(EngineError::MessageTooLong { needed, available }.into());
    }
    Ok(())
}

/// What a command brings along has been judged by nobody: one refused part refuses the turn.
async fn loose(turn: &Context<'_>, messages: &[Message]) -> Result<Vec<Message>, TurnError> {
    let mut passed = Vec::with_capacity(messages.len());
    for exchange in messages.chunk_by(|_, next| next.author == contract::Author::Assistant) {
        match again(turn, exchange) {
            Ok(Ok(messages)) => passed.extend(messages),
            Ok(Err(refused)) => return Err(TurnError::Refused(refused)),
            Err(fault) => return Err(turn.closed_by(&fault).await),
        }
    }
    Ok(passed)
}

/// The messages that `today`'s policies let pass. `stored` has the newest first, what comes back the oldest.
async fn judged(
    turn: &Context<'_>,
    stored: &[StoredMessage],
    today: &PolicyDigest,
) -> Result<Vec<Message>, TurnError> {
    let mut messages = Vec::with_capacity(stored.len());
    for exchange in stored.chunk_by(|one, other| one.turn == other.turn).rev() {
        let said: Vec<Message> = exchange.iter().rev().map(plain).collect();
        if exchange.iter().all(|message| message.judged_by == *today) {
            messages.extend(said);
            continue;
        }
        let passed = match again(turn, &said) {
            Ok(passed) => passed,
            Err(fault) => return Err(turn.closed_by(&fault).await),
        };
        let Ok(passed) = passed else {
            // Half an exchange would say what was refused in other words.
            tracing::info!("a stored turn is not sent: the policy refuses it");
            continue;
        };
        for (stored, message) in exchange.iter().rev().zip(&passed) {
            keep(turn, stored, &message.content).await?;
        }
        messages.extend(passed);
    }
    Ok(messages)
}

fn plain(message: &StoredMessage) -> Message {
    let author = match message.author {
        Author::User => contract::Author::User,
        Author::Assistant => contract::Author::Assistant,
    };
    Message {
        author,
        content: message.content.clone(),
    }
}

/// One exchange as today's policies leave it, or which rule refuses a part of it.
fn again(turn: &Context<'_>, exchange: &[Message]) -> Result<Result<Vec<Message>, Refused>, Fault> {
    let mut policy = turn.new_policy()?;
    let mut passed = Vec::with_capacity(exchange.len());
    for message in exchange {
        let judged = match message.author {
            contract::Author::User => prompt_again(&mut policy, &message.content)?,
            contract::Author::Assistant => answer_again(&mut policy, &message.content)?,
        };
        match judged {
            Ok(content) => passed.push(Message {
                author: message.author,
                content,
            }),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    Ok(Ok(passed))
}

fn prompt_again(policy: &mut PolicyTurn, prompt: &str) -> Result<Result<String, Refused>, Fault> {
    Ok(match policy.review_prompt(&[], prompt)?.decision {
        Decision::Allow => Ok(prompt.to_owned()),
        Decision::Mask { text, .. } => Ok(text),
        Decision::Deny {
            plugin,
            rule,
            explanation,
        } => Err(Refused::Rule {
            plugin: plugin.to_string(),
            rule,
            explanation,
        }),
    })
}

fn answer_again(policy: &mut PolicyTurn, answer: &str) -> Result<Result<String, Refused>, Fault> {
    let mut review = policy.output(Channel::Answer)?;
    let shown = review.push(answer)?;
    if let Some(cut) = shown.cut {
        return Ok(Err(cut.into()));
    }
    let rest = review.end(true)?;
    Ok(match rest.cut {
        Some(cut) => Err(cut.into()),
        None => Ok(shown.text + &rest.text),
    })
}

/// Notes in storage what today's policies say of a message.
async fn keep(turn: &Context<'_>, message: &StoredMessage, text: &str) -> Result<(), TurnError> {
    let (user, id) = (turn.session.user(), turn.session.conversation());
    let by = turn.judged_by();
    let store = &turn.engine.store;
    if text == message.content {
        store
            .mark_judged(user, id, &[message.sequence], &by)
            .await?;
    } else {
        let new = NewMessage {
            content: text.to_owned(),
            tokens: None,
            judged_by: by,
        };
        store.replace_text(user, id, message.sequence, &new).await?;
    }
    Ok(())
}
