//! Plugins' values in PostgreSQL.

use async_trait::async_trait;

use super::PostgresStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::values::{check_key, check_quota};
use crate::storage::{MAX_PAGE, Values};

#[async_trait]
impl Values for PostgresStore {
    async fn value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        if key.contains('\0') {
            return Ok(None);
        }
        self.run("read a plugin's value", async {
            let value = sqlx::query_scalar(
                "SELECT value FROM plugin_values WHERE user_id = $1 AND plugin = $2 AND key = $3",
            )
            .bind(user.uuid())
            .bind(plugin)
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
            Ok(value)
        })
        .await
    }

    async fn set_value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
        value: &[u8],
    ) -> Result<(), EngineError> {
        check_key(key)?;
        self.run("store a plugin's value", async {
            let mut tx = self.pool.begin().await?;
            // One at a time for each user, so that two together do not exceed the quota.
            sqlx::query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE")
                .bind(user.uuid())
                .execute(&mut *tx)
                .await?;
            // What this key holds now makes room. At most MAX_KEYS rows, read by their key; values are not read.
            let (keys, bytes): (i64, i64) = sqlx::query_as(
                "SELECT count(*), coalesce(sum(octet_length(key) + octet_length(value)), 0) FROM plugin_values \
                 WHERE user_id = $1 AND plugin = $2 AND key <> $3",
            )
            .bind(user.uuid())
            .bind(plugin)
            .bind(key)
            .fetch_one(&mut *tx)
            .await?;
            check_quota(plugin, keys, bytes, key, value)?;
            sqlx::query(
                "INSERT INTO plugin_values (user_id, plugin, key, value) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (user_id, plugin, key) DO UPDATE SET value = excluded.value",
            )
            .bind(user.uuid())
            .bind(plugin)
            .bind(key)
            .bind(value)
            .execute(&mut *tx)
            .await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    async fn delete_value(&self, plugin: &str, user: UserId, key: &str) -> Result<(), EngineError> {
        if key.contains('\0') {
            return Ok(());
        }
        self.run("remove a plugin's value", async {
            sqlx::query(
                "DELETE FROM plugin_values WHERE user_id = $1 AND plugin = $2 AND key = $3",
            )
            .bind(user.uuid())
            .bind(plugin)
            .bind(key)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    async fn value_keys(
        &self,
        plugin: &str,
        user: UserId,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        if prefix.contains('\0') {
            return Ok(Vec::new());
        }
        // No key has a NUL: those after "a\0b" are those after "a".
        let after = after.unwrap_or_default().split('\0').next();
        self.run("list a plugin's values", async {
            let keys = sqlx::query_scalar(
                "SELECT key FROM plugin_values WHERE user_id = $1 AND plugin = $2 AND key >= $3 AND key > $4 \
                 AND starts_with(key, $3) ORDER BY key LIMIT $5",
            )
            .bind(user.uuid())
            .bind(plugin)
            .bind(prefix)
            .bind(after.unwrap_or_default())
            .bind(i64::from(MAX_PAGE))
            .fetch_all(&self.pool)
            .await?;
            Ok(keys)
        })
        .await
    }
}
