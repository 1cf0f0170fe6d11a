//! Removal of what is old in PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;

use super::PostgresStore;
use crate::EngineError;
use crate::ids::UserId;
use crate::storage::{MAX_PAGE, Retention};

/// The age is looked at twice: the outer condition also sees what was used since the statement began.
const OF_ALL: &str = "\
    DELETE FROM conversations WHERE updated_at < $1 AND id IN \
    (SELECT id FROM conversations WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)";

const OF_ONE: &str = "\
    DELETE FROM conversations WHERE updated_at < $1 AND id IN \
    (SELECT id FROM conversations WHERE updated_at < $1 AND user_id = $3 ORDER BY updated_at LIMIT $2)";

#[async_trait]
impl Retention for PostgresStore {
    async fn prune(&self, user: Option<UserId>, before: Timestamp) -> Result<u32, EngineError> {
        self.run("remove old conversations", async {
            let statement = sqlx::query(if user.is_some() { OF_ONE } else { OF_ALL })
                .bind(before.as_millisecond())
                .bind(i64::from(MAX_PAGE));
            let statement = match user {
                Some(user) => statement.bind(user.uuid()),
                None => statement,
            };
            let removed = statement.execute(&self.pool).await?.rows_affected();
            Ok(u32::try_from(removed).unwrap_or(u32::MAX))
        })
        .await
    }
}
