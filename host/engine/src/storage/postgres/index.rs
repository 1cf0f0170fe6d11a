//! Messages enter the word search when somebody searches: their words would be half of what it costs to store a turn.

use sqlx::Row;
use uuid::Uuid;

use super::{PostgresStore, Stop, words};
use crate::ids::UserId;

/// Messages that enter in one transaction.
const AT_ONCE: u32 = 500;

/// Locked, so that no text changes before its words are stored.
const UNINDEXED: &str = "\
    SELECT m.conversation_id, m.sequence, m.content FROM messages m JOIN conversations c ON c.id = m.conversation_id \
    WHERE c.user_id = $1 AND m.words IS NULL ORDER BY m.conversation_id, m.sequence LIMIT $2 FOR UPDATE OF m";

/// Words have no space in them.
const INDEX: &str = "\
    UPDATE messages m SET words = search_words(u.number, string_to_array(new.words, ' ')) \
    FROM users u, unnest($2::uuid[], $3::bigint[], $4::text[]) AS new (conversation_id, sequence, words) \
    WHERE u.id = $1 AND m.conversation_id = new.conversation_id AND m.sequence = new.sequence";

impl PostgresStore {
    /// Brings messages of this user into the search. Whether there may be more.
    pub(super) async fn index(&self, user: UserId) -> Result<bool, Stop> {
        let mut tx = self.pool.begin().await?;
        let rows = sqlx::query(UNINDEXED)
            .bind(user.uuid())
            .bind(i64::from(AT_ONCE))
            .fetch_all(&mut *tx)
            .await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let mut conversations: Vec<Uuid> = Vec::with_capacity(rows.len());
        let mut sequences: Vec<i64> = Vec::with_capacity(rows.len());
        let mut texts: Vec<String> = Vec::with_capacity(rows.len());
        for row in &rows {
            conversations.push(row.try_get("conversation_id")?);
            sequences.push(row.try_get("sequence")?);
            texts.push(words::of_text(row.try_get("content")?).join(" "));
        }
        sqlx::query(INDEX)
            .bind(user.uuid())
            .bind(conversations)
            .bind(sequences)
            .bind(texts)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(rows.len() == AT_ONCE as usize)
    }
}
