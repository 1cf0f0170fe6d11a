//! Accounts, failed logins and tokens in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use mini_llm_chat_sandbox::contract::Access;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::connection::Write;
use crate::EngineError;
use crate::auth::{AccountName, NameDigest, PasswordHash};
use crate::ids::{TokenId, UserId};
use crate::storage::accounts::{
    FAILURES_KEPT_SECONDS, HAS_LOCAL_USER, LAST_ADMIN, NAME_TAKEN, NO_ACCOUNTS_IN_MEMORY,
    access_name, access_of, delay,
};
use crate::storage::row::{all, count, name, now, page, parsed, time};
use crate::storage::{Account, Accounts, Attempt, Change, IssuedToken, NewAccount};

const COLUMNS: &str = "users.id, users.name, users.email, users.access, users.active, users.created_at, \
                       users.last_login_at, users.password";

#[async_trait]
impl Accounts for SqliteStore {
    async fn has_accounts(&self) -> Result<bool, EngineError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE kind = 'account')")
            .fetch_one(&self.connection)
            .await
            .map_err(self.fault("look for accounts"))
    }

    async fn account(
        &self,
        name: &AccountName,
    ) -> Result<Option<(Account, PasswordHash)>, EngineError> {
        let fault = self.fault("find an account");
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM users WHERE look = ? AND kind = 'account'"
        )))
        .bind(name.look())
        .fetch_optional(&self.connection)
        .await
        .map_err(&fault)?;
        let Some(row) = row else { return Ok(None) };
        let account = read(&row).map_err(&fault)?;
        if !name.is(&account.name) {
            return Ok(None);
        }
        let password: String = row.try_get("password").map_err(&fault)?;
        Ok(Some((account, PasswordHash::stored(password))))
    }

    async fn accounts(&self, after: Option<&str>, limit: u32) -> Result<Vec<Account>, EngineError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM users WHERE kind = 'account' AND name > ? ORDER BY name LIMIT ?"
        )))
        .bind(after.unwrap_or_default())
        .bind(page(limit))
        .fetch_all(&self.connection)
        .await;
        rows.and_then(|rows| all(&rows, read))
            .map_err(self.fault("list the accounts"))
    }

    async fn add_account(&self, new: &NewAccount, adopt: bool) -> Result<Account, EngineError> {
        const ACTION: &str = "add an account";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let local: Option<String> =
            sqlx::query_scalar("SELECT id FROM users WHERE kind <> 'account'")
                .fetch_optional(&mut *tx)
                .await
                .map_err(&fault)?;
        if self.in_memory {
            return Err(EngineError::Conflict(NO_ACCOUNTS_IN_MEMORY));
        }
        if local.is_some() && !adopt {
            return Err(EngineError::Conflict(HAS_LOCAL_USER));
        }
        let taken: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM users WHERE look = ?1 OR (name = ?2 AND kind = 'account'))",
        )
        .bind(new.name.look())
        .bind(new.name.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(&fault)?;
        if taken {
            return Err(EngineError::Conflict(NAME_TAKEN));
        }
        let statement = if local.is_some() {
            "UPDATE users SET kind = 'account', name = ?2, look = ?3, email = ?4, access = ?5, active = 1, \
             password = ?7 WHERE id = ?1 AND ?6 > 0"
        } else {
            "INSERT INTO users (id, kind, name, look, email, access, active, created_at, password) \
             VALUES (?1, 'account', ?2, ?3, ?4, ?5, 1, ?6, ?7)"
        };
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{statement} RETURNING {COLUMNS}"
        )))
        .bind(local.unwrap_or_else(|| UserId::new().to_string()))
        .bind(new.name.as_str())
        .bind(new.name.look())
        .bind(&new.email)
        .bind(access_name(new.access))
        .bind(now().as_millisecond())
        .bind(new.password.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(&fault)?;
        let account = read(&row).map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(account)
    }

    async fn change_account(
        &self,
        id: UserId,
        change: &Change,
        at: Timestamp,
    ) -> Result<u64, EngineError> {
        const ACTION: &str = "change an account";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        if matches!(change, Change::Role(Access::User) | Change::Disable) {
            self.keep_an_admin(&mut tx, id, ACTION).await?;
        }
        let (column, value) = match change {
            Change::Role(access) => ("access", access_name(*access)),
            Change::Disable => ("active", "0"),
            Change::Enable => ("active", "1"),
            Change::Password(password) => ("password", password.as_str()),
        };
        let changed = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE users SET {column} = ? WHERE id = ? AND kind = 'account'"
        )))
        .bind(value)
        .bind(id.to_string())
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        if changed.rows_affected() == 0 {
            return Err(EngineError::NotFound { what: "account" });
        }
        let revoked = if matches!(change, Change::Enable) {
            0
        } else {
            sqlx::query(
                "UPDATE issued_tokens SET revoked_at = ?1 WHERE user_id = ?2 AND revoked_at IS NULL AND expires_at > ?1",
            )
            .bind(at.as_millisecond())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(&fault)?
            .rows_affected()
        };
        self.commit(tx, ACTION).await?;
        Ok(revoked)
    }

    async fn delete_account(&self, id: UserId) -> Result<(), EngineError> {
        const ACTION: &str = "delete an account";
        let mut tx = self.write(ACTION).await?;
        self.keep_an_admin(&mut tx, id, ACTION).await?;
        let deleted = sqlx::query("DELETE FROM users WHERE id = ? AND kind = 'account'")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(self.fault(ACTION))?;
        if deleted.rows_affected() == 0 {
            return Err(EngineError::NotFound { what: "account" });
        }
        self.commit(tx, ACTION).await
    }

    async fn begin_login(&self, name: &NameDigest, now: Timestamp) -> Result<Attempt, EngineError> {
        const ACTION: &str = "count a login";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let oldest = now.as_millisecond() - FAILURES_KEPT_SECONDS * 1000;
        sqlx::query("DELETE FROM login_failures WHERE last_at < ?")
            .bind(oldest)
            .execute(&mut *tx)
            .await
            .map_err(&fault)?;
        let row = sqlx::query("SELECT failures, last_at FROM login_failures WHERE name_digest = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(&fault)?;
        let failures = match row {
            None => 0,
            Some(row) => {
                let failures = count(&row, "failures").map_err(&fault)?;
                let last = time(&row, "last_at").map_err(&fault)?;
                let seconds = delay(failures, last, now);
                if seconds > 0 {
                    return Ok(Attempt::Delayed(seconds));
                }
                failures
            }
        };
        sqlx::query(
            "INSERT INTO login_failures (name_digest, failures, last_at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (name_digest) DO UPDATE SET failures = ?2, last_at = ?3",
        )
        .bind(name.as_str())
        .bind(i64::from(failures.saturating_add(1)))
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(Attempt::Allowed)
    }

    async fn forget_failures(&self, name: &NameDigest) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM login_failures WHERE name_digest = ?")
            .bind(name.as_str())
            .execute(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("forget failed logins"))
    }

    async fn issue_token(
        &self,
        token: &IssuedToken,
        password: &PasswordHash,
        renewed: Option<&PasswordHash>,
    ) -> Result<bool, EngineError> {
        const ACTION: &str = "store a token";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let unchanged = sqlx::query(
            "UPDATE users SET last_login_at = ?1, password = ?2 \
             WHERE id = ?3 AND kind = 'account' AND active = 1 AND password = ?4",
        )
        .bind(token.issued.as_millisecond())
        .bind(renewed.unwrap_or(password).as_str())
        .bind(token.user.to_string())
        .bind(password.as_str())
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        if unchanged.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM issued_tokens WHERE user_id = ? AND expires_at <= ?")
            .bind(token.user.to_string())
            .bind(token.issued.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(&fault)?;
        sqlx::query(
            "INSERT INTO issued_tokens (id, user_id, issued_at, expires_at) VALUES (?, ?, ?, ?)",
        )
        .bind(token.id.to_string())
        .bind(token.user.to_string())
        .bind(token.issued.as_millisecond())
        .bind(token.expires.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(true)
    }

    async fn token_holder(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Account>, EngineError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM issued_tokens JOIN users ON users.id = issued_tokens.user_id \
             WHERE issued_tokens.id = ? AND revoked_at IS NULL AND expires_at > ? AND kind = 'account' AND active = 1"
        )))
        .bind(token.to_string())
        .bind(now.as_millisecond())
        .fetch_optional(&self.connection)
        .await
        .and_then(|row| row.as_ref().map(read).transpose())
        .map_err(self.fault("check a token"))
    }

    async fn revoke_token(&self, token: TokenId, at: Timestamp) -> Result<(), EngineError> {
        sqlx::query("UPDATE issued_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(at.as_millisecond())
            .bind(token.to_string())
            .execute(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("revoke a token"))
    }
}

impl SqliteStore {
    /// Refuses what would leave nobody who can administer.
    async fn keep_an_admin(
        &self,
        tx: &mut Write<'_>,
        id: UserId,
        action: &'static str,
    ) -> Result<(), EngineError> {
        let admins: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM users WHERE kind = 'account' AND access = 'admin' AND active = 1 LIMIT 2",
        )
        .fetch_all(&mut **tx)
        .await
        .map_err(self.fault(action))?;
        if admins == [id.to_string()] {
            return Err(EngineError::Conflict(LAST_ADMIN));
        }
        Ok(())
    }
}

fn read(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    let last_login: Option<i64> = row.try_get("last_login_at")?;
    Ok(Account {
        id: parsed(row, "id")?,
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
