//! Conversations in PostgreSQL.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresStore, Stop, words};
use crate::EngineError;
use crate::ids::{ConversationId, UserId};
use crate::storage::conversations::{CHANGED, MAX_WORDS, MISSING, checked_title};
use crate::storage::row::{all, count, now, number, page, time};
use crate::storage::{Conversation, Conversations, Fork};

macro_rules! columns {
    () => {
        "id, title, created_at, updated_at, messages, tokens, uncounted"
    };
}

/// Every statement here speaks of `$1`, the user, and mostly of `$2`, a conversation.
const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM conversations WHERE user_id = $1 AND id = $2"
);

const FIND_CURRENT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM conversations WHERE user_id = $1 AND id = (SELECT current_conversation FROM users WHERE id = $1)"
);

/// Makes `$2` at `$3` the current one where there is none, or somebody else's, or `$4`, which is not there: the locked row
/// lets one process do it.
const MAKE_CURRENT: &str = concat!(
    "WITH me AS (SELECT id FROM users u WHERE id = $1 AND (current_conversation IS NULL OR current_conversation = $4 OR EXISTS ( \
              SELECT 1 FROM conversations c WHERE c.id = u.current_conversation AND c.user_id <> u.id)) \
              FOR NO KEY UPDATE), \
     made AS (INSERT INTO conversations (id, user_id, created_at, updated_at) SELECT $2, id, $3, $3 FROM me \
              RETURNING ",
    columns!(),
    "), moved AS (UPDATE users u SET current_conversation = $2 FROM made WHERE u.id = $1) \
     SELECT * FROM made"
);

const BEGIN: &str = concat!(
    "INSERT INTO conversations (id, user_id, created_at, updated_at) VALUES ($2, $1, $3, $3) RETURNING ",
    columns!()
);

const FIRST_PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM conversations WHERE user_id = $1 ORDER BY updated_at DESC, number DESC LIMIT $2"
);

const NEXT_PAGE: &str = concat!(
    "SELECT c.* FROM (SELECT updated_at, number FROM conversations WHERE id = $3 AND user_id = $1) last \
     CROSS JOIN LATERAL (SELECT number, ",
    columns!(),
    " FROM conversations WHERE user_id = $1 AND (updated_at, number) < (last.updated_at, last.number) \
       ORDER BY updated_at DESC, number DESC LIMIT $2) c ORDER BY c.updated_at DESC, c.number DESC"
);

/// A title counts more than a message. `$3` are words.
const SEARCH: &str = concat!(
    "WITH query AS MATERIALIZED (SELECT search_query(number, $3) AS q FROM users WHERE id = $1), \
     hits AS ( \
         SELECT conversation_id AS id, max(ts_rank(words, (SELECT q FROM query), 1)) AS score \
         FROM messages WHERE words @@ (SELECT q FROM query) GROUP BY conversation_id \
         UNION ALL \
         SELECT id, 100 + ts_rank(words, (SELECT q FROM query), 1) \
         FROM conversations WHERE words @@ (SELECT q FROM query) AND words <> ''), \
     best AS (SELECT id AS hit, max(score) AS score FROM hits GROUP BY id) \
     SELECT ",
    columns!(),
    " FROM best JOIN conversations ON id = hit WHERE user_id = $1 \
     ORDER BY score DESC, updated_at DESC, number DESC LIMIT $2"
);

/// The last used one from `$3` on, also when another was used in the same millisecond.
const RESUME: &str = concat!(
    "WITH found AS (UPDATE conversations SET updated_at = \
             greatest($3, 1 + (SELECT max(updated_at) FROM conversations WHERE user_id = $1)) \
         WHERE id = $2 AND user_id = $1 RETURNING ",
    columns!(),
    "), moved AS (UPDATE users u SET current_conversation = $2 FROM found WHERE u.id = $1) \
     SELECT * FROM found"
);

