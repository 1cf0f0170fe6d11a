//! Turns and messages in PostgreSQL.

use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgConnection, PgPool, Postgres, Row};

use super::{PostgresStore, Stop};
use crate::EngineError;
use crate::ids::{ConversationId, PolicyDigest, UserId};
use crate::storage::conversations::MISSING;
use crate::storage::row::{
    HIGHEST_SEQUENCE, MOST_TOKENS, all, count, last_sequence, length, now, number, page, text,
};
use crate::storage::turns::read_message;
use crate::storage::{NewMessage, NewTurn, StoredMessage, StoredTurn, Turns, UndoneTurn};

/// Both messages of the turn that `$from` places in its conversation.
macro_rules! messages {
    ($from:literal) => {
        concat!(
            "INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, judged_by, \
                                   partial, created_at) \
             SELECT $1, placed.sequence + n, placed.sequence, author, content, bytes, tokens, encoding, judged_by, \
                    partial, created_at \
             FROM ",
            $from,
            " AS placed, (VALUES \
                 (0, 'user', $14, $15::bigint, $16::bigint, $17, $18, false, $13), \
                 (1, 'assistant', $19, $20, $21, $22, $23, $24, $6) \
             ) AS new (n, author, content, bytes, tokens, encoding, judged_by, partial, created_at)"
        )
    };
}

/// The turn and both messages in one statement, with sequences from the conversation's locked row, unless the turn
/// was stored before. No row: the conversation is not the user's.
const APPEND: &str = concat!(
    "WITH place AS ( \
        SELECT last_sequence FROM conversations WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE), \
    added AS ( \
        INSERT INTO turns (id, conversation_id, sequence, model, finish, cached, prompt_tokens, completion_tokens, \
                           usage_exact, begun_at, stored_at) \
        SELECT $3, $1, last_sequence + 1, $7, $8, $9, $10, $11, $12, $13, $6 FROM place \
        ON CONFLICT (id) DO NOTHING RETURNING sequence), \
    counted AS ( \
        UPDATE conversations c SET last_sequence = added.sequence + 1, messages = c.messages + 2, \
            tokens = c.tokens + $4, uncounted = c.uncounted + $5, updated_at = $6 \
        FROM added WHERE c.id = $1), \
    stored AS (",
    messages!("added"),
    ") SELECT (SELECT sequence FROM added) AS added, (SELECT sequence FROM turns WHERE id = $3) AS before FROM place"
);

/// With the turn's end in the audit trail, where that ends as this process believes; otherwise nothing at all. It asks
/// nothing beforehand, which was a seventh of what it cost: a turn that was stored before, and a conversation that is not
/// the user's, are errors that take everything back. The second one is a division by zero.
pub(super) const APPEND_AND_END: &str = concat!(
    "WITH moved AS ( \
        UPDATE audit_head SET sequence = $25, link = $32 WHERE sequence = $25 - 1 AND link = $34 RETURNING one), \
    counted AS ( \
        UPDATE conversations c SET last_sequence = c.last_sequence + 2, messages = c.messages + 2, \
            tokens = c.tokens + $4, uncounted = c.uncounted + $5, updated_at = $6 \
        FROM moved WHERE c.id = $1 AND c.user_id = $2 RETURNING c.last_sequence - 1 AS sequence), \
    added AS ( \
        INSERT INTO turns (id, conversation_id, sequence, model, finish, cached, prompt_tokens, completion_tokens, \
                           usage_exact, begun_at, stored_at) \
        SELECT $3, $1, sequence, $7, $8, $9, $10, $11, $12, $13, $6 FROM counted), \
    stored AS (",
    messages!("counted"),
    ") INSERT INTO audit (sequence, at, event, user_id, turn_id, body, key_id, link, tag) \
    SELECT $25 / (SELECT count(*) FROM counted), $26, $27, $28, $29, $30, $31, $32, $33 FROM moved"
);

const MESSAGES: &str = "\
    SELECT sequence, turn, author, content, bytes, tokens, encoding, partial, judged_by, created_at FROM messages \
    WHERE conversation_id = $2 AND sequence < $3 \
    AND EXISTS (SELECT 1 FROM conversations WHERE id = $2 AND user_id = $1) ORDER BY sequence DESC LIMIT $4";

