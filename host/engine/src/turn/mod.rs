//! One turn: what a person wrote goes through policy, cache, limits, audit and model, and comes back reviewed.
//!
//! The order is fixed and each step hands the next one what it needs, so that none can be left out:
//!
//! 1. The session still holds ([`Gate`](crate::auth::Gate)); `input`: length and characters.
//! 2. `history`: what of the conversation is sent, judged by the policies of today.
//! 3. `review`: the policies judge the prompt. Only their `Reviewed` can be sent on.
//! 4. `ask`: the cache, or one unit of the limit and the audit's `turn-begun`; then the stream.
//! 5. `answer`: every delta passes the output review before it is shown.
//! 6. `record`: the turn and the audit's `turn-ended` are stored whole, in one transaction.
//!
//! A turn keeps the plugin set it began with. What a front end sees of it are [`TurnEvent`]s, in order; what
//! it learns at the end is a [`Report`], or a [`TurnError`] when nothing was answered. Policy calls run on
//! the calling thread: they take microseconds, and the sandbox bounds them to a second at worst.

mod answer;
mod ask;
mod channel;
mod error;
mod history;
mod input;
mod record;
mod review;
mod trail;
mod usage;

use std::sync::Arc;

use jiff::Timestamp;
pub use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::contract::Message;
use mini_llm_chat_sandbox::{PluginSet, PolicyTurn};
use tokio_util::sync::CancellationToken;

use self::ask::Asked;
pub use self::error::{Refused, ServerFailure, TurnError};
pub use self::input::check;
use self::review::Reviewed;
use crate::auth::Operation;
use crate::crash;
use crate::engine::Engine;
use crate::ids::TurnId;
use crate::limit::Limit;
use crate::session::Session;
use crate::storage::Usage;

/// What a person wants to say.
#[derive(Clone, Debug)]
pub struct Request {
    /// As typed.
    pub prompt: String,
    /// Ask the model even when the cache has an answer.
    pub bypass_cache: bool,
    /// Wait for the limit's window to free a call, instead of failing with [`TurnError::Limited`].
    pub wait: bool,
}

/// What happens in a turn, as it happens.
#[derive(Debug)]
pub enum TurnEvent<'a> {
    /// Turns that waited for the database are stored now.
    Settled {
        /// At least 1.
        turns: u32,
    },
    /// The policies let the prompt pass. This text is what is stored and sent.
    Accepted {
        /// Already masked.
        prompt: &'a str,
        /// Kinds of what was masked in it; empty where nothing was.
        masked: &'a [String],
    },
    /// A limit is used up: so many seconds until a call frees. Comes again each second.
    Waiting {
        /// At least 1.
        seconds: u32,
        /// Which limit.
        limit: Limit,
    },
    /// A model did not answer, so another one is asked.
    Falling {
        /// Why, in words fit to be shown.
        reason: &'a str,
        /// The next model.
        to: &'a str,
    },
    /// The first delta follows.
    Answering {
        /// The answer comes from the cache.
        cached: bool,
    },
    /// A reviewed piece of the answer, never empty.
    Delta {
        /// What it is a piece of.
        channel: Channel,
        /// Foreign text: safe of secrets, not of control characters.
        text: &'a str,
    },
}

