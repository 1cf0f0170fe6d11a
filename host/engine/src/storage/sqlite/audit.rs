//! The audit trail in SQLite.
//!
//! A row is one statement, which stores it only behind the row that it is tied to: the triggers of the table move the
//! end. So the usual event costs one change of threads and no look at the end of the trail; only when another process
//! has gone on is the row sealed anew, in a transaction that holds the write lock.

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::fault::is_broken_constraint;
use super::turns::{append, append_and_end, mend};
use crate::EngineError;
use crate::audit::chain::{Chain, Checkpoint, Entry, Head, Row};
use crate::crash;
use crate::ids::{TurnId, UserId};
use crate::storage::audit::{
    bind_row, read_checkpoint, read_end, read_row, rows_after, rows_that_fit,
};
use crate::storage::conversations::MISSING;
use crate::storage::row::{all, number, page};
use crate::storage::{AuditFilter, AuditLog, NewTurn, TrailEnd};

/// Stores a row behind the one that it is tied to, and nothing anywhere else. Parameters: the columns in order, then
/// the link of the row before.
const INSERT: &str = "\
    INSERT INTO audit (sequence, at, event, user_id, turn_id, body, key_id, link, tag) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM audit_head WHERE sequence = $1 - 1 AND link = $10";

const STORE: &str = "store the turn";

#[async_trait]
impl AuditLog for SqliteStore {
    async fn append_audit(&self, chain: &Chain, entries: &[Entry]) -> Result<(), EngineError> {
        const ACTION: &str = "record an audit event";
        let fault = self.fault(ACTION);
        if let ([entry], Some(head)) = (entries, chain.believed()) {
            let row = chain.seal(head, entry);
            let insert = bind_row(sqlx::query(INSERT), &row, head);
            let done = insert.execute(&self.connection).await.map_err(&fault)?;
            if done.rows_affected() == 1 {
                chain.believe(row.head());
                return Ok(());
            }
        }
        let mut tx = self.write(ACTION).await?;
        let mut head = end(&mut tx).await.map_err(&fault)?.head;
        for entry in entries {
            head = insert(&mut tx, chain, head, entry).await.map_err(&fault)?;
        }
        self.commit(tx, ACTION).await?;
        chain.believe(head);
        Ok(())
    }

    async fn append_turn_and_end(
        &self,
        user: UserId,
        turn: &NewTurn,
        chain: &Chain,
        ended: &Entry,
    ) -> Result<(), EngineError> {
        match self.store_turn_and_end(user, turn, chain, ended).await {
            // Somebody edited the conversation's row: kept waiting, the turn would hold up all that follow.
            Err(error) if contradicts_what_is_stored(&error) => {
                tracing::warn!(%error, "the sums of a conversation are made anew");
                let fault = self.fault(STORE);
                let mut tx = self.write(STORE).await?;
                mend(&mut tx, turn.conversation).await.map_err(&fault)?;
                self.commit(tx, STORE).await?;
                self.store_turn_and_end(user, turn, chain, ended).await
            }
            stored => stored,
        }
    }

    async fn audit_end(&self) -> Result<TrailEnd, EngineError> {
        let fault = self.fault("read the end of the audit trail");
        let mut connection = self.connection.acquire().await.map_err(&fault)?;
        end(&mut connection).await.map_err(&fault)
    }

    async fn audit_rows(&self, after: u64, limit: u32) -> Result<Vec<Row>, EngineError> {
        rows_after(after, limit)
            .build()
            .fetch_all(&self.connection)
            .await
            .and_then(|rows| all(&rows, |row| read_row(row)))
            .map_err(self.fault("read the audit trail"))
    }

    async fn find_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Row>, EngineError> {
        rows_that_fit(filter, before, limit)
            .build()
            .fetch_all(&self.connection)
            .await
            .and_then(|rows| all(&rows, |row| read_row(row)))
            .map_err(self.fault("search the audit trail"))
    }

    async fn has_ended(&self, turn: TurnId) -> Result<bool, EngineError> {
        let fault = self.fault("search the audit trail");
        let mut connection = self.connection.acquire().await.map_err(&fault)?;
        ended_before(&mut connection, turn).await.map_err(&fault)
    }

    async fn add_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), EngineError> {
        sqlx::query(
            "INSERT INTO audit_checkpoints (sequence, link, at, signer, signature) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(number(checkpoint.head.sequence))
        .bind(&checkpoint.head.link.0[..])
        .bind(checkpoint.at)
        .bind(&checkpoint.signer.0[..])
        .bind(&checkpoint.signature.0[..])
        .execute(&self.connection)
        .await
        .map(|_| ())
        .map_err(self.fault("keep a checkpoint of the audit trail"))
    }

    async fn checkpoints(&self, after: u64, limit: u32) -> Result<Vec<Checkpoint>, EngineError> {
        sqlx::query(
            "SELECT sequence, link, at, signer, signature, (SELECT trail FROM audit_head) AS trail \
             FROM audit_checkpoints WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )
        .bind(number(after))
        .bind(page(limit))
        .fetch_all(&self.connection)
        .await
        .and_then(|rows| all(&rows, |row| read_checkpoint(row)))
        .map_err(self.fault("read the checkpoints of the audit trail"))
    }
}

impl SqliteStore {
    /// One statement where the trail ends as this process believes, a transaction where it went on elsewhere.
    async fn store_turn_and_end(
        &self,
        user: UserId,
        turn: &NewTurn,
        chain: &Chain,
        ended: &Entry,
    ) -> Result<(), EngineError> {
        let fault = self.fault(STORE);
        if let Some(head) = chain.believed() {
            let row = chain.seal(head, ended);
            if append_and_end(&self.connection, user, turn, &row, head)
                .await
                .map_err(&fault)?
            {
                crash::point("committed");
                chain.believe(row.head());
                return Ok(());
            }
        }
        let mut tx = self.write(STORE).await?;
        let stored = append(&mut tx, user, turn)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        if stored.repeated && ended_before(&mut tx, turn.id).await.map_err(&fault)? {
            return Ok(());
        }
        crash::point("half-stored");
        let head = end(&mut tx).await.map_err(&fault)?.head;
        let head = insert(&mut tx, chain, head, ended).await.map_err(&fault)?;
        self.commit(tx, STORE).await?;
        crash::point("committed");
        chain.believe(head);
        Ok(())
    }
}

fn contradicts_what_is_stored(error: &EngineError) -> bool {
    let EngineError::StorageFailed { source, .. } = error else {
        return false;
    };
    source.downcast_ref().is_some_and(is_broken_constraint)
}

/// Under the write lock, behind what was read under it. Returns the new end.
async fn insert(
    db: &mut SqliteConnection,
    chain: &Chain,
    head: Head,
    entry: &Entry,
) -> Result<Head, sqlx::Error> {
    let row = chain.seal(head, entry);
    let done = bind_row(sqlx::query(INSERT), &row, head)
        .execute(db)
        .await?;
    if done.rows_affected() == 1 {
        Ok(row.head())
    } else {
        Err(sqlx::Error::RowNotFound)
    }
}

async fn end(db: &mut SqliteConnection) -> Result<TrailEnd, sqlx::Error> {
    sqlx::query(
        "SELECT trail, sequence, link, (SELECT coalesce(max(sequence), 0) FROM audit_checkpoints) AS signed \
         FROM audit_head",
    )
    .fetch_one(db)
    .await
    .and_then(|row| read_end(&row))
}

async fn ended_before(db: &mut SqliteConnection, turn: TurnId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE turn_id = ? AND event = 'turn-ended')",
    )
    .bind(turn.to_string())
    .fetch_one(db)
    .await
}
