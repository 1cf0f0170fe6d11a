//! Step 6: the turn is stored whole, the audit learns how it ended, and a whole answer is cached.

use super::answer::Answered;
use super::review::Reviewed;
use super::{Context, Ending, Report, Thread, Unsaved, usage};
use crate::cache::{Key, Space};
use crate::storage::{Finish, NewMessage, NewTurn, Usage};

/// Stores what was said. The answer has been shown already, so a failure here is part of the report.
pub(super) async fn finish(
    turn: &Context<'_>,
    thread: &Thread,
    reviewed: Reviewed,
    answered: Answered,
) -> Report {
    let usage = usage::of(turn, &reviewed, &answered).await;
    let finish = finish_of(&answered.ending);
    // The key is that of the model that was asked first.
    let as_asked = answered.model == turn.engine.config.model;
    if matches!(answered.ending, Ending::Complete)
        && as_asked
        && !answered.cached
        && !answered.text.is_empty()
    {
        turn.remember(answered.key, &answered.text).await;
    }
    let unsaved = match thread {
        Thread::Loose(_) => None,
        Thread::Conversation if answered.text.is_empty() => Some(Unsaved::NoText),
        Thread::Conversation => store(turn, reviewed, &answered, finish, usage).await,
    };
    turn.end(&answered, usage, unsaved.as_ref()).await;
    Report {
        turn: turn.id,
        ending: answered.ending,
        cached: answered.cached,
        masked: answered.masked,
        usage,
        unsaved,
    }
}

impl Context<'_> {
    async fn remember(&self, key: Key, answer: &str) {
        let (user, lifetime) = (self.session.user(), self.engine.config.answer_lifetime);
        let cache = &self.engine.cache;
        if let Err(error) = cache
            .put(
                user,
                &Space::Answers,
                key,
                answer.as_bytes().into(),
                lifetime,
            )
            .await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the answer was not cached"
            );
        }
    }
}

/// Returns why the turn could not be stored.
async fn store(
    turn: &Context<'_>,
    reviewed: Reviewed,
    answered: &Answered,
    finish: Finish,
    usage: Usage,
) -> Option<Unsaved> {
    let judged = |content: String| NewMessage {
        tokens: turn.engine.tokens.try_count(&content),
        content,
        judged_by: turn.judged_by(),
    };
    let stored = NewTurn {
        id: turn.id,
        conversation: turn.session.conversation(),
        prompt: judged(reviewed.prompt),
        answer: judged(answered.text.clone()),
        finish,
        model: answered.model.clone(),
        cached: answered.cached,
        usage,
        begun: turn.begun,
    };
    let error = turn
        .engine
        .store
        .append_turn(turn.session.user(), &stored)
        .await
        .err()?;
    tracing::error!(turn = %turn.id, error = &error as &dyn std::error::Error, "the turn was not stored");
    Some(Unsaved::Failed(turn.engine.shown(&error)))
}

fn finish_of(ending: &Ending) -> Finish {
    match ending {
        Ending::Complete | Ending::Other(_) => Finish::Stop,
        Ending::Length => Finish::Length,
        Ending::Filter => Finish::Filter,
        Ending::Cut(_) => Finish::Cut,
        Ending::Cancelled => Finish::Cancelled,
        Ending::Broken(_) => Finish::Broken,
    }
}
