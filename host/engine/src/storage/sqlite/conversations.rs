//! Conversations in SQLite.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::SqliteStore;
use super::turns::recount;
use crate::EngineError;
use crate::ids::{ConversationId, UserId};
use crate::storage::conversations::{CHANGED, MAX_WORDS, MISSING, checked_title};
use crate::storage::row::{all, count, now, number, page, parsed, time};
use crate::storage::{Conversation, Conversations, Fork};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.title, c.created_at, c.updated_at, c.messages, c.tokens, c.uncounted \
             FROM conversations c ",
            $rest
        )
    };
}

#[async_trait]
impl Conversations for SqliteStore {
    async fn current(&self, user: UserId) -> Result<Conversation, EngineError> {
        const ACTION: &str = "find the current conversation";
        let fault = self.fault(ACTION);
        let mut reader = self.connection.acquire().await.map_err(&fault)?;
        if let Some(found) = find_current(&mut reader, user).await.map_err(&fault)? {
            return Ok(found);
        }
        drop(reader);
        let mut tx = self.write(ACTION).await?;
        if let Some(found) = find_current(&mut tx, user).await.map_err(&fault)? {
            return Ok(found);
        }
        let made = make(&mut tx, user, "").await.map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(made)
    }

    async fn begin(&self, user: UserId) -> Result<Conversation, EngineError> {
        const ACTION: &str = "begin a conversation";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let made = insert(&mut tx, user, "").await.map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(made)
    }

    async fn conversation(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<Conversation, EngineError> {
        let fault = self.fault("read a conversation");
        let mut reader = self.connection.acquire().await.map_err(&fault)?;
        find(&mut reader, user, id)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)
    }

