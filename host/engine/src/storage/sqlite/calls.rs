//! The window of model calls in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::limit::Window;
use crate::storage::{Calls, Taken, WindowState};

#[async_trait]
impl Calls for SqliteStore {
    async fn take_call(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<Taken, EngineError> {
        const ACTION: &str = "count a model call";
        let fault = self.fault(ACTION);
        let user = user.to_string();
        let mut tx = self.write(ACTION).await?;
        forget(&mut tx, &user, window, now).await.map_err(&fault)?;
        let used = used(&mut tx, &user, window, now).await.map_err(&fault)?;
        let taken = if used < window.max_calls {
            let call = sqlx::query("INSERT INTO calls (user_id, at) VALUES (?, ?)")
                .bind(&user)
                .bind(now)
                .execute(&mut *tx)
                .await
                .map_err(&fault)?
                .last_insert_rowid();
            Taken::Granted {
                call,
                remaining: window.max_calls - used - 1,
            }
        } else {
            let milliseconds = wait(&mut tx, &user, window, now, used)
                .await
                .map_err(&fault)?;
            Taken::Wait { milliseconds }
        };
        self.commit(tx, ACTION).await?;
        Ok(taken)
    }

    async fn calls(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<WindowState, EngineError> {
        let fault = self.fault("read the window of model calls");
        let user = user.to_string();
        let mut tx = self.pool.begin().await.map_err(&fault)?;
        let used = used(&mut tx, &user, window, now).await.map_err(&fault)?;
        let next_frees = match used {
            0 => None,
            _ => Some(
                wait(&mut tx, &user, window, now, used)
                    .await
                    .map_err(&fault)?,
            ),
        };
        Ok(WindowState {
            remaining: window.max_calls.saturating_sub(used),
            next_frees,
        })
    }

    async fn give_back_call(&self, user: UserId, call: i64) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM calls WHERE number = ? AND user_id = ?")
            .bind(call)
            .bind(user.to_string())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(self.fault("give a model call back"))
    }
}

/// Drops what no window counts any more. A call in the future was made before somebody set the clock back:
/// it counts as made now, so that it blocks for one window at most.
async fn forget(
    db: &mut SqliteConnection,
    user: &str,
    window: Window,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE calls SET at = ?2 WHERE user_id = ?1 AND at > ?2")
        .bind(user)
        .bind(now)
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM calls WHERE user_id = ? AND at <= ?")
        .bind(user)
        .bind(now.saturating_sub(window.kept_milliseconds()))
        .execute(db)
        .await?;
    Ok(())
}

async fn used(
    db: &mut SqliteConnection,
    user: &str,
    window: Window,
    now: i64,
) -> Result<u32, sqlx::Error> {
    let used: i64 = sqlx::query_scalar("SELECT count(*) FROM calls WHERE user_id = ? AND at > ?")
        .bind(user)
        .bind(now.saturating_sub(window.milliseconds()))
        .fetch_one(db)
        .await?;
    Ok(u32::try_from(used).unwrap_or(u32::MAX))
}

/// Until there is one more than now, or the first one: more may be in the log than the window allows
/// when its size was lowered since.
async fn wait(
    db: &mut SqliteConnection,
    user: &str,
    window: Window,
    now: i64,
    used: u32,
) -> Result<u64, sqlx::Error> {
    let at: i64 = sqlx::query_scalar(
        "SELECT min(at, ?2) FROM calls WHERE user_id = ?1 AND at > ?3 ORDER BY at LIMIT 1 OFFSET ?4",
    )
    .bind(user)
    .bind(now)
    .bind(now.saturating_sub(window.milliseconds()))
    .bind(i64::from(used.saturating_sub(window.max_calls)))
    .fetch_one(db)
    .await?;
    Ok(
        u64::try_from(at.saturating_add(window.milliseconds()).saturating_sub(now))
            .unwrap_or(1)
            .max(1),
    )
}
