//! Who did what, when, under which rules: the audit trail.
//!
//! Events are typed, so that no text of a message can get into one by mistake. The few free texts (a
//! server's or a component's words) pass the redactors; a text that no redactor could judge is withheld, the
//! event is recorded all the same. For now the trail is a file; the chained table comes behind the same trait.

pub mod chain;
mod event;
mod file;
mod plugins;

use std::path::PathBuf;

pub use event::{
    AuditEvent, FreeText, Judgement, JudgementStatus, Outcome, PluginRef, RuleRef, TurnRef,
};
pub use file::FileTrail;

/// An event could not be recorded. A turn that could not be recorded is not sent to the model.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the audit trail {}: {reason}; make room or make it writable", path.display())]
pub struct AuditError {
    /// The trail.
    pub path: PathBuf,
    /// Why not.
    pub reason: String,
}

/// Where events go. Append only.
#[async_trait::async_trait]
pub trait AuditTrail: Send + Sync {
    /// Records an event. [`AuditEvent::TurnBegun`] is on the disk when this returns.
    ///
    /// # Errors
    /// When it could not be written.
    async fn record(&self, event: AuditEvent) -> Result<(), AuditError>;
}

/// Records an event that reports: one that cannot be written is an error in the log, and work goes on.
pub async fn note(trail: &dyn AuditTrail, event: AuditEvent) {
    if let Err(error) = trail.record(event).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "an event was not audited"
        );
    }
}