    async fn list(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError> {
        let fault = self.fault("list the conversations");
        let Some(after) = after else {
            return sqlx::query(select!(
                "WHERE c.user_id = ? ORDER BY c.updated_at DESC, c.number DESC LIMIT ?"
            ))
            .bind(user.to_string())
            .bind(page(limit))
            .fetch_all(&self.connection)
            .await
            .and_then(|rows| all(&rows, read))
            .map_err(fault);
        };
        let mut reader = self.connection.acquire().await.map_err(&fault)?;
        let (updated, last): (i64, i64) = sqlx::query_as(
            "SELECT updated_at, number FROM conversations WHERE id = ? AND user_id = ?",
        )
        .bind(after.to_string())
        .bind(user.to_string())
        .fetch_optional(&mut *reader)
        .await
        .map_err(&fault)?
        .ok_or(MISSING)?;
        sqlx::query(select!(
            "WHERE c.user_id = ? AND (c.updated_at, c.number) < (?, ?) \
             ORDER BY c.updated_at DESC, c.number DESC LIMIT ?"
        ))
        .bind(user.to_string())
        .bind(updated)
        .bind(last)
        .bind(page(limit))
        .fetch_all(&mut *reader)
        .await
        .and_then(|rows| all(&rows, read))
        .map_err(fault)
    }

    async fn search(
        &self,
        user: UserId,
        words: &str,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError> {
        const ACTION: &str = "search the conversations";
        let Some(expression) = all_words(words) else {
            return Ok(Vec::new());
        };
        self.index(ACTION).await?;
        // Ranks are computed inside the search before anything is joined; a title counts more than a message.
        sqlx::query(
            "WITH in_messages AS MATERIALIZED \
                 (SELECT rowid AS number, rank AS score FROM message_search WHERE message_search MATCH ?1), \
             in_titles AS MATERIALIZED \
                 (SELECT rowid AS number, rank AS score FROM title_search WHERE title_search MATCH ?1), \
             hits AS ( \
                 SELECT m.conversation_id AS id, i.score FROM in_messages i JOIN messages m ON m.number = i.number \
                 UNION ALL \
                 SELECT t.id, i.score - 100 FROM in_titles i JOIN conversations t ON t.number = i.number) \
             SELECT c.id, c.title, c.created_at, c.updated_at, c.messages, c.tokens, c.uncounted \
             FROM hits h JOIN conversations c ON c.id = h.id WHERE c.user_id = ?2 \
             GROUP BY c.id ORDER BY min(h.score), c.updated_at DESC, c.number DESC LIMIT ?3",
        )
        .bind(expression)
        .bind(user.to_string())
        .bind(page(limit))
        .fetch_all(&self.connection)
        .await
        .and_then(|rows| all(&rows, read))
        .map_err(self.fault(ACTION))
    }

    async fn resume(&self, user: UserId, id: ConversationId) -> Result<Conversation, EngineError> {
        const ACTION: &str = "resume a conversation";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        touch(&mut tx, user, id).await.map_err(&fault)?;
        let found = find(&mut tx, user, id)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        point_to(&mut tx, user, id).await.map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        Ok(found)
    }

    async fn rename(
        &self,
        user: UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<(), EngineError> {
        let title = checked_title(title)?;
        let done = sqlx::query(
            "UPDATE conversations SET title = ?, updated_at = ? WHERE id = ? AND user_id = ?",
        )
        .bind(title)
        .bind(now().as_millisecond())
        .bind(id.to_string())
        .bind(user.to_string())
        .execute(&self.connection)
        .await
        .map_err(self.fault("rename a conversation"))?;
        if done.rows_affected() == 0 {
            Err(MISSING)
        } else {
            Ok(())
        }
    }

    async fn fork(
        &self,
        user: UserId,
        id: ConversationId,
        until: Fork,
    ) -> Result<Conversation, EngineError> {
        const ACTION: &str = "copy a conversation";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let source = find(&mut tx, user, id)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        let copy = make(&mut tx, user, &source.title).await.map_err(&fault)?;
        sqlx::query(
            "INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, partial, \
                                   judged_by, created_at) \
             SELECT ?1, sequence, turn, author, content, bytes, tokens, encoding, partial, judged_by, created_at \
             FROM messages WHERE conversation_id = ?2 AND sequence <= ?3 ORDER BY sequence",
        )
        .bind(copy.id.to_string())
        .bind(id.to_string())
        .bind(match until {
            Fork::Whole => i64::MAX,
            Fork::UpTo(last) => number(last),
        })
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        recount(&mut tx, copy.id).await.map_err(&fault)?;
        sqlx::query(
            "UPDATE conversations SET last_sequence = \
             (SELECT coalesce(max(sequence), 0) FROM messages WHERE conversation_id = ?1) WHERE id = ?1",
        )
        .bind(copy.id.to_string())
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        let copy = find(&mut tx, user, copy.id)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        self.commit(tx, ACTION).await?;
        Ok(copy)
    }

    async fn delete(
        &self,
        user: UserId,
        id: ConversationId,
        expected: Option<u32>,
    ) -> Result<(), EngineError> {
        let done = sqlx::query(
            "DELETE FROM conversations WHERE id = ?1 AND user_id = ?2 AND (?3 IS NULL OR messages = ?3)",
        )
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(expected)
        .execute(&self.connection)
        .await
        .map_err(self.fault("delete a conversation"))?;
        if done.rows_affected() == 0 {
            self.conversation(user, id).await?;
            return Err(CHANGED);
        }
        self.scrub().await;
        Ok(())
    }
}

async fn find_current(
    db: &mut SqliteConnection,
    user: UserId,
) -> Result<Option<Conversation>, sqlx::Error> {
    let row = sqlx::query(select!(
        "JOIN users u ON u.current_conversation = c.id WHERE u.id = ? AND c.user_id = u.id"
    ))
    .bind(user.to_string())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

async fn find(
    db: &mut SqliteConnection,
    user: UserId,
    id: ConversationId,
) -> Result<Option<Conversation>, sqlx::Error> {
    let row = sqlx::query(select!("WHERE c.id = ? AND c.user_id = ?"))
        .bind(id.to_string())
        .bind(user.to_string())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// A new conversation, which becomes the current one.
async fn make(
    db: &mut SqliteConnection,
    user: UserId,
    title: &str,
) -> Result<Conversation, sqlx::Error> {
    let made = insert(&mut *db, user, title).await?;
    point_to(db, user, made.id).await?;
    Ok(made)
}

async fn insert(
    db: &mut SqliteConnection,
    user: UserId,
    title: &str,
) -> Result<Conversation, sqlx::Error> {
    let (id, at) = (ConversationId::new(), now());
    sqlx::query("INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)")
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(title)
        .bind(at.as_millisecond())
        .execute(db)
        .await?;
    let title = title.to_owned();
    Ok(Conversation {
        id,
        title,
        created: at,
        updated: at,
        messages: 0,
        tokens: 0,
        exact: true,
    })
}

async fn point_to(
    db: &mut SqliteConnection,
    user: UserId,
    id: ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET current_conversation = ? WHERE id = ?")
        .bind(id.to_string())
        .bind(user.to_string())
        .execute(db)
        .await
        .map(|_| ())
}

/// Makes a conversation the last used one, also when another was used in the same millisecond.
async fn touch(
    db: &mut SqliteConnection,
    user: UserId,
    id: ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE conversations SET updated_at = \
             max(?1, 1 + (SELECT max(updated_at) FROM conversations WHERE user_id = ?3)) \
         WHERE id = ?2 AND user_id = ?3",
    )
    .bind(now().as_millisecond())
    .bind(id.to_string())
    .bind(user.to_string())
    .execute(db)
    .await
    .map(|_| ())
}

fn read(row: &SqliteRow) -> Result<Conversation, sqlx::Error> {
    Ok(Conversation {
        id: parsed(row, "id")?,
        title: row.try_get("title")?,
        created: time(row, "created_at")?,
        updated: time(row, "updated_at")?,
        messages: count(row, "messages")?,
        tokens: count(row, "tokens")?,
        exact: row.try_get::<i64, _>("uncounted")? == 0,
    })
}

/// A search expression that asks for every word as a beginning; none where there is no word. Each word is
/// quoted, so that nothing in it is an operator.
fn all_words(words: &str) -> Option<String> {
    let quoted: Vec<String> = words
        .split(|c: char| c.is_whitespace() || c == '\0')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MAX_WORDS)
        .map(|word| format!("\"{}\"*", word.replace('"', "\"\"")))
        .collect();
    if quoted.is_empty() {
        None
    } else {
        Some(quoted.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::all_words;

    #[test]
    fn words_are_quoted_so_that_operators_are_text() {
        assert_eq!(
            all_words(r#"a OR "b" -- c*"#).as_deref(),
            Some(r#""a"* "OR"* """b"""* "c*"*"#)
        );
        assert_eq!(all_words(" -- \0 "), None);
    }
}
