//! Accounts, failed logins and tokens in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;
use mini_llm_chat_sandbox::contract::Access;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use super::{PostgresStore, Stop};
use crate::EngineError;
use crate::auth::{AccountName, NameDigest, PasswordHash};
use crate::ids::{TokenId, UserId};
use crate::storage::accounts::{
    FAILURES_KEPT_SECONDS, LAST_ADMIN, NAME_TAKEN, access_name, access_of, delay,
};
use crate::storage::row::{all, count, name, now, page, time};
use crate::storage::{Account, Accounts, Attempt, Change, IssuedToken, NewAccount};

const COLUMNS: &str = "users.id, users.name, users.email, users.access, users.active, users.created_at, \
                       users.last_login_at, users.password";

/// A name of PostgreSQL's for an index that refused a row.
const UNIQUE_VIOLATION: &str = "23505";

#[async_trait]
impl Accounts for PostgresStore {
    async fn has_accounts(&self) -> Result<bool, EngineError> {
        self.run("look for accounts", async {
            Ok(
                sqlx::query_scalar(
                    "SELECT EXISTS (SELECT 1 FROM users WHERE password IS NOT NULL)",
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await
    }

    async fn account(
        &self,
        name: &AccountName,
    ) -> Result<Option<(Account, PasswordHash)>, EngineError> {
        self.run("find an account", async {
            let row = sqlx::query(AssertSqlSafe(format!(
                "SELECT {COLUMNS} FROM users WHERE look = $1 AND password IS NOT NULL"
            )))
            .bind(name.look())
            .fetch_optional(&self.pool)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let account = read(&row)?;
            let password = PasswordHash::stored(row.try_get("password")?);
            Ok(Some((account, password)).filter(|(account, _)| name.is(&account.name)))
        })
        .await
    }

    async fn accounts(&self, after: Option<&str>, limit: u32) -> Result<Vec<Account>, EngineError> {
        self.run("list the accounts", async {
            let rows = sqlx::query(AssertSqlSafe(format!(
                "SELECT {COLUMNS} FROM users WHERE password IS NOT NULL AND name COLLATE \"C\" > $1 \
                 ORDER BY name COLLATE \"C\" LIMIT $2"
            )))
            .bind(after.unwrap_or_default())
            .bind(page(limit))
            .fetch_all(&self.pool)
            .await?;
            Ok(all(&rows, read)?)
        })
        .await
    }

    /// There is no local user to adopt.
    async fn add_account(&self, new: &NewAccount, _adopt: bool) -> Result<Account, EngineError> {
        self.run("add an account", async {
            let added = sqlx::query(AssertSqlSafe(format!(
                "INSERT INTO users (id, name, look, email, access, active, created_at, password) \
                 VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7) RETURNING {COLUMNS}"
            )))
            .bind(UserId::new().uuid())
            .bind(new.name.as_str())
            .bind(new.name.look())
            .bind(&new.email)
            .bind(access_name(new.access))
            .bind(now().as_millisecond())
            .bind(new.password.as_str())
            .fetch_one(&self.pool)
            .await;
            match added {
                Ok(row) => Ok(read(&row)?),
                Err(sqlx::Error::Database(error))
                    if error.code().as_deref() == Some(UNIQUE_VIOLATION) =>
                {
                    Err(EngineError::Conflict(NAME_TAKEN).into())
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn change_account(
        &self,
        id: UserId,
        change: &Change,
        at: Timestamp,
    ) -> Result<u64, EngineError> {
        self.run("change an account", async {
            let mut tx = self.pool.begin().await?;
            if matches!(change, Change::Role(Access::User) | Change::Disable) {
                keep_an_admin(&mut tx, id).await?;
            }
            let statement = match change {
                Change::Role(_) => {
                    "UPDATE users SET access = $1 WHERE id = $2 AND password IS NOT NULL"
                }
                Change::Password(_) => {
                    "UPDATE users SET password = $1 WHERE id = $2 AND password IS NOT NULL"
                }
                Change::Disable | Change::Enable => {
                    "UPDATE users SET active = $1::BOOLEAN WHERE id = $2 AND password IS NOT NULL"
                }
            };
            let value = match change {
                Change::Role(access) => access_name(*access),
                Change::Password(password) => password.as_str(),
                Change::Disable => "false",
                Change::Enable => "true",
            };
            let changed = sqlx::query(statement)
                .bind(value)
                .bind(id.uuid())
                .execute(&mut *tx)
                .await?;
            if changed.rows_affected() == 0 {
                return Err(EngineError::NotFound { what: "account" }.into());
            }
            let revoked = if matches!(change, Change::Enable) {
                0
            } else {
                sqlx::query(
                    "UPDATE issued_tokens SET revoked_at = $1 \
                     WHERE user_id = $2 AND revoked_at IS NULL AND expires_at > $1",
                )
                .bind(at.as_millisecond())
                .bind(id.uuid())
                .execute(&mut *tx)
                .await?
                .rows_affected()
            };
            tx.commit().await?;
            Ok(revoked)
        })
        .await
    }

    async fn delete_account(&self, id: UserId) -> Result<(), EngineError> {
        self.run("delete an account", async {
            let mut tx = self.pool.begin().await?;
            keep_an_admin(&mut tx, id).await?;
            let deleted = sqlx::query("DELETE FROM users WHERE id = $1 AND password IS NOT NULL")
                .bind(id.uuid())
                .execute(&mut *tx)
                .await?;
            if deleted.rows_affected() == 0 {
                return Err(EngineError::NotFound { what: "account" }.into());
            }
            Ok(tx.commit().await?)
        })
        .await
    }

    async fn begin_login(&self, name: &NameDigest, now: Timestamp) -> Result<Attempt, EngineError> {
        self.run("count a login", async {
            let mut tx = self.pool.begin().await?;
            sqlx::query(
                "INSERT INTO login_failures (name_digest, failures, last_at) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
            )
            .bind(name.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await?;
            let row = sqlx::query(
                "SELECT failures, last_at FROM login_failures WHERE name_digest = $1 FOR UPDATE",
            )
            .bind(name.as_str())
            .fetch_optional(&mut *tx)
            .await?;
            // Somebody who is let in at this moment forgets the row.
            let (failures, last) = match &row {
                Some(row) => (count(row, "failures")?, time(row, "last_at")?),
                None => (0_u32, now),
            };
            let seconds = delay(failures, last, now);
            if seconds > 0 {
                return Ok(Attempt::Delayed(seconds));
            }
            sqlx::query(
                "INSERT INTO login_failures (name_digest, failures, last_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name_digest) DO UPDATE SET failures = $2, last_at = $3",
            )
            .bind(name.as_str())
            .bind(i64::from(failures.saturating_add(1)))
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await?;
            // Rows that another login holds are left to it.
            sqlx::query(
                "DELETE FROM login_failures WHERE name_digest IN (SELECT name_digest FROM login_failures \
                 WHERE last_at < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)",
            )
            .bind(now.as_millisecond() - FAILURES_KEPT_SECONDS * 1000)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(Attempt::Allowed)
        })
        .await
    }

    async fn forget_failures(&self, name: &NameDigest) -> Result<(), EngineError> {
        self.run("forget failed logins", async {
            sqlx::query("DELETE FROM login_failures WHERE name_digest = $1")
                .bind(name.as_str())
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }

    async fn issue_token(
        &self,
        token: &IssuedToken,
        password: &PasswordHash,
        renewed: Option<&PasswordHash>,
    ) -> Result<bool, EngineError> {
        self.run("store a token", async {
            let mut tx = self.pool.begin().await?;
            let unchanged = sqlx::query(
                "UPDATE users SET last_login_at = $1, password = $2 WHERE id = $3 AND active AND password = $4",
            )
            .bind(token.issued.as_millisecond())
            .bind(renewed.unwrap_or(password).as_str())
            .bind(token.user.uuid())
            .bind(password.as_str())
            .execute(&mut *tx)
            .await?;
            if unchanged.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query("DELETE FROM issued_tokens WHERE user_id = $1 AND expires_at <= $2")
                .bind(token.user.uuid())
                .bind(token.issued.as_millisecond())
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "INSERT INTO issued_tokens (id, user_id, issued_at, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(token.id.uuid())
            .bind(token.user.uuid())
            .bind(token.issued.as_millisecond())
            .bind(token.expires.as_millisecond())
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn token_holder(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Account>, EngineError> {
        self.run("check a token", async {
            let row = sqlx::query(AssertSqlSafe(format!(
                "SELECT {COLUMNS} FROM issued_tokens JOIN users ON users.id = issued_tokens.user_id \
                 WHERE issued_tokens.id = $1 AND revoked_at IS NULL AND expires_at > $2 AND active \
                 AND password IS NOT NULL"
            )))
            .bind(token.uuid())
            .bind(now.as_millisecond())
            .fetch_optional(&self.pool)
            .await?;
            Ok(row.as_ref().map(read).transpose()?)
        })
        .await
    }

    async fn revoke_token(&self, token: TokenId, at: Timestamp) -> Result<(), EngineError> {
        self.run("revoke a token", async {
            sqlx::query(
                "UPDATE issued_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
            )
            .bind(at.as_millisecond())
            .bind(token.uuid())
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

/// Refuses what would leave nobody who can administer. All administrators are locked, always in one order, so that
/// two of them cannot remove each other.
async fn keep_an_admin(tx: &mut PgConnection, id: UserId) -> Result<(), Stop> {
    let admins: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM users WHERE access = 'admin' AND active AND password IS NOT NULL ORDER BY id FOR UPDATE",
    )
    .fetch_all(tx)
    .await?;
    if admins == [id.uuid()] {
        return Err(EngineError::Conflict(LAST_ADMIN).into());
    }
    Ok(())
}

fn read(row: &PgRow) -> Result<Account, sqlx::Error> {
    let last_login: Option<i64> = row.try_get("last_login_at")?;
    Ok(Account {
        id: row.try_get::<Uuid, _>("id")?.into(),
        name: name(row)?,
        email: row
            .try_get::<Option<String>, _>("email")?
            .unwrap_or_default(),
        access: access_of(row.try_get("access")?),
        active: row.try_get("active")?,
        created: time(row, "created_at")?,
        last_login: last_login.and_then(|at| Timestamp::from_millisecond(at).ok()),
    })
}
