//! What a conversation used, in SQLite.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::EngineError;
use crate::cost::Spent;
use crate::ids::{ConversationId, UserId};
use crate::storage::row::{MOST_TOKENS, all, count};
use crate::storage::{Conversations, Spending, Spendings};

/// By model, and the last turn. $2 is the most that one turn counts with. A negative number is not summed away.
const SPENDING: &str = "\
    SELECT 0 AS last, model, \
        CASE WHEN min(prompt_tokens) < 0 THEN -1 ELSE sum(max(min(prompt_tokens, $2), 0)) END AS prompt_tokens, \
        CASE WHEN min(completion_tokens) < 0 THEN -1 ELSE sum(max(min(completion_tokens, $2), 0)) END \
            AS completion_tokens, \
        min(usage_exact) AS exact FROM turns WHERE conversation_id = $1 GROUP BY model \
    UNION ALL SELECT * FROM (SELECT 1, model, min(prompt_tokens, $2), min(completion_tokens, $2), usage_exact \
        FROM turns WHERE conversation_id = $1 ORDER BY sequence DESC LIMIT 1)";

#[async_trait]
impl Spendings for SqliteStore {
    async fn spending(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Spending, EngineError> {
        self.conversation(user, conversation).await?;
        sqlx::query(SPENDING)
            .bind(conversation.to_string())
            .bind(MOST_TOKENS)
            .fetch_all(&self.connection)
            .await
            .and_then(|rows| all(&rows, read))
            .map(Spending::of)
            .map_err(self.fault("add up what a conversation used"))
    }
}

fn read(row: &SqliteRow) -> Result<(bool, Spent), sqlx::Error> {
    let spent = Spent {
        model: row.try_get("model")?,
        prompt_tokens: count(row, "prompt_tokens")?,
        completion_tokens: count(row, "completion_tokens")?,
        exact: row.try_get("exact")?,
    };
    Ok((row.try_get("last")?, spent))
}