const RENAME: &str = "\
    UPDATE conversations c SET title = $3, words = search_words(u.number, $4), updated_at = $5 \
    FROM users u WHERE u.id = $1 AND c.user_id = $1 AND c.id = $2";

/// Into `$3` at `$4`, up to sequence `$5`.
const FORK: &str = concat!(
    "WITH source AS (SELECT title, words FROM conversations WHERE id = $2 AND user_id = $1), \
     picked AS (SELECT m.* FROM messages m, source WHERE m.conversation_id = $2 AND m.sequence <= $5), \
     sums AS (SELECT coalesce(max(sequence), 0) AS last, count(*) AS n, \
                     coalesce(sum(coalesce(tokens, bytes)), 0)::bigint AS tokens, count(*) - count(tokens) AS uncounted \
              FROM picked), \
     copy AS (INSERT INTO conversations (id, user_id, title, words, created_at, updated_at, last_sequence, messages, \
                                         tokens, uncounted) \
              SELECT $3, $1, source.title, source.words, $4, $4, sums.last, sums.n, sums.tokens, sums.uncounted \
              FROM source, sums RETURNING ",
    columns!(),
    "), copied AS (INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, \
                                         partial, judged_by, created_at, words) \
         SELECT $3, sequence, turn, author, content, bytes, tokens, encoding, partial, judged_by, created_at, words \
         FROM picked), \
     moved AS (UPDATE users u SET current_conversation = $3 FROM copy WHERE u.id = $1) \
     SELECT * FROM copy"
);

#[async_trait]
impl Conversations for PostgresStore {
    async fn current(&self, user: UserId) -> Result<Conversation, EngineError> {
        self.run("find the current conversation", async {
            // What the user's row names, though there is no such conversation: somebody edited it.
            let mut astray: Option<Uuid> = None;
            // At the second time another process has made one, or it goes astray; at the third one both.
            for _ in 0..3 {
                if let Some(found) = self.find_current(user).await? {
                    return Ok(found);
                }
                let made = sqlx::query(MAKE_CURRENT)
                    .bind(user.uuid())
                    .bind(ConversationId::new().uuid())
                    .bind(now().as_millisecond())
                    .bind(astray)
                    .fetch_optional(&self.pool)
                    .await?;
                if let Some(made) = made {
                    return Ok(read(&made)?);
                }
                astray = sqlx::query_scalar("SELECT current_conversation FROM users WHERE id = $1")
                    .bind(user.uuid())
                    .fetch_optional(&self.pool)
                    .await?
                    .ok_or(EngineError::NotFound { what: "user" })?;
            }
            Err(EngineError::Conflict(
                "others change the current conversation all the time: try again",
            )
            .into())
        })
        .await
    }

    async fn begin(&self, user: UserId) -> Result<Conversation, EngineError> {
        self.run("begin a conversation", async {
            let made = sqlx::query(BEGIN)
                .bind(user.uuid())
                .bind(ConversationId::new().uuid())
                .bind(now().as_millisecond())
                .fetch_one(&self.pool)
                .await?;
            Ok(read(&made)?)
        })
        .await
    }

