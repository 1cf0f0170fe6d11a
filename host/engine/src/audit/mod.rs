//! Who did what, when, under which rules: the audit trail.
//!
//! Events are typed, so that no text of a message can get into one by mistake. The few free texts (a
//! server's or a component's words) pass the redactors; a text that no redactor could judge is withheld, the
//! event is recorded all the same.
//!
//! [`DatabaseTrail`] keeps the trail in a table whose rows are tied to each other ([`chain`]), and [`prove`] tells
//! whether they still are. [`FileTrail`] is for what happens without a database.

pub mod chain;
mod checkpoints;
mod database;
mod event;
mod file;
mod plugins;
mod proof;
mod spool;

use std::path::PathBuf;

pub use checkpoints::Checkpoints;
pub use database::{DatabaseTrail, Parts};
pub use event::{
    AuditEvent, FreeText, Judgement, JudgementStatus, Outcome, PluginRef, RuleRef, TurnRef,
};
pub use file::FileTrail;
pub use proof::{Evidence, ExportHeader, LeftOut, Proof, ProofError, prove, prove_export};
pub use spool::{Spool, SpoolError};

use crate::EngineError;
use crate::hurry::Hurry;
use crate::ids::UserId;
use crate::storage::{NewTurn, Store};

/// An event could not be recorded. A turn that could not be recorded is not sent to the model.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The trail is a file.
    #[error("cannot write the audit trail {}: {reason}; make room or make it writable", path.display())]
    File {
        /// The trail.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The trail is in the database.
    #[error("cannot write the audit trail: {0}")]
    Database(#[source] EngineError),
}

/// What became of a turn that was to be stored.
#[derive(Debug)]
pub enum Kept {
    /// It is on the disk, and so is its end in the trail.
    Stored,
    /// It waits beside the database, which could not take it.
    Waits(EngineError),
    /// It is not kept.
    Lost(EngineError),
}

/// Where events go. Append only.
#[async_trait::async_trait]
pub trait AuditTrail: Send + Sync {
    /// Records an event. [`AuditEvent::TurnBegun`] is on the disk when this returns.
    ///
    /// # Errors
    /// When it could not be written.
    async fn record(&self, event: AuditEvent) -> Result<(), AuditError>;

    /// Records several events, in order.
    ///
    /// # Errors
    /// When one could not be written.
    async fn record_all(&self, events: Vec<AuditEvent>) -> Result<(), AuditError> {
        for event in events {
            self.record(event).await?;
        }
        Ok(())
    }

    /// Stores a turn together with its end, in one transaction where trail and store are one database.
    async fn end_turn(
        &self,
        store: &dyn Store,
        user: UserId,
        turn: NewTurn,
        ended: AuditEvent,
        hurry: &Hurry,
    ) -> Kept;

    /// Stores what waits for the database and returns how many turns that were.
    ///
    /// # Errors
    /// When the database cannot take them yet: then no turn is to begin.
    async fn settle(&self) -> Result<u32, EngineError> {
        Ok(0)
    }

    /// Goes through the whole trail, with what is `known` from outside and with what is found beside it.
    ///
    /// # Errors
    /// At the first thing that is not as it was written; [`ProofError::NoTrail`] where nothing could tell.
    async fn prove(&self, known: Evidence) -> Result<Proof, ProofError> {
        drop(known);
        Err(ProofError::NoTrail)
    }

    /// At the end of the process: signs where the trail ends.
    async fn close(&self) {}
}

/// Records an event that reports: one that cannot be written is an error in the log, and work goes on.
pub async fn note(trail: &dyn AuditTrail, event: AuditEvent) {
    report(trail.record(event).await);
}

/// Records several of them.
pub async fn note_all(trail: &dyn AuditTrail, events: Vec<AuditEvent>) {
    report(trail.record_all(events).await);
}

fn report(recorded: Result<(), AuditError>) {
    if let Err(error) = recorded {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "an event was not audited"
        );
    }
}
