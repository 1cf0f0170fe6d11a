//! Users in SQLite.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::row::{name, now, parsed, time};
use crate::storage::{User, UserKind, Users};

const LOCAL: &str = "SELECT id, kind, name, created_at FROM users WHERE kind <> 'account'";

#[async_trait]
impl Users for SqliteStore {
    async fn local_user(&self, name: &str) -> Result<User, EngineError> {
        const ACTION: &str = "find the local user";
        let fault = self.fault(ACTION);
        if let Some(row) = sqlx::query(LOCAL)
            .fetch_optional(&self.connection)
            .await
            .map_err(&fault)?
        {
            return read(&row).map_err(&fault);
        }
        let mut tx = self.write(ACTION).await?;
        if let Some(row) = sqlx::query(LOCAL)
            .fetch_optional(&mut *tx)
            .await
            .map_err(&fault)?
        {
            return read(&row).map_err(&fault);
        }
        let accounts: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)")
            .fetch_one(&mut *tx)
            .await
            .map_err(&fault)?;
        if accounts {
            return Err(EngineError::Conflict(
                "this database has accounts: log in with `mini-llm-chat login`",
            ));
        }
        let user = User {
            id: UserId::new(),
            kind: if self.in_memory {
                UserKind::Session
            } else {
                UserKind::Owner
            },
            name: name.to_owned(),
            created: now(),
        };
        sqlx::query("INSERT INTO users (id, kind, name, created_at) VALUES (?, ?, ?, ?)")
            .bind(user.id.to_string())
            .bind(kind_name(user.kind))
            .bind(&user.name)
            .bind(user.created.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(user)
    }

    async fn user(&self, id: UserId) -> Result<User, EngineError> {
        let fault = self.fault("read a user");
        sqlx::query("SELECT id, kind, name, created_at FROM users WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.connection)
            .await
            .and_then(|row| row.as_ref().map(read).transpose())
            .map_err(fault)?
            .ok_or(EngineError::NotFound { what: "user" })
    }
}

fn kind_name(kind: UserKind) -> &'static str {
    match kind {
        UserKind::Owner => "owner",
        UserKind::Session => "session",
        UserKind::Account => "account",
    }
}

fn read(row: &SqliteRow) -> Result<User, sqlx::Error> {
    let kind = match row.try_get("kind")? {
        "owner" => UserKind::Owner,
        "session" => UserKind::Session,
        _ => UserKind::Account,
    };
    Ok(User {
        id: parsed(row, "id")?,
        kind,
        name: name(row)?,
        created: time(row, "created_at")?,
    })
}
