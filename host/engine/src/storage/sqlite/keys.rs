//! Ids of keys in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;

use super::SqliteStore;
use crate::EngineError;
use crate::keys::{KeyId, Purpose};
use crate::storage::KeyIds;
use crate::storage::row::{all, parsed};

#[async_trait]
impl KeyIds for SqliteStore {
    async fn known_keys(&self, purpose: Purpose) -> Result<Vec<KeyId>, EngineError> {
        let rows =
            sqlx::query("SELECT id FROM known_keys WHERE purpose = ? ORDER BY accepted_at, id")
                .bind(purpose.name())
                .fetch_all(&self.connection)
                .await;
        rows.and_then(|rows| all(&rows, |row| parsed(row, "id")))
            .map_err(self.fault("read which keys it knows"))
    }

    async fn accept_key(
        &self,
        purpose: Purpose,
        id: KeyId,
        first: bool,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        sqlx::query(
            "INSERT INTO known_keys (purpose, id, accepted_at) SELECT ?1, ?2, ?3 \
             WHERE NOT (?4 AND EXISTS (SELECT 1 FROM known_keys WHERE purpose = ?1)) ON CONFLICT DO NOTHING",
        )
        .bind(purpose.name())
        .bind(id.to_string())
        .bind(at.as_millisecond())
        .bind(first)
        .execute(&self.connection)
        .await
        .map(|_| ())
        .map_err(self.fault("accept a key"))
    }
}