    async fn conversation(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<Conversation, EngineError> {
        self.run("read a conversation", self.find(user, id)).await
    }

    async fn list(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError> {
        self.run("list the conversations", async {
            let Some(after) = after else {
                let rows = sqlx::query(FIRST_PAGE)
                    .bind(user.uuid())
                    .bind(page(limit))
                    .fetch_all(&self.pool)
                    .await?;
                return Ok(all(&rows, read)?);
            };
            let rows = sqlx::query(NEXT_PAGE)
                .bind(user.uuid())
                .bind(page(limit))
                .bind(after.uuid())
                .fetch_all(&self.pool)
                .await?;
            if rows.is_empty() {
                self.find(user, after).await?;
            }
            Ok(all(&rows, read)?)
        })
        .await
    }

    async fn search(
        &self,
        user: UserId,
        words: &str,
        limit: u32,
    ) -> Result<Vec<Conversation>, EngineError> {
        const ACTION: &str = "search the conversations";
        let words = words::of_search(words, MAX_WORDS);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        while self.run(ACTION, self.index(user)).await? {}
        self.run(ACTION, async {
            let rows = sqlx::query(SEARCH)
                .bind(user.uuid())
                .bind(page(limit))
                .bind(words)
                .fetch_all(&self.pool)
                .await?;
            Ok(all(&rows, read)?)
        })
        .await
    }

    async fn resume(&self, user: UserId, id: ConversationId) -> Result<Conversation, EngineError> {
        self.run("resume a conversation", async {
            let row = sqlx::query(RESUME)
                .bind(user.uuid())
                .bind(id.uuid())
                .bind(now().as_millisecond())
                .fetch_optional(&self.pool)
                .await?;
            one(row)
        })
        .await
    }

    async fn rename(
        &self,
        user: UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<(), EngineError> {
        let title = checked_title(title)?;
        self.run("rename a conversation", async {
            let done = sqlx::query(RENAME)
                .bind(user.uuid())
                .bind(id.uuid())
                .bind(title)
                .bind(words::of_text(title))
                .bind(now().as_millisecond())
                .execute(&self.pool)
                .await?;
            changed(done.rows_affected())
        })
        .await
    }

    async fn fork(
        &self,
        user: UserId,
        id: ConversationId,
        until: Fork,
    ) -> Result<Conversation, EngineError> {
        self.run("copy a conversation", async {
            let row = sqlx::query(FORK)
                .bind(user.uuid())
                .bind(id.uuid())
                .bind(ConversationId::new().uuid())
                .bind(now().as_millisecond())
                .bind(match until {
                    Fork::Whole => i64::MAX,
                    Fork::UpTo(last) => number(last),
                })
                .fetch_optional(&self.pool)
                .await?;
            one(row)
        })
        .await
    }

    async fn delete(
        &self,
        user: UserId,
        id: ConversationId,
        expected: Option<u32>,
    ) -> Result<(), EngineError> {
        self.run("delete a conversation", async {
            let done = sqlx::query(
                "DELETE FROM conversations WHERE user_id = $1 AND id = $2 AND ($3 IS NULL OR messages = $3)",
            )
            .bind(user.uuid())
            .bind(id.uuid())
            .bind(expected.map(i64::from))
            .execute(&self.pool)
            .await?;
            if done.rows_affected() == 0 {
                self.find(user, id).await?;
                return Err(CHANGED.into());
            }
            Ok(())
        })
        .await
    }
}

impl PostgresStore {
    async fn find_current(&self, user: UserId) -> Result<Option<Conversation>, Stop> {
        let row = sqlx::query(FIND_CURRENT)
            .bind(user.uuid())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    pub(super) async fn find(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<Conversation, Stop> {
        let row = sqlx::query(FIND)
            .bind(user.uuid())
            .bind(id.uuid())
            .fetch_optional(&self.pool)
            .await?;
        one(row)
    }
}

fn one(row: Option<PgRow>) -> Result<Conversation, Stop> {
    Ok(read(&row.ok_or(MISSING)?)?)
}

fn changed(rows: u64) -> Result<(), Stop> {
    if rows == 0 {
        Err(MISSING.into())
    } else {
        Ok(())
    }
}

fn read(row: &PgRow) -> Result<Conversation, sqlx::Error> {
    Ok(Conversation {
        id: row.try_get::<Uuid, _>("id")?.into(),
        title: row.try_get("title")?,
        created: time(row, "created_at")?,
        updated: time(row, "updated_at")?,
        messages: count(row, "messages")?,
        tokens: count(row, "tokens")?,
        exact: row.try_get::<i64, _>("uncounted")? == 0,
    })
}
