//! Ids of keys in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;

use super::PostgresStore;
use crate::EngineError;
use crate::keys::{KeyId, Purpose};
use crate::storage::KeyIds;
use crate::storage::row::{all, parsed};

#[async_trait]
impl KeyIds for PostgresStore {
    async fn known_keys(&self, purpose: Purpose) -> Result<Vec<KeyId>, EngineError> {
        self.run("read which keys it knows", async {
            let rows = sqlx::query(
                "SELECT id FROM known_keys WHERE purpose = $1 ORDER BY accepted_at, id",
            )
            .bind(purpose.name())
            .fetch_all(&self.pool)
            .await?;
            Ok(all(&rows, |row| parsed(row, "id"))?)
        })
        .await
    }

    async fn accept_key(
        &self,
        purpose: Purpose,
        id: KeyId,
        first: bool,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        self.run("accept a key", async {
            let mut tx = self.pool.begin().await?;
            // Of two processes with different first keys one is first.
            sqlx::query("LOCK TABLE known_keys IN SHARE ROW EXCLUSIVE MODE")
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "INSERT INTO known_keys (purpose, id, accepted_at) SELECT $1, $2, $3 \
                 WHERE NOT ($4 AND EXISTS (SELECT 1 FROM known_keys WHERE purpose = $1)) ON CONFLICT DO NOTHING",
            )
            .bind(purpose.name())
            .bind(id.to_string())
            .bind(at.as_millisecond())
            .bind(first)
            .execute(&mut *tx)
            .await?;
            Ok(tx.commit().await?)
        })
        .await
    }
}
