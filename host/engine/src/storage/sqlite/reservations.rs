//! Model calls with reserved tokens in SQLite.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::limit::{Held, Quotas, Window, decide};
use crate::storage::row::{all, count, number};
use crate::storage::{Reservations, Reserved};

/// $1 user, $2 calls at or before it count no more, $3 whether others count.
const HELD: &str = "\
    SELECT at, tokens, user_id = $1 AS own FROM calls WHERE at > $2 AND (user_id = $1 OR $3) ORDER BY at, number";

/// $1 user, $2 now, $3 what no window counts any more, $4 whether others count. A call in the future was made before
/// somebody set the clock back: it counts as made now.
const FORGET: &str = "\
    UPDATE calls SET at = $2 WHERE at > $2 AND (user_id = $1 OR $4); \
    DELETE FROM calls WHERE at <= $3 AND (user_id = $1 OR $4)";

#[async_trait]
impl Reservations for SqliteStore {
    async fn reserve_call(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        tokens: u64,
        now: i64,
    ) -> Result<Reserved, EngineError> {
        const ACTION: &str = "reserve a model call";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        sqlx::query(FORGET)
            .bind(user.to_string())
            .bind(now)
            .bind(now.saturating_sub(window.kept_milliseconds()))
            .bind(quotas.is_overall())
            .execute(&mut *tx)
            .await
            .map_err(&fault)?;
        let holds = held(&mut tx, user, window, quotas, now)
            .await
            .map_err(&fault)?;
        if let Some(in_the_way) = decide(&holds, window, quotas, tokens, now) {
            // What was in the future counts as now from now on.
            self.commit(tx, ACTION).await?;
            return Ok(Reserved::Wait(in_the_way));
        }
        let call = sqlx::query("INSERT INTO calls (user_id, at, tokens) VALUES (?, ?, ?)")
            .bind(user.to_string())
            .bind(now)
            .bind(number(tokens))
            .execute(&mut *tx)
            .await
            .map_err(&fault)?
            .last_insert_rowid();
        self.commit(tx, ACTION).await?;
        Ok(Reserved::Granted { call })
    }

    async fn held_calls(
        &self,
        user: UserId,
        window: Window,
        quotas: Quotas,
        now: i64,
    ) -> Result<Vec<Held>, EngineError> {
        let fault = self.fault("read the window of model calls");
        let mut reader = self.connection.acquire().await.map_err(&fault)?;
        held(&mut reader, user, window, quotas, now)
            .await
            .map_err(&fault)
    }

    async fn settle_call(&self, user: UserId, call: i64, tokens: u64) -> Result<(), EngineError> {
        sqlx::query("UPDATE calls SET tokens = ? WHERE number = ? AND user_id = ?")
            .bind(number(tokens))
            .bind(call)
            .bind(user.to_string())
            .execute(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("settle a model call"))
    }
}

async fn held(
    db: &mut SqliteConnection,
    user: UserId,
    window: Window,
    quotas: Quotas,
    now: i64,
) -> Result<Vec<Held>, sqlx::Error> {
    let rows = sqlx::query(HELD)
        .bind(user.to_string())
        .bind(now.saturating_sub(window.milliseconds()))
        .bind(quotas.is_overall())
        .fetch_all(db)
        .await?;
    all(&rows, read)
}

fn read(row: &SqliteRow) -> Result<Held, sqlx::Error> {
    Ok(Held {
        at: row.try_get("at")?,
        tokens: count(row, "tokens")?,
        own: row.try_get("own")?,
    })
}