/// Takes the last turn back where it is `$2`, or whichever it is where that is null. The conversation is locked.
const UNDO: &str = "\
    WITH last AS ( \
        SELECT turn, content FROM messages WHERE conversation_id = $1 AND author = 'user' \
        ORDER BY sequence DESC LIMIT 1), \
    removed AS ( \
        DELETE FROM messages WHERE conversation_id = $1 \
        AND sequence >= (SELECT turn FROM last WHERE $2 IS NULL OR turn = $2) RETURNING tokens, bytes), \
    sums AS ( \
        SELECT count(*) AS n, coalesce(sum(coalesce(tokens, bytes)), 0)::bigint AS tokens, \
               count(*) - count(tokens) AS uncounted FROM removed), \
    counted AS ( \
        UPDATE conversations c SET last_sequence = c.last_sequence + 1, messages = c.messages - n, \
            tokens = c.tokens - sums.tokens, uncounted = c.uncounted - sums.uncounted FROM sums WHERE c.id = $1) \
    SELECT turn, content, (SELECT n FROM sums) AS removed FROM last";

/// The words are made when somebody searches.
const REPLACE: &str = "\
    UPDATE messages SET content = $3, bytes = $4, tokens = $5, encoding = $6, judged_by = $7, words = NULL \
    WHERE conversation_id = $1 AND sequence = $2";

/// Sums that the conversation's row keeps, made anew from its messages after one of them changed.
const RECOUNT: &str = "\
    UPDATE conversations SET (last_sequence, messages, tokens, uncounted) = \
        (SELECT last_sequence + 1, count(*), coalesce(sum(coalesce(tokens, bytes)), 0), count(*) - count(tokens) \
         FROM messages WHERE conversation_id = $1) WHERE id = $1";

/// What a conversation's row keeps, made anew from what is stored.
const MEND: &str = "\
    UPDATE conversations SET (last_sequence, messages, tokens, uncounted) = \
        (SELECT greatest(coalesce(max(sequence) FILTER (WHERE sequence < $2), 0), \
                coalesce((SELECT max(sequence) + 1 FROM turns WHERE conversation_id = $1 AND sequence < $2), 0)), \
            count(*), coalesce(sum(least(greatest(coalesce(tokens, bytes), 0), $3)), 0), count(*) - count(tokens) \
         FROM messages WHERE conversation_id = $1) WHERE id = $1";

#[async_trait]
impl Turns for PostgresStore {
    async fn append_turn(&self, user: UserId, turn: &NewTurn) -> Result<StoredTurn, EngineError> {
        self.run("store the turn", async {
            let mut connection = self.pool.acquire().await?;
            append(&mut connection, user, turn).await
        })
        .await
    }

