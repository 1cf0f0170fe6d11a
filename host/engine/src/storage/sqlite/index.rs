//! Messages enter the word search when somebody searches, not when they are stored.

use super::SqliteStore;
use crate::EngineError;

const INDEX: &str = "\
    INSERT INTO message_search (rowid, content) \
        SELECT number, content FROM messages WHERE number IN (SELECT number FROM unindexed ORDER BY number LIMIT 200); \
    DELETE FROM unindexed WHERE number IN (SELECT number FROM unindexed ORDER BY number LIMIT 200)";

impl SqliteStore {
    /// Brings messages that were stored since the last search into the index, a few at a time: others write in between,
    /// and a search that is given up leaves less to the next one.
    pub(super) async fn index(&self, action: &'static str) -> Result<(), EngineError> {
        let fault = self.fault(action);
        while sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM unindexed)")
            .fetch_one(&self.connection)
            .await
            .map_err(&fault)?
        {
            let mut tx = self.write(action).await?;
            sqlx::query(INDEX).execute(&mut *tx).await.map_err(&fault)?;
            self.commit(tx, action).await?;
        }
        Ok(())
    }
}
