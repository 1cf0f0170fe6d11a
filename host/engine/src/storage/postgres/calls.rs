//! The window of model calls in PostgreSQL.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::limit::Window;
use crate::storage::{Calls, Taken, WindowState};

#[async_trait]
impl Calls for PostgresStore {
    async fn take_call(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<Taken, EngineError> {
        self.run("count a model call", async {
            let row = sqlx::query("SELECT call, used, frees FROM take_call($1, $2, $3, $4, $5)")
                .bind(user.uuid())
                .bind(now)
                .bind(now.saturating_sub(window.milliseconds()))
                .bind(i64::from(window.max_calls))
                .bind(now.saturating_sub(window.kept_milliseconds()))
                .fetch_one(&self.pool)
                .await?;
            let state = state(&row, window, now)?;
            Ok(match row.try_get("call")? {
                Some(call) => Taken::Granted { call },
                None => Taken::Wait {
                    milliseconds: state.next_frees.unwrap_or(1),
                },
            })
        })
        .await
    }

    async fn calls(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<WindowState, EngineError> {
        self.run("read the window of model calls", async {
            let row = sqlx::query("SELECT used, frees FROM call_window($1, $2, $3, $4)")
                .bind(user.uuid())
                .bind(now)
                .bind(now.saturating_sub(window.milliseconds()))
                .bind(i64::from(window.max_calls))
                .fetch_one(&self.pool)
                .await?;
            Ok(state(&row, window, now)?)
        })
        .await
    }

    async fn give_back_call(&self, user: UserId, call: i64) -> Result<(), EngineError> {
        self.run("give a model call back", async {
            sqlx::query("DELETE FROM calls WHERE number = $1 AND user_id = $2")
                .bind(call)
                .bind(user.uuid())
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}

fn state(row: &PgRow, window: Window, now: i64) -> Result<WindowState, sqlx::Error> {
    let (used, frees) = (row.try_get("used")?, row.try_get("frees")?);
    Ok(WindowState::counted(window, now, used, frees))
}
