//! Step 6: the turn is stored whole, the audit learns how it ended, and a whole answer is cached.

use super::answer::Answered;
use super::review::Reviewed;
use super::{Context, Ending, Report, Thread, Unsaved, usage};
use crate::audit::{AuditEvent, Kept};
use crate::cache::{Key, Space};
use crate::crash;
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
    let ended = turn.ended(&answered, usage).await;
    crash::point("reviewed");
    let unsaved = match thread {
        Thread::Conversation if !answered.text.is_empty() => {
            store(turn, reviewed, &answered, finish, usage, ended).await
        }
        thread => {
            turn.note(ended).await;
            matches!(thread, Thread::Conversation).then_some(Unsaved::NoText)
        }
    };
    crash::point("stored");
    Report {
        turn: turn.id,
        ending: answered.ending,
        cached: answered.cached,
        masked: answered.masked,
        withheld: answered.withheld,
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
    ended: AuditEvent,
) -> Option<Unsaved> {
    let judged = |content: String| NewMessage {
        tokens: turn.engine.tokens.try_count(&content),
        content,
        judged_by: turn.judged_by(),
    };
    let new = NewTurn {
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
    let recall = reviewed.recall.map(|mut recall| {
        recall.add(&new);
        recall
    });
    let (engine, user) = (turn.engine, turn.session.user());
    let (error, waits) = match engine
        .audit
        .end_turn(&*engine.store, user, new, ended, &engine.hurry)
        .await
    {
        Kept::Stored => {
            if let Some(recall) = recall {
                turn.session.keep_recall(recall);
            }
            return None;
        }
        Kept::Waits(error) => (error, true),
        Kept::Lost(error) => (error, false),
    };
    tracing::error!(turn = %turn.id, waits, error = &error as &dyn std::error::Error, "the turn was not stored");
    let reason = engine.shown(&error);
    Some(if waits {
        Unsaved::Waits(reason)
    } else {
        Unsaved::Failed(reason)
    })
}

fn finish_of(ending: &Ending) -> Finish {
    match ending {
        Ending::Complete | Ending::Other(_) => Finish::Stop,
        Ending::Length => Finish::Length,
        Ending::Filter | Ending::Unexplained => Finish::Filter,
        Ending::Cut(_) => Finish::Cut,
        Ending::Cancelled => Finish::Cancelled,
        Ending::Broken(_) => Finish::Broken,
    }
}