    async fn last_sequence(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<u64, EngineError> {
        self.run("read the conversation", async {
            let row = sqlx::query(
                "SELECT last_sequence FROM conversations WHERE user_id = $1 AND id = $2",
            )
            .bind(user.uuid())
            .bind(conversation.uuid())
            .fetch_optional(&self.pool)
            .await?
            .ok_or(MISSING)?;
            Ok(last_sequence(&row)?)
        })
        .await
    }

    async fn messages(
        &self,
        user: UserId,
        conversation: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, EngineError> {
        self.run("read the messages", async {
            let rows = sqlx::query(MESSAGES)
                .bind(user.uuid())
                .bind(conversation.uuid())
                .bind(before.map_or(i64::MAX, number))
                .bind(page(limit))
                .fetch_all(&self.pool)
                .await?;
            if rows.is_empty() {
                self.find(user, conversation).await?;
            }
            Ok(all(&rows, |row| read_message(row))?)
        })
        .await
    }

    async fn undo(
        &self,
        user: UserId,
        conversation: ConversationId,
        expected: Option<u64>,
    ) -> Result<UndoneTurn, EngineError> {
        self.run("take the last turn back", async {
            let mut tx = self.pool.begin().await?;
            lock(&mut tx, user, conversation).await?;
            let row = sqlx::query(UNDO)
                .bind(conversation.uuid())
                .bind(expected.map(number))
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(EngineError::NotFound {
                    what: "turn: the conversation is empty",
                })?;
            if expected.is_some_and(|expected| row.try_get("turn").ok() != Some(number(expected))) {
                return Err(EngineError::Conflict(
                    "another turn was stored in the meantime, nothing was removed: look at it and try again",
                )
                .into());
            }
            let undone = UndoneTurn {
                prompt: row.try_get("content")?,
                removed: count(&row, "removed")?,
            };
            tx.commit().await?;
            Ok(undone)
        })
        .await
    }

    async fn mark_judged(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequences: &[u64],
        by: &PolicyDigest,
    ) -> Result<(), EngineError> {
        let sequences: Vec<i64> = sequences.iter().map(|&sequence| number(sequence)).collect();
        self.run("note what the policy judged", async {
            let marked = sqlx::query(
                "UPDATE messages SET judged_by = $4 WHERE conversation_id = $2 AND sequence = ANY ($3) \
                 AND EXISTS (SELECT 1 FROM conversations WHERE id = $2 AND user_id = $1)",
            )
            .bind(user.uuid())
            .bind(conversation.uuid())
            .bind(sequences)
            .bind(by.as_str())
            .execute(&self.pool)
            .await?;
            if marked.rows_affected() == 0 {
                self.find(user, conversation).await?;
            }
            Ok(())
        })
        .await
    }

    async fn replace_text(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequence: u64,
        message: &NewMessage,
    ) -> Result<(), EngineError> {
        self.run("replace a message's text", async {
            let mut tx = self.pool.begin().await?;
            lock(&mut tx, user, conversation).await?;
            let replace = sqlx::query(REPLACE)
                .bind(conversation.uuid())
                .bind(number(sequence));
            let replaced = bind_text(replace, message).execute(&mut *tx).await?;
            if replaced.rows_affected() == 0 {
                return Err(EngineError::NotFound { what: "message" }.into());
            }
            sqlx::query(RECOUNT)
                .bind(conversation.uuid())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Stores a turn on this connection, in its transaction where it has one.
pub(super) async fn append(
    connection: &mut PgConnection,
    user: UserId,
    turn: &NewTurn,
) -> Result<StoredTurn, Stop> {
    let row = bind_turn(sqlx::query(APPEND), user, turn)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(MISSING)?;
    if let Some(stored) = read_stored(&row)? {
        return Ok(stored);
    }
    // Stored by another process after this statement began: only a later one sees it.
    let stored = sqlx::query("SELECT sequence FROM turns WHERE id = $1");
    let row = stored.bind(turn.id.uuid()).fetch_one(connection).await?;
    Ok(StoredTurn {
        sequence: count(&row, "sequence")?,
        repeated: true,
    })
}

/// Where somebody edited a conversation's row so that no turn fits any more.
pub(super) async fn mend(pool: &PgPool, conversation: ConversationId) -> Result<(), sqlx::Error> {
    sqlx::query(MEND)
        .bind(conversation.uuid())
        .bind(HIGHEST_SEQUENCE)
        .bind(MOST_TOKENS)
        .execute(pool)
        .await
        .map(drop)
}

pub(super) fn bind_turn<'q>(
    statement: Query<'q, Postgres, PgArguments>,
    user: UserId,
    turn: &'q NewTurn,
) -> Query<'q, Postgres, PgArguments> {
    let (tokens, uncounted) = turn.sums();
    let statement = statement
        .bind(turn.conversation.uuid())
        .bind(user.uuid())
        .bind(turn.id.uuid())
        .bind(tokens)
        .bind(uncounted)
        .bind(now().as_millisecond())
        .bind(text(&turn.model))
        .bind(turn.finish.name())
        .bind(turn.cached)
        .bind(number(turn.usage.prompt_tokens))
        .bind(number(turn.usage.completion_tokens))
        .bind(turn.usage.exact)
        .bind(turn.begun.as_millisecond());
    let statement = bind_text(statement, &turn.prompt);
    bind_text(statement, &turn.answer).bind(turn.finish.is_partial())
}

/// Where the turn is; none where the statement cannot see it yet.
fn read_stored(row: &PgRow) -> Result<Option<StoredTurn>, sqlx::Error> {
    let (added, before): (Option<i64>, Option<i64>) =
        (row.try_get("added")?, row.try_get("before")?);
    Ok(added.or(before).map(|sequence| StoredTurn {
        sequence: u64::try_from(sequence).unwrap_or_default(),
        repeated: added.is_none(),
    }))
}

/// Content, its bytes, what was counted in which encoding, and who judged it.
fn bind_text<'q>(
    statement: Query<'q, Postgres, PgArguments>,
    message: &'q NewMessage,
) -> Query<'q, Postgres, PgArguments> {
    let content = text(&message.content);
    let bytes = length(&content);
    statement
        .bind(content)
        .bind(bytes)
        .bind(message.tokens.map(|counted| i64::from(counted.tokens)))
        .bind(message.tokens.map(|counted| counted.encoding.as_str()))
        .bind(message.judged_by.as_str())
}

/// Others wait until this transaction ends, and the statements after this one see what was stored before it.
async fn lock(
    connection: &mut PgConnection,
    user: UserId,
    conversation: ConversationId,
) -> Result<(), Stop> {
    let locked =
        sqlx::query("SELECT 1 FROM conversations WHERE user_id = $1 AND id = $2 FOR NO KEY UPDATE")
            .bind(user.uuid())
            .bind(conversation.uuid())
            .fetch_optional(connection)
            .await?;
    locked.map(drop).ok_or_else(|| MISSING.into())
}
