//! The audit trail in the database: sealed rows, checkpoints, and the spool for turns that the database missed.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use super::chain::{Chain, Checkpoint, Entry};
use super::checkpoints::{Checkpoints, EVERY_ROWS};
use super::spool::{Spool, SpoolError, Waiting};
use super::{
    AuditError, AuditEvent, AuditTrail, Evidence, FileTrail, FreeText, Kept, Proof, ProofError,
};
use crate::EngineError;
use crate::crash;
use crate::hurry::Hurry;
use crate::ids::UserId;
use crate::log::Log;
use crate::storage::{NewTurn, Store};

/// What a trail in the database consists of.
pub struct Parts {
    /// Holds the rows.
    pub store: Arc<dyn Store>,
    /// Seals them.
    pub chain: Chain,
    /// Signs where they end.
    pub checkpoints: Checkpoints,
    /// For turns that the database could not take.
    pub spool: Spool,
    /// For other events that it could not take.
    pub fallback: FileTrail,
    /// Whose redactors judge free texts.
    pub log: Log,
}

/// Records events as rows of a table, each tied to the one before.
pub struct DatabaseTrail {
    parts: Arc<Parts>,
    /// The last row that a checkpoint signed, as far as this process knows.
    signed: AtomicU64,
}

impl DatabaseTrail {
    /// Looks where the trail ends.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(parts: Parts) -> Result<Self, EngineError> {
        let end = parts.store.audit_end().await?;
        parts.chain.believe(end.head);
        Ok(Self {
            parts: Arc::new(parts),
            signed: AtomicU64::new(end.signed),
        })
    }

    /// What signs, and where to.
    #[must_use]
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.parts.checkpoints
    }

    /// Signs the end of the trail, unless that is signed already, and keeps the checkpoint in the table and in the
    /// second place. Returns it.
    ///
    /// # Errors
    /// When one of the two places cannot take it.
    pub async fn checkpoint(&self) -> Result<Option<Checkpoint>, AuditError> {
        let end = self.parts.store.audit_end().await;
        let end = end.map_err(AuditError::Database)?;
        self.signed.store(end.signed, Ordering::Relaxed);
        if end.signed >= end.head.sequence {
            return Ok(None);
        }
        let now = Timestamp::now().as_microsecond();
        let signer = self.parts.checkpoints.signer();
        let checkpoint = signer.sign(end.trail, end.head, now);
        // The place that is out of reach first: a checkpoint in the table alone says nothing of a lost table.
        let (parts, kept) = (Arc::clone(&self.parts), checkpoint.clone());
        blocking(move || parts.checkpoints.keep(&kept))
            .await
            .map_err(|error| AuditError::File {
                path: self.parts.checkpoints.sink().to_owned(),
                reason: error.to_string(),
            })?;
        crash::point("checkpoint-kept");
        let stored = self.parts.store.add_checkpoint(&checkpoint).await;
        stored.map_err(AuditError::Database)?;
        self.signed.store(end.head.sequence, Ordering::Relaxed);
        Ok(Some(checkpoint))
    }

    /// A checkpoint that cannot be made is made later; the rows are there all the same.
    async fn note_checkpoint(&self) {
        if let Err(error) = self.checkpoint().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the audit trail has no new checkpoint"
            );
        }
    }

    async fn checkpoint_after_a_while(&self) {
        let head = self.parts.chain.believed();
        let rows = head.map_or(0, |head| head.sequence);
        if rows.saturating_sub(self.signed.load(Ordering::Relaxed)) >= EVERY_ROWS {
            self.note_checkpoint().await;
        }
    }

    /// What the host did not write passes the redactors, which may have to be made first: not on this thread.
    async fn entry(&self, mut event: AuditEvent) -> Entry {
        let at = Timestamp::now();
        if event.free_texts().is_empty() {
            return event.entry(at);
        }
        let parts = Arc::clone(&self.parts);
        blocking(move || {
            for text in event.free_texts() {
                text.0 = parts.log.foreign(&text.0);
            }
            event.entry(at)
        })
        .await
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), EngineError> {
        self.parts
            .store
            .append_audit(&self.parts.chain, entries)
            .await
    }

    /// Returns why it does not wait there either.
    async fn spool(&self, waiting: Waiting) -> Result<(), SpoolError> {
        let parts = Arc::clone(&self.parts);
        blocking(move || parts.spool.put(&waiting)).await
    }

    async fn settle_one(&self, waiting: &Waiting) -> Result<(), EngineError> {
        let (parts, ended) = (&self.parts, &waiting.ended);
        let chain = &parts.chain;
        let Some(turn) = &waiting.turn else {
            return self.end_once(waiting).await;
        };
        let stored = parts
            .store
            .append_turn_and_end(waiting.user, turn, chain, ended)
            .await;
        match stored {
            // The conversation was deleted meanwhile: nothing is left to store but that the turn ended.
            Err(EngineError::NotFound { .. }) => self.end_once(waiting).await,
            stored => stored,
        }
    }

    async fn end_once(&self, waiting: &Waiting) -> Result<(), EngineError> {
        if self.parts.store.has_ended(waiting.id).await? {
            return Ok(());
        }
        self.append(slice::from_ref(&waiting.ended)).await
    }
}

