//! The audit trail in PostgreSQL.
//!
//! As everywhere, the usual case is one statement: it locks the end of the trail and stores the row only where that is
//! the end that the row is tied to. Where another process has gone on, the row is sealed anew in a transaction. Both
//! lock the end first and a conversation after it, so that no two of them wait for each other.

use async_trait::async_trait;
use sqlx::PgConnection;

use super::turns::{APPEND_AND_END, append, bind_turn, mend};
use super::{PostgresStore, Stop};
use crate::EngineError;
use crate::audit::chain::{Chain, Checkpoint, Entry, Head, Row};
use crate::crash;
use crate::ids::{TurnId, UserId};
use crate::storage::audit::{
    bind_row, read_checkpoint, read_end, read_row, rows_after, rows_that_fit,
};
use crate::storage::row::{all, number, page};
use crate::storage::{AuditFilter, AuditLog, NewTurn, TrailEnd};

/// Stores a row behind the one that it is tied to, and nothing anywhere else.
const INSERT: &str = "\
    WITH head AS ( \
        UPDATE audit_head SET sequence = $1, link = $8 WHERE sequence = $1 - 1 AND link = $10 RETURNING one) \
    INSERT INTO audit (sequence, at, event, user_id, turn_id, body, key_id, link, tag) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM head";

#[async_trait]
impl AuditLog for PostgresStore {
    async fn append_audit(&self, chain: &Chain, entries: &[Entry]) -> Result<(), EngineError> {
        self.run("record an audit event", async {
            if let ([entry], Some(head)) = (entries, chain.believed()) {
                let row = chain.seal(head, entry);
                let insert = bind_row(sqlx::query(INSERT), &row, head);
                if insert.execute(&self.pool).await?.rows_affected() == 1 {
                    chain.believe(row.head());
                    return Ok(());
                }
            }
            let mut tx = self.pool.begin().await?;
            let mut head = lock_end(&mut tx).await?;
            for entry in entries {
                head = insert(&mut tx, chain, head, entry).await?;
            }
            tx.commit().await?;
            chain.believe(head);
            Ok(())
        })
        .await
    }

    async fn append_turn_and_end(
        &self,
        user: UserId,
        turn: &NewTurn,
        chain: &Chain,
        ended: &Entry,
    ) -> Result<(), EngineError> {
        self.run("store the turn", async {
            match self.store_turn_and_end(user, turn, chain, ended).await {
                // Somebody edited the conversation's row: kept waiting, the turn would hold up all that follow.
                Err(Stop::Database(error)) if contradicts_what_is_stored(&error) => {
                    tracing::warn!(%error, "the sums of a conversation are made anew");
                    mend(&self.pool, turn.conversation).await?;
                    self.store_turn_and_end(user, turn, chain, ended).await
                }
                stored => stored,
            }
        })
        .await
    }

    async fn audit_end(&self) -> Result<TrailEnd, EngineError> {
        self.run("read the end of the audit trail", async {
            let end = sqlx::query(
                "SELECT trail, sequence, link, \
                 (SELECT coalesce(max(sequence), 0) FROM audit_checkpoints) AS signed FROM audit_head",
            );
            Ok(read_end(&end.fetch_one(&self.pool).await?)?)
        })
        .await
    }

    async fn audit_rows(&self, after: u64, limit: u32) -> Result<Vec<Row>, EngineError> {
        self.run("read the audit trail", async {
            let rows = rows_after(after, limit)
                .build()
                .fetch_all(&self.pool)
                .await?;
            Ok(all(&rows, |row| read_row(row))?)
        })
        .await
    }

    async fn find_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Row>, EngineError> {
        self.run("search the audit trail", async {
            let mut query = rows_that_fit(filter, before, limit);
            let rows = query.build().fetch_all(&self.pool).await?;
            Ok(all(&rows, |row| read_row(row))?)
        })
        .await
    }

    async fn has_ended(&self, turn: TurnId) -> Result<bool, EngineError> {
        self.run("search the audit trail", async {
            let mut connection = self.pool.acquire().await?;
            Ok(ended_before(&mut connection, turn).await?)
        })
        .await
    }

    async fn add_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), EngineError> {
        self.run("keep a checkpoint of the audit trail", async {
            sqlx::query(
                "INSERT INTO audit_checkpoints (sequence, link, at, signer, signature) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(number(checkpoint.head.sequence))
            .bind(&checkpoint.head.link.0[..])
            .bind(checkpoint.at)
            .bind(&checkpoint.signer.0[..])
            .bind(&checkpoint.signature.0[..])
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    async fn checkpoints(&self, after: u64, limit: u32) -> Result<Vec<Checkpoint>, EngineError> {
        self.run("read the checkpoints of the audit trail", async {
            let rows = sqlx::query(
                "SELECT sequence, link, at, signer, signature, (SELECT trail FROM audit_head) AS trail \
                 FROM audit_checkpoints WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            )
            .bind(number(after))
            .bind(page(limit))
            .fetch_all(&self.pool)
            .await?;
            Ok(all(&rows, |row| read_checkpoint(row))?)
        })
        .await
    }
}

impl PostgresStore {
    /// One statement where the trail ends as this process believes, a transaction where it went on elsewhere.
    async fn store_turn_and_end(
        &self,
        user: UserId,
        turn: &NewTurn,
        chain: &Chain,
        ended: &Entry,
    ) -> Result<(), Stop> {
        if let Some(head) = chain.believed() {
            let row = chain.seal(head, ended);
            let statement = bind_turn(sqlx::query(APPEND_AND_END), user, turn);
            match bind_row(statement, &row, head).execute(&self.pool).await {
                Ok(done) if done.rows_affected() == 1 => {
                    crash::point("committed");
                    chain.believe(row.head());
                    return Ok(());
                }
                Ok(_) => {}
                // The transaction finds out why.
                Err(error) if contradicts_what_is_stored(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut tx = self.pool.begin().await?;
        let head = lock_end(&mut tx).await?;
        let stored = append(&mut tx, user, turn).await?;
        if stored.repeated && ended_before(&mut tx, turn.id).await? {
            return Ok(());
        }
        crash::point("half-stored");
        let head = insert(&mut tx, chain, head, ended).await?;
        tx.commit().await?;
        crash::point("committed");
        chain.believe(head);
        Ok(())
    }
}

/// A sequence or a turn is taken, a sum does not fit its column, or there is no such conversation.
fn contradicts_what_is_stored(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("23505" | "22003" | "22012"))
}

/// Others wait at the end of the trail until this transaction ends.
async fn lock_end(connection: &mut PgConnection) -> Result<Head, sqlx::Error> {
    let end =
        sqlx::query("SELECT trail, sequence, link, 0::bigint AS signed FROM audit_head FOR UPDATE");
    Ok(read_end(&end.fetch_one(connection).await?)?.head)
}

/// Behind the locked end. Returns the new one.
async fn insert(
    connection: &mut PgConnection,
    chain: &Chain,
    head: Head,
    entry: &Entry,
) -> Result<Head, Stop> {
    let row = chain.seal(head, entry);
    let insert = bind_row(sqlx::query(INSERT), &row, head);
    if insert.execute(connection).await?.rows_affected() == 1 {
        Ok(row.head())
    } else {
        Err(sqlx::Error::RowNotFound.into())
    }
}

async fn ended_before(connection: &mut PgConnection, turn: TurnId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE turn_id = $1 AND event = 'turn-ended')",
    )
    .bind(turn.to_string())
    .fetch_one(connection)
    .await
}
