//! Users in PostgreSQL: all have accounts.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PostgresStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::row::{name, time};
use crate::storage::{User, UserKind, Users};

#[async_trait]
impl Users for PostgresStore {
    /// There is none: whoever reaches the server is not thereby its owner.
    async fn local_user(&self, _name: &str) -> Result<User, EngineError> {
        self.run("look for accounts", async {
            let accounts: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)")
                .fetch_one(&self.pool)
                .await?;
            let refused = if accounts {
                EngineError::Conflict(
                    "this database has accounts: log in with `mini-llm-chat login`",
                )
            } else {
                EngineError::StorageWithoutAccounts {
                    database: self.faults.database.clone(),
                }
            };
            Err(refused.into())
        })
        .await
    }

    async fn user(&self, id: UserId) -> Result<User, EngineError> {
        self.run("read a user", async {
            let row = sqlx::query("SELECT id, name, created_at FROM users WHERE id = $1")
                .bind(id.uuid())
                .fetch_optional(&self.pool)
                .await?
                .ok_or(EngineError::NotFound { what: "user" })?;
            Ok(read(&row)?)
        })
        .await
    }
}

fn read(row: &PgRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.try_get::<Uuid, _>("id")?.into(),
        kind: UserKind::Account,
        name: name(row)?,
        created: time(row, "created_at")?,
    })
}
