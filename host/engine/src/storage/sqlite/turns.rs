//! Turns and messages in SQLite.

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite, SqliteConnection};

use super::SqliteStore;
use super::connection::Connection;
use super::fault::is_broken_constraint;
use crate::EngineError;
use crate::audit::chain::{Head, Row};
use crate::ids::{ConversationId, PolicyDigest, UserId};
use crate::storage::audit::bind_row;
use crate::storage::conversations::MISSING;
use crate::storage::row::{
    HIGHEST_SEQUENCE, MOST_TOKENS, all, count, last_sequence, length, now, number, page, text,
};
use crate::storage::turns::read_message;
use crate::storage::{NewMessage, NewTurn, StoredMessage, StoredTurn, Turns, UndoneTurn};

#[async_trait]
impl Turns for SqliteStore {
    async fn append_turn(&self, user: UserId, turn: &NewTurn) -> Result<StoredTurn, EngineError> {
        const ACTION: &str = "store the turn";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        let stored = append(&mut tx, user, turn)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        self.commit(tx, ACTION).await?;
        Ok(stored)
    }

    async fn last_sequence(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<u64, EngineError> {
        sqlx::query("SELECT last_sequence FROM conversations WHERE id = ? AND user_id = ?")
            .bind(conversation.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.connection)
            .await
            .and_then(|row| row.as_ref().map(last_sequence).transpose())
            .map_err(self.fault("read the conversation"))?
            .ok_or(MISSING)
    }

    async fn messages(
        &self,
        user: UserId,
        conversation: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, EngineError> {
        let fault = self.fault("read the messages");
        let messages = sqlx::query(
            "SELECT sequence, turn, author, content, bytes, tokens, encoding, partial, judged_by, created_at FROM messages \
             WHERE conversation_id = ?1 AND sequence < ?2 \
             AND EXISTS (SELECT 1 FROM conversations WHERE id = ?1 AND user_id = ?3) ORDER BY sequence DESC LIMIT ?4",
        )
        .bind(conversation.to_string())
        .bind(before.map_or(i64::MAX, number))
        .bind(user.to_string())
        .bind(page(limit))
        .fetch_all(&self.connection)
        .await
        .and_then(|rows| all(&rows, |row| read_message(row)))
        .map_err(&fault)?;
        if messages.is_empty() {
            let mut reader = self.connection.acquire().await.map_err(&fault)?;
            owned(&mut reader, user, conversation)
                .await
                .map_err(&fault)?
                .ok_or(MISSING)?;
        }
        Ok(messages)
    }

    async fn undo(
        &self,
        user: UserId,
        conversation: ConversationId,
        expected: Option<u64>,
    ) -> Result<UndoneTurn, EngineError> {
        const ACTION: &str = "take the last turn back";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        owned(&mut tx, user, conversation)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        let last: Option<(i64, String)> = sqlx::query_as(
            "SELECT turn, content FROM messages WHERE conversation_id = ? AND author = 'user' \
             ORDER BY sequence DESC LIMIT 1",
        )
        .bind(conversation.to_string())
        .fetch_optional(&mut *tx)
        .await
        .map_err(&fault)?;
        let (turn, prompt) = last.ok_or(EngineError::NotFound {
            what: "turn: the conversation is empty",
        })?;
        if expected.is_some_and(|expected| number(expected) != turn) {
            return Err(EngineError::Conflict(
                "another turn was stored in the meantime, nothing was removed: look at it and try again",
            ));
        }
        let removed =
            sqlx::query("DELETE FROM messages WHERE conversation_id = ? AND sequence >= ?")
                .bind(conversation.to_string())
                .bind(turn)
                .execute(&mut *tx)
                .await
                .map_err(&fault)?
                .rows_affected();
        recount(&mut tx, conversation).await.map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        self.scrub().await;
        Ok(UndoneTurn {
            prompt,
            removed: u32::try_from(removed).unwrap_or(u32::MAX),
        })
    }

    async fn mark_judged(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequences: &[u64],
        by: &PolicyDigest,
    ) -> Result<(), EngineError> {
        const ACTION: &str = "note what the policy judged";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        owned(&mut tx, user, conversation)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        for sequence in sequences {
            sqlx::query(
                "UPDATE messages SET judged_by = ? WHERE conversation_id = ? AND sequence = ?",
            )
            .bind(by.as_str())
            .bind(conversation.to_string())
            .bind(number(*sequence))
            .execute(&mut *tx)
            .await
            .map_err(&fault)?;
        }
        self.commit(tx, ACTION).await
    }

    async fn replace_text(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequence: u64,
        message: &NewMessage,
    ) -> Result<(), EngineError> {
        const ACTION: &str = "replace a message's text";
        let fault = self.fault(ACTION);
        let mut tx = self.write(ACTION).await?;
        owned(&mut tx, user, conversation)
            .await
            .map_err(&fault)?
            .ok_or(MISSING)?;
        let replaced = bind_text(
            sqlx::query(
            "UPDATE messages SET content = ?, bytes = ?, tokens = ?, encoding = ?, judged_by = ? \
             WHERE conversation_id = ? AND sequence = ?",
            ),
            message,
        )
        .bind(message.judged_by.as_str())
        .bind(conversation.to_string())
        .bind(number(sequence))
        .execute(&mut *tx)
        .await
        .map_err(&fault)?;
        if replaced.rows_affected() == 0 {
            return Err(EngineError::NotFound { what: "message" });
        }
        recount(&mut tx, conversation).await.map_err(&fault)?;
        self.commit(tx, ACTION).await?;
        self.scrub().await;
        Ok(())
    }
}

impl SqliteStore {
    /// Brings the log back into the database and empties it, so that removed text is not in the log either.
    /// Another process that reads may keep it from that; the next one to do it then succeeds.
    pub(super) async fn scrub(&self) {
        if self.in_memory {
            return;
        }
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_all(&self.connection)
            .await
        {
            tracing::debug!(%error, "the write-ahead log could not be emptied");
        }
    }
}

async fn owned(
    db: &mut SqliteConnection,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT number FROM conversations WHERE id = ? AND user_id = ?")
        .bind(conversation.to_string())
        .bind(user.to_string())
        .fetch_optional(db)
        .await
}

/// The turn and both messages, with sequences from the conversation's row, unless the turn was stored before. One
/// script, because each statement on its own costs a change of threads; each goes on only where the one before it
/// changed a row. Parameters are `$1`, not `?1`: the driver reads a number that a statement leaves out as one more value.
const APPEND: &str = "\
    UPDATE conversations SET last_sequence = last_sequence + 2, messages = messages + 2, tokens = tokens + $4, \
        uncounted = uncounted + $5, updated_at = $6 \
        WHERE id = $1 AND user_id = $2 AND NOT EXISTS (SELECT 1 FROM turns WHERE id = $3); \
    INSERT INTO turns (id, conversation_id, sequence, model, finish, cached, prompt_tokens, completion_tokens, \
        usage_exact, begun_at, stored_at) \
        SELECT $3, $1, last_sequence - 1, $7, $8, $9, $10, $11, $12, $13, $6 FROM conversations \
        WHERE id = $1 AND changes() = 1; \
    INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, partial, \
        judged_by, created_at) \
        SELECT $1, sequence, sequence, 'user', $14, $15, $16, $17, 0, $18, $13 FROM turns \
        WHERE id = $3 AND changes() = 1; \
    INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, partial, \
        judged_by, created_at) \
        SELECT $1, sequence + 1, sequence, 'assistant', $19, $20, $21, $22, $23, $24, $6 FROM turns \
        WHERE id = $3 AND changes() = 1; \
    SELECT changes() AS added, (SELECT sequence FROM turns WHERE id = $3) AS sequence FROM conversations \
        WHERE id = $1 AND user_id = $2";

/// With the turn's end in the audit trail, in one statement, where that ends as this process believes and the turn is new.
/// A broken constraint says that it is not so, and nothing is stored. Parameters of [`APPEND`], then those of a row.
const APPEND_AND_END: &str = "\
    INSERT INTO ended_turns VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
        $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)";

/// Whether it was stored.
pub(super) async fn append_and_end(
    db: &Connection,
    user: UserId,
    turn: &NewTurn,
    ended: &Row,
    before: Head,
) -> Result<bool, sqlx::Error> {
    let stored = bind_row(bind_turn(APPEND_AND_END, turn, user), ended, before)
        .execute(db)
        .await;
    match stored {
        Ok(_) => Ok(true),
        Err(error) if is_broken_constraint(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Stores a turn in that transaction.
pub(super) async fn append(
    db: &mut SqliteConnection,
    user: UserId,
    turn: &NewTurn,
) -> Result<Option<StoredTurn>, sqlx::Error> {
    let row = bind_turn(APPEND, turn, user).fetch_optional(db).await?;
    row.as_ref().map(read_stored).transpose()
}

/// What a conversation's row keeps, made anew from what is stored, where somebody edited it so that no turn fits any more.
pub(super) async fn mend(
    db: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE conversations SET (last_sequence, messages, tokens, uncounted) = \
         (SELECT max(coalesce(max(CASE WHEN sequence < $2 THEN sequence END), 0), \
                     coalesce((SELECT max(sequence) + 1 FROM turns WHERE conversation_id = $1 AND sequence < $2), 0)), \
                 count(*), coalesce(sum(min(max(coalesce(tokens, bytes), 0), $3)), 0), count(*) - count(tokens) \
          FROM messages WHERE conversation_id = $1) WHERE id = $1",
    )
    .bind(conversation.to_string())
    .bind(HIGHEST_SEQUENCE)
    .bind(MOST_TOKENS)
    .execute(db)
    .await
    .map(|_| ())
}

fn bind_turn<'q>(
    script: &'static str,
    turn: &'q NewTurn,
    user: UserId,
) -> Query<'q, Sqlite, SqliteArguments> {
    let stored_at = now().as_millisecond();
    let (tokens, uncounted) = turn.sums();
    let script = sqlx::query(script)
        .bind(turn.conversation.to_string())
        .bind(user.to_string())
        .bind(turn.id.to_string())
        .bind(tokens)
        .bind(uncounted)
        .bind(stored_at)
        .bind(text(&turn.model))
        .bind(turn.finish.name())
        .bind(turn.cached)
        .bind(number(turn.usage.prompt_tokens))
        .bind(number(turn.usage.completion_tokens))
        .bind(turn.usage.exact)
        .bind(turn.begun.as_millisecond());
    let script = bind_text(script, &turn.prompt).bind(turn.prompt.judged_by.as_str());
    bind_text(script, &turn.answer)
        .bind(turn.finish.is_partial())
        .bind(turn.answer.judged_by.as_str())
}

/// Content, its bytes, and what was counted in which encoding.
fn bind_text<'q>(
    script: Query<'q, Sqlite, SqliteArguments>,
    message: &'q NewMessage,
) -> Query<'q, Sqlite, SqliteArguments> {
    let content = text(&message.content);
    let bytes = length(&content);
    script
        .bind(content)
        .bind(bytes)
        .bind(message.tokens.map(|counted| counted.tokens))
        .bind(message.tokens.map(|counted| counted.encoding.as_str()))
}

fn read_stored(row: &SqliteRow) -> Result<StoredTurn, sqlx::Error> {
    Ok(StoredTurn {
        sequence: count(row, "sequence")?,
        repeated: !row.try_get::<bool, _>("added")?,
    })
}

/// Sums that the conversation's row keeps, made anew from its messages: after anything but an append.
pub(super) async fn recount(
    db: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE conversations SET (last_sequence, messages, tokens, uncounted) = \
         (SELECT last_sequence + 1, count(*), coalesce(sum(coalesce(tokens, bytes)), 0), count(*) - count(tokens) \
          FROM messages WHERE conversation_id = ?1) WHERE id = ?1",
    )
    .bind(conversation.to_string())
    .execute(db)
    .await
    .map(|_| ())
}