/// Whoever shows a turn. Must not wait: the answer streams while this runs.
pub trait Observer: Send {
    /// Called in order, from one task.
    fn observe(&mut self, event: TurnEvent<'_>);
}

/// Why an answer ended. Each but the first comes with what was shown until then.
#[derive(Debug)]
pub enum Ending {
    /// The model was done.
    Complete,
    /// The model's token limit was reached.
    Length,
    /// The server's content filter ended it.
    Filter,
    /// The server ended it with a word that nobody knows: it may stop anywhere.
    Unexplained,
    /// It is whole, and there is something to say about it, here in the host's words.
    Other(&'static str),
    /// A policy rule cut it, or a policy failed and closed.
    Cut(Refused),
    /// The person, or the end of the process, stopped it.
    Cancelled,
    /// The server or the connection failed after the answer began.
    Broken(ServerFailure),
}

/// Why a turn is not in storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// The answer has no text: there is nothing to keep.
    NoText,
    /// The database could not take it: it waits in the spool. In words fit to be shown.
    Waits(String),
    /// Storage failed, in words fit to be shown.
    Failed(String),
}

impl std::fmt::Display for Unsaved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoText => f.write_str("the answer has no text"),
            Self::Waits(reason) => write!(
                f,
                "{reason}; it waits beside the database and is stored when that is back, until then no new turn begins"
            ),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// An answered turn.
#[derive(Debug)]
pub struct Report {
    /// Names it in storage and audit.
    pub turn: TurnId,
    /// Why the answer ended.
    pub ending: Ending,
    /// It came from the cache.
    pub cached: bool,
    /// How many secrets were masked in the answer.
    pub masked: u32,
    /// The server cut the answer where a secret could have begun, so the last words were dropped unseen.
    pub withheld: bool,
    /// What it cost.
    pub usage: Usage,
    /// Why the turn is not stored, where it is not.
    pub unsaved: Option<Unsaved>,
}

/// Where a turn belongs.
pub(crate) enum Thread {
    /// The session's conversation: history from there, result to there.
    Conversation,
    /// A command's own exchange: nothing of it is stored.
    Loose(Vec<Message>),
}

/// What every step of one turn needs.
struct Context<'a> {
    engine: &'a Engine,
    session: &'a Session,
    /// The set that the turn began with.
    plugins: Arc<PluginSet>,
    cancel: &'a CancellationToken,
    id: TurnId,
    begun: Timestamp,
}

impl Engine {
    /// Runs one turn of the session's conversation.
    ///
    /// # Errors
    /// When there is no answer at all; nothing is stored then, and the same request can be made again.
    pub async fn turn(
        &self,
        session: &Session,
        request: Request,
        observer: &mut dyn Observer,
        cancel: &CancellationToken,
    ) -> Result<Report, TurnError> {
        self.turn_in(session, Thread::Conversation, request, observer, cancel)
            .await
    }

    /// As [`Engine::turn`], in any thread.
    pub(crate) async fn turn_in(
        &self,
        session: &Session,
        thread: Thread,
        request: Request,
        observer: &mut dyn Observer,
        cancel: &CancellationToken,
    ) -> Result<Report, TurnError> {
        self.gate.permit(session, Operation::Turn).await?;
        check(&request.prompt, self.config.message_limit)?;
        let turn = Context {
            engine: self,
            session,
            plugins: self.plugins(),
            cancel,
            id: TurnId::new(),
            begun: Timestamp::now(),
        };
        let prepared = self.prepared(&turn, &thread, request, observer);
        let (policy, reviewed, mut asked) = self
            .hurry
            .unless_it_presses(prepared)
            .await
            .unwrap_or(Err(TurnError::Cancelled))?;
        let call = asked.call.take();
        let answered = match answer::run(&turn, policy, asked, observer).await {
            Ok(answered) => answered,
            Err(error) => {
                let record = async {
                    // What was stopped before its first delta may have been billed: it stays reserved.
                    if !matches!(error, TurnError::Cancelled) {
                        turn.settle(call, 0).await;
                    }
                    turn.end_without_answer(&error).await;
                };
                self.hurry.unless_it_presses(record).await;
                return Err(error);
            }
        };
        crash::point("answered");
        let report = record::finish(&turn, &thread, reviewed, answered).await;
        let settled = turn.settle(call, report.usage.tokens());
        self.hurry.unless_it_presses(settled).await;
        Ok(report)
    }

    /// Up to the first word of the answer: nothing was shown yet.
    async fn prepared(
        &self,
        turn: &Context<'_>,
        thread: &Thread,
        request: Request,
        observer: &mut dyn Observer,
    ) -> Result<(PolicyTurn, Reviewed, Asked), TurnError> {
        // What was said before must be in the history, and in the trail, before what is said next.
        let turns = self.audit.settle().await?;
        if turns > 0 {
            observer.observe(TurnEvent::Settled { turns });
        }
        let mut policy = turn.begin_policy().await?;
        let system = policy.system_prompt().to_owned();
        let history = history::load(turn, thread, &system, &request.prompt).await?;
        let reviewed = review::prompt(turn, &mut policy, history, request.prompt).await?;
        observer.observe(TurnEvent::Accepted {
            prompt: &reviewed.prompt,
            masked: &reviewed.masked,
        });
        crash::point("accepted");
        let asked = ask::ask(
            turn,
            &reviewed,
            request.bypass_cache,
            request.wait,
            observer,
        )
        .await?;
        crash::point("asked");
        Ok((policy, reviewed, asked))
    }
}
