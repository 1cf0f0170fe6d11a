//! The window of model calls in SQLite.

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::limit::Window;
use crate::storage::{Calls, Taken, WindowState};

/// What the window holds, after the statements before it in the same script: `taken` and `call` speak of theirs.
/// $1 user, $2 now, $3 calls at or before it count no more, $4 the most calls. More may be in the log than the window
/// allows when its size was lowered since: then `at` is the call after which there is one more than now.
macro_rules! window {
    () => {
        "SELECT changes() AS taken, last_insert_rowid() AS call, \
         (SELECT count(*) FROM calls WHERE user_id = $1 AND at > $3) AS used, \
         (SELECT min(at, $2) FROM calls WHERE user_id = $1 AND at > $3 ORDER BY at LIMIT 1 \
          OFFSET max(0, (SELECT count(*) FROM calls WHERE user_id = $1 AND at > $3) - $4)) AS at"
    };
}

const WINDOW: &str = window!();

/// The usual call is one statement, because each one on its own costs a change of threads. It is not made where the
/// window is full or the log has calls of the future: then [`TAKE`] decides.
const TAKE_AT_ONCE: &str = "\
    INSERT INTO calls (user_id, at) SELECT $1, $2 \
    WHERE (SELECT count(*) FROM calls WHERE user_id = $1 AND at > $3) < $4 \
    AND NOT EXISTS (SELECT 1 FROM calls WHERE user_id = $1 AND at > $2)";

/// $2 what no window counts any more.
const FORGET: &str = "DELETE FROM calls WHERE user_id = $1 AND at <= $2";
/// So many calls are made between two times that old ones are removed. A prime: users who take turns all come to it.
const FORGET_EVERY: i64 = 61;

/// The insertion alone decides; what comes before it may be done twice. A call in the future was made before somebody
/// set the clock back: it counts as made now, so that it blocks for one window at most.
const TAKE: &str = concat!(
    "UPDATE calls SET at = $2 WHERE user_id = $1 AND at > $2; \
     INSERT INTO calls (user_id, at) SELECT $1, $2 \
     WHERE (SELECT count(*) FROM calls WHERE user_id = $1 AND at > $3) < $4; ",
    window!()
);

#[async_trait]
impl Calls for SqliteStore {
    async fn take_call(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<Taken, EngineError> {
        let fault = self.fault("count a model call");
        let taken = looked_at(TAKE_AT_ONCE, user, window, now)
            .execute(&self.connection)
            .await
            .map_err(&fault)?;
        if taken.rows_affected() == 1 {
            let call = taken.last_insert_rowid();
            if call % FORGET_EVERY == 0 {
                sqlx::query(FORGET)
                    .bind(user.to_string())
                    .bind(now.saturating_sub(window.kept_milliseconds()))
                    .execute(&self.connection)
                    .await
                    .map_err(&fault)?;
            }
            return Ok(Taken::Granted { call });
        }
        let row = looked_at(TAKE, user, window, now)
            .fetch_one(&self.connection)
            .await
            .map_err(&fault)?;
        if row.try_get::<bool, _>("taken").map_err(&fault)? {
            let call = row.try_get("call").map_err(&fault)?;
            return Ok(Taken::Granted { call });
        }
        // The calls that were in the way may have been given back since: then it is worth asking again at once.
        let state = state(&row, window, now).map_err(&fault)?;
        Ok(Taken::Wait {
            milliseconds: state.next_frees.unwrap_or(1),
        })
    }

    async fn calls(
        &self,
        user: UserId,
        window: Window,
        now: i64,
    ) -> Result<WindowState, EngineError> {
        looked_at(WINDOW, user, window, now)
            .fetch_one(&self.connection)
            .await
            .and_then(|row| state(&row, window, now))
            .map_err(self.fault("read the window of model calls"))
    }

    async fn give_back_call(&self, user: UserId, call: i64) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM calls WHERE number = ? AND user_id = ?")
            .bind(call)
            .bind(user.to_string())
            .execute(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("give a model call back"))
    }
}

fn looked_at(
    script: &'static str,
    user: UserId,
    window: Window,
    now: i64,
) -> Query<'static, Sqlite, SqliteArguments> {
    sqlx::query(script)
        .bind(user.to_string())
        .bind(now)
        .bind(now.saturating_sub(window.milliseconds()))
        .bind(window.max_calls)
}

fn state(row: &SqliteRow, window: Window, now: i64) -> Result<WindowState, sqlx::Error> {
    let (used, frees) = (row.try_get("used")?, row.try_get("at")?);
    Ok(WindowState::counted(window, now, used, frees))
}
