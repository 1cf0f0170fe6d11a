//! What a conversation used, in PostgreSQL.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use crate::EngineError;
use crate::cost::Spent;
use crate::ids::{ConversationId, UserId};
use crate::storage::row::{MOST_TOKENS, all, count};
use crate::storage::{Spending, Spendings};

/// By model, and the last turn. $2 is the most that one turn counts with. A negative number is not summed away.
const SPENDING: &str = "\
    SELECT FALSE AS last, model, \
        CASE WHEN min(prompt_tokens) < 0 THEN -1 ELSE sum(greatest(least(prompt_tokens, $2), 0)) END::bigint \
            AS prompt_tokens, \
        CASE WHEN min(completion_tokens) < 0 THEN -1 ELSE sum(greatest(least(completion_tokens, $2), 0)) END::bigint \
            AS completion_tokens, \
        bool_and(usage_exact) AS exact FROM turns WHERE conversation_id = $1 GROUP BY model \
    UNION ALL (SELECT TRUE, model, least(prompt_tokens, $2), least(completion_tokens, $2), usage_exact \
        FROM turns WHERE conversation_id = $1 ORDER BY sequence DESC LIMIT 1)";

#[async_trait]
impl Spendings for PostgresStore {
    async fn spending(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Spending, EngineError> {
        self.run("add up what a conversation used", async {
            self.find(user, conversation).await?;
            let rows = sqlx::query(SPENDING)
                .bind(conversation.uuid())
                .bind(MOST_TOKENS)
                .fetch_all(&self.pool)
                .await?;
            Ok(Spending::of(all(&rows, read)?))
        })
        .await
    }
}

fn read(row: &PgRow) -> Result<(bool, Spent), sqlx::Error> {
    let spent = Spent {
        model: row.try_get("model")?,
        prompt_tokens: count(row, "prompt_tokens")?,
        completion_tokens: count(row, "completion_tokens")?,
        exact: row.try_get("exact")?,
    };
    Ok((row.try_get("last")?, spent))
}