#[async_trait::async_trait]
impl AuditTrail for DatabaseTrail {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditError> {
        let ended = match &event {
            AuditEvent::TurnEnded { turn, .. } => Some((turn.turn, turn.user)),
            _ => None,
        };
        let may_wait = !matches!(event, AuditEvent::TurnBegun { .. });
        let entry = self.entry(event.clone()).await;
        let Err(error) = self.append(slice::from_ref(&entry)).await else {
            if ended.is_some() {
                self.checkpoint_after_a_while().await;
            }
            return Ok(());
        };
        if let Some((id, user)) = ended {
            let turn = None;
            let waiting = Waiting {
                id,
                user,
                turn,
                ended: entry,
            };
            if self.spool(waiting).await.is_ok() {
                return Ok(());
            }
        } else if may_wait && self.parts.fallback.record(event).await.is_ok() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an event is in the audit file, the database could not take it"
            );
            return Ok(());
        }
        Err(AuditError::Database(error))
    }

    async fn record_all(&self, events: Vec<AuditEvent>) -> Result<(), AuditError> {
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            entries.push(self.entry(event).await);
        }
        self.append(&entries).await.map_err(AuditError::Database)
    }

    async fn end_turn(
        &self,
        store: &dyn Store,
        user: UserId,
        turn: NewTurn,
        mut ended: AuditEvent,
        hurry: &Hurry,
    ) -> Kept {
        let entry = self.entry(ended.clone()).await;
        let storing = store.append_turn_and_end(user, &turn, &self.parts.chain, &entry);
        // Where it is stored all the same, storing it again changes nothing.
        let stored = hurry.unless_it_presses(storing).await;
        let error = match stored.unwrap_or(Err(EngineError::StorageGivenUp)) {
            Ok(()) => {
                self.checkpoint_after_a_while().await;
                return Kept::Stored;
            }
            Err(error) => error,
        };
        if error.is_outage() {
            let waiting = Waiting {
                id: turn.id,
                user,
                turn: Some(turn),
                ended: entry,
            };
            match self.spool(waiting).await {
                Ok(()) => {
                    crash::point("spooled");
                    return Kept::Waits(error);
                }
                Err(spool) => tracing::error!(
                    error = &spool as &dyn std::error::Error,
                    "the turn is not in the spool either"
                ),
            }
        }
        ended.not_stored();
        super::note(self, ended).await;
        Kept::Lost(error)
    }

    async fn settle(&self) -> Result<u32, EngineError> {
        if !self.parts.spool.may_hold() {
            return Ok(0);
        }
        let parts = Arc::clone(&self.parts);
        let files = blocking(move || parts.spool.files()).await;
        let files = files.map_err(EngineError::Spool)?;
        let mut stored = 0;
        for file in files {
            let (parts, path) = (Arc::clone(&self.parts), file.clone());
            let waiting = match blocking(move || parts.spool.take(&path)).await {
                Ok(Some(waiting)) => waiting,
                // Another process was faster.
                Ok(None) => continue,
                Err(SpoolError::Forged { .. }) => {
                    tracing::error!(file = %file.display(), "a turn in the spool is not ours and is not stored");
                    let file = FreeText::new(file.display().to_string());
                    super::note(self, AuditEvent::SpoolRefused { file }).await;
                    continue;
                }
                Err(error) => return Err(EngineError::Spool(error)),
            };
            if let Err(error) = self.settle_one(&waiting).await {
                return Err(EngineError::TurnWaits(Box::new(error)));
            }
            crash::point("settled");
            stored += 1;
            let parts = Arc::clone(&self.parts);
            blocking(move || parts.spool.remove(&file))
                .await
                .map_err(EngineError::Spool)?;
        }
        self.parts.spool.emptied();
        Ok(stored)
    }

    async fn prove(&self, mut known: Evidence) -> Result<Proof, ProofError> {
        let parts = Arc::clone(&self.parts);
        let known = blocking(move || parts.checkpoints.testify(&mut known).map(|()| known)).await?;
        super::prove(&*self.parts.store, self.parts.chain.keys(), known).await
    }

    async fn close(&self) {
        self.note_checkpoint().await;
    }
}

/// Disks and redactors must not hold up other tasks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}
