//! Removal of what is old in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;

use super::SqliteStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::{MAX_PAGE, Retention};

const OF_ALL: &str = "\
    DELETE FROM conversations WHERE number IN \
    (SELECT number FROM conversations WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)";

const OF_ONE: &str = "\
    DELETE FROM conversations WHERE number IN \
    (SELECT number FROM conversations WHERE updated_at < ?1 AND user_id = ?3 ORDER BY updated_at LIMIT ?2)";

#[async_trait]
impl Retention for SqliteStore {
    async fn prune(&self, user: Option<UserId>, before: Timestamp) -> Result<u32, EngineError> {
        let statement = sqlx::query(if user.is_some() { OF_ONE } else { OF_ALL })
            .bind(before.as_millisecond())
            .bind(i64::from(MAX_PAGE));
        let statement = match user {
            Some(user) => statement.bind(user.to_string()),
            None => statement,
        };
        let removed = statement
            .execute(&self.connection)
            .await
            .map_err(self.fault("remove old conversations"))?
            .rows_affected();
        if removed > 0 {
            self.scrub().await;
        }
        Ok(u32::try_from(removed).unwrap_or(u32::MAX))
    }
}
