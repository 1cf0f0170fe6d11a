//! Plugins' values in SQLite.

use async_trait::async_trait;

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::values::{check_key, check_quota};
use crate::storage::{MAX_PAGE, Values};

#[async_trait]
impl Values for SqliteStore {
    async fn value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        sqlx::query_scalar(
            "SELECT value FROM plugin_values WHERE plugin = ? AND user_id = ? AND key = ?",
        )
        .bind(plugin)
        .bind(user.to_string())
        .bind(key)
        .fetch_optional(&self.connection)
        .await
        .map_err(self.fault("read a plugin's value"))
    }

    async fn set_value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
        value: &[u8],
    ) -> Result<(), EngineError> {
        const ACTION: &str = "store a plugin's value";
        check_key(key)?;
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        // What this key holds now makes room. At most MAX_KEYS rows, read by their key; values are not read.
        let (keys, bytes): (i64, i64) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(octet_length(key) + octet_length(value)), 0) FROM plugin_values \
             WHERE plugin = ? AND user_id = ? AND key <> ?",
        )
        .bind(plugin)
        .bind(user.to_string())
        .bind(key)
        .fetch_one(&mut *tx)
        .await
        .map_err(&fault)?;
        check_quota(plugin, keys, bytes, key, value)?;
        sqlx::query(
            "INSERT INTO plugin_values (plugin, user_id, key, value) VALUES (?, ?, ?, ?) \
             ON CONFLICT (plugin, user_id, key) DO UPDATE SET value = excluded.value",
        )
        .bind(plugin)
        .bind(user.to_string())
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        self.commit(tx, ACTION).await
    }

    async fn delete_value(&self, plugin: &str, user: UserId, key: &str) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM plugin_values WHERE plugin = ? AND user_id = ? AND key = ?")
            .bind(plugin)
            .bind(user.to_string())
            .bind(key)
            .execute(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("remove a plugin's value"))
    }

    async fn value_keys(
        &self,
        plugin: &str,
        user: UserId,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        sqlx::query_scalar(
            "SELECT key FROM plugin_values WHERE plugin = ?1 AND user_id = ?2 AND key >= ?3 AND key > ?4 \
             AND substr(key, 1, length(?3)) = ?3 ORDER BY key LIMIT ?5",
        )
        .bind(plugin)
        .bind(user.to_string())
        .bind(prefix)
        .bind(after.unwrap_or_default())
        .bind(i64::from(MAX_PAGE))
        .fetch_all(&self.connection)
        .await
        .map_err(self.fault("list a plugin's values"))
    }
}
