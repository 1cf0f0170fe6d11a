//! Model calls with reserved tokens in PostgreSQL.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::PostgresStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::limit::{Held, Quotas, Window, decide};
use crate::storage::row::{all, count, number};
use crate::storage::{Reservations, Reserved};

/// Held by the one process that decides over the calls of all users; any number that nobody else uses.
const OVERALL_LOCK: i64 = 0x6d6c_6c63_0005;

/// $1 user, $2 calls at or before it count no more, $3 whether others count.
const HELD: &str = "\
    SELECT at, tokens, user_id = $1 AS own FROM calls WHERE at > $2 AND (user_id = $1 OR $3) ORDER BY at, number";

#[async_trait]
impl Reservations for PostgresStore {
    async fn reserve_call(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        tokens: u64,
        now: i64,
    ) -> Result<Reserved, EngineError> {
        self.run("reserve a model call", async {
            let mut tx = self.pool.begin().await?;
            // One at a time, so that each sees what was committed before it.
            if quotas.is_overall() {
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)");
                lock.bind(OVERALL_LOCK).execute(&mut *tx).await?;
            }
            sqlx::query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE")
                .bind(user.uuid())
                .execute(&mut *tx)
                .await?;
            forget(&mut tx, user, window, quotas, now).await?;
            let holds = held(&mut tx, user, window, quotas, now).await?;
            if let Some(in_the_way) = decide(&holds, window, quotas, tokens, now) {
                // What was in the future counts as now from now on.
                tx.commit().await?;
                return Ok(Reserved::Wait(in_the_way));
            }
            let row = sqlx::query(
                "INSERT INTO calls (user_id, at, tokens) VALUES ($1, $2, $3) RETURNING number",
            )
            .bind(user.uuid())
            .bind(now)
            .bind(number(tokens))
            .fetch_one(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(Reserved::Granted {
                call: row.try_get("number")?,
            })
        })
        .await
    }

    async fn held_calls(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        now: i64,
    ) -> Result<Vec<Held>, EngineError> {
        self.run("read the window of model calls", async {
            let mut reader = self.pool.acquire().await?;
            Ok(held(&mut reader, user, window, quotas, now).await?)
        })
        .await
    }

    async fn settle_call(&self, user: UserId, call: i64, tokens: u64) -> Result<(), EngineError> {
        self.run("settle a model call", async {
            sqlx::query("UPDATE calls SET tokens = $3 WHERE number = $1 AND user_id = $2")
                .bind(call)
                .bind(user.uuid())
                .bind(number(tokens))
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}

/// A call in the future was made before somebody set the clock back: it counts as made now. What no window counts any
/// more goes.
async fn forget(
    db: &mut PgConnection,
    user: UserId,
    window: Window,
    quotas: Quotas,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE calls SET at = $2 WHERE at > $2 AND (user_id = $1 OR $3)")
        .bind(user.uuid())
        .bind(now)
        .bind(quotas.is_overall())
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM calls WHERE at <= $2 AND (user_id = $1 OR $3)")
        .bind(user.uuid())
        .bind(now.saturating_sub(window.kept_milliseconds()))
        .bind(quotas.is_overall())
        .execute(db)
        .await
        .map(drop)
}

async fn held(
    db: &mut PgConnection,
    user: UserId,
    window: Window,
    quotas: Quotas,
    now: i64,
) -> Result<Vec<Held>, sqlx::Error> {
    let rows = sqlx::query(HELD)
        .bind(user.uuid())
        .bind(now.saturating_sub(window.milliseconds()))
        .bind(quotas.is_overall())
        .fetch_all(db)
        .await?;
    all(&rows, read)
}

fn read(row: &PgRow) -> Result<Held, sqlx::Error> {
    Ok(Held {
        at: row.try_get("at")?,
        tokens: count(row, "tokens")?,
        own: row.try_get("own")?,
    })
}
