//! Turns and the messages they consist of.
//!
//! A turn is stored whole or not at all, once per [`TurnId`], with sequences that the conversation's own
//! row hands out inside the transaction: so two processes in one conversation keep an order and lose none.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{ColumnIndex, Decode, Type};

use super::row::{bad, count, length, text, time};
use crate::EngineError;
use crate::ids::{ConversationId, PolicyDigest, TurnId, UserId};
use crate::tokens::{Counted, Encoding};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Author {
    /// From what is stored: the databases allow two values.
    fn parse(name: &str) -> Result<Self, sqlx::Error> {
        match name {
            "user" => Ok(Self::User),
            "assistant" => Ok(Self::Assistant),
            _ => Err(bad("author", NoAuthor)),
        }
    }
}

/// A row that somebody edited.
#[derive(Debug, thiserror::Error)]
#[error("it is neither user nor assistant")]
struct NoAuthor;

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The token limit was reached.
    Length,
    /// The server's own filter ended it, or the server gave a reason that nobody knows.
    Filter,
    /// A policy rule cut it.
    Cut,
    /// The person stopped it, or the process was told to end.
    Cancelled,
    /// The connection or the server failed after the answer began.
    Broken,
}

impl Finish {
    /// The answer is not all that the model had to say: it may stop anywhere, and its end may be withheld.
    #[must_use]
    pub fn is_partial(self) -> bool {
        !matches!(self, Self::Stop)
    }

    /// As stored.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Filter => "filter",
            Self::Cut => "cut",
            Self::Cancelled => "cancelled",
            Self::Broken => "broken",
        }
    }
}

/// What a turn cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens sent, history and system text included.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// The server said so; otherwise they are our own count or bound.
    pub exact: bool,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub const fn tokens(self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }
}

/// A text to store: it has passed the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// Already masked. NUL characters are stored as U+FFFD: not every database can hold them.
    pub content: String,
    /// Where known; otherwise the length in bytes bounds it.
    pub tokens: Option<Counted>,
    /// The policies that judged it.
    pub judged_by: PolicyDigest,
}

/// A whole turn to store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTurn {
    /// Made when the turn began. The same id again changes nothing.
    pub id: TurnId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// What the person wrote.
    pub prompt: NewMessage,
    /// What was shown of the answer.
    pub answer: NewMessage,
    /// Why the answer ended.
    pub finish: Finish,
    /// Name of the model that answered.
    pub model: String,
    /// The answer came from the cache.
    pub cached: bool,
    /// What it cost.
    pub usage: Usage,
    /// When the person sent it.
    #[serde(with = "milliseconds")]
    pub begun: Timestamp,
}

/// As the databases keep time.
mod milliseconds {
    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(time.as_millisecond())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_millisecond(i64::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl NewTurn {
    /// Tokens of both messages, bytes where nobody counted them, and how many nobody counted.
    pub(super) fn sums(&self) -> (i64, i64) {
        let messages = [&self.prompt, &self.answer];
        let tokens = messages.map(|message| match message.tokens {
            Some(counted) => i64::from(counted.tokens),
            None => length(&text(&message.content)),
        });
        let uncounted = messages.map(|message| i64::from(message.tokens.is_none()));
        (tokens.iter().sum(), uncounted.iter().sum())
    }

    /// Its messages as they are stored where `last` is the conversation's last sequence: prompt and answer.
    pub(crate) fn messages_after(&self, last: u64) -> [StoredMessage; 2] {
        let message = |author, sequence, message: &NewMessage| StoredMessage {
            sequence,
            turn: last + 1,
            author,
            content: text(&message.content).into_owned(),
            created: self.begun,
            partial: matches!(author, Author::Assistant) && self.finish.is_partial(),
            tokens: message.tokens,
            judged_by: message.judged_by.clone(),
        };
        [
            message(Author::User, last + 1, &self.prompt),
            message(Author::Assistant, last + 2, &self.answer),
        ]
    }
}

/// A message, from a row of any database.
pub(super) fn read_message<'r, R>(row: &'r R) -> Result<StoredMessage, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<&'r str>: Decode<'r, R::Database> + Type<R::Database>,
{
    // Sums are made of it.
    count::<_, u64>(row, "bytes")?;
    Ok(StoredMessage {
        sequence: count(row, "sequence")?,
        turn: count(row, "turn")?,
        author: Author::parse(row.try_get("author")?)?,
        content: row.try_get("content")?,
        created: time(row, "created_at")?,
        partial: row.try_get("partial")?,
        tokens: stored_count(row.try_get("tokens")?, row.try_get("encoding")?)?,
        judged_by: PolicyDigest::new(row.try_get::<&str, _>("judged_by")?),
    })
}

/// None also for a count in an encoding that this version does not know.
fn stored_count(
    tokens: Option<i64>,
    encoding: Option<&str>,
) -> Result<Option<Counted>, sqlx::Error> {
    let Some(tokens) = tokens else {
        return Ok(None);
    };
    let tokens = u32::try_from(tokens).map_err(|error| bad("tokens", error))?;
    let encoding = encoding.and_then(Encoding::parse);
    Ok(encoding.map(|encoding| Counted { tokens, encoding }))
}

/// Where a turn is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredTurn {
    /// Sequence of the prompt in its conversation; the answer has the next one.
    pub sequence: u64,
    /// It was stored before; this call changed nothing.
    pub repeated: bool,
}

/// A message as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Grows with time inside one conversation; gaps are possible.
    pub sequence: u64,
    /// Sequence of the prompt that began this message's turn.
    pub turn: u64,
    /// Who wrote it.
    pub author: Author,
    /// Masked text.
    pub content: String,
    /// When the turn was begun (prompt) or stored (answer).
    pub created: Timestamp,
    /// The answer was cut, cancelled or broken off.
    pub partial: bool,
    /// Where counted.
    pub tokens: Option<Counted>,
    /// The policies that judged it last.
    pub judged_by: PolicyDigest,
}

/// A turn that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneTurn {
    /// The prompt's text.
    pub prompt: String,
    /// How many messages were removed.
    pub removed: u32,
}

/// Turns and messages of one user's conversations.
///
/// # Errors
///
/// Every method answers [`EngineError::NotFound`] where the conversation does not exist or is another
/// user's.
#[async_trait]
pub trait Turns {
    /// Stores a whole turn, once. When this returns, it is on the disk.
    async fn append_turn(&self, user: UserId, turn: &NewTurn) -> Result<StoredTurn, EngineError>;

    /// The highest sequence that was ever given out. Raised by every change of what the messages say, not by
    /// [`Turns::mark_judged`].
    async fn last_sequence(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<u64, EngineError>;

    /// Newest first, with a sequence below `before`; at most [`super::MAX_PAGE`].
    async fn messages(
        &self,
        user: UserId,
        conversation: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, EngineError>;

    /// Removes the last turn. `expected` is the turn (its prompt's sequence) that the person was asked
    /// about.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`] when the conversation is empty, [`EngineError::Conflict`] when `expected`
    /// is not its last turn any more.
    async fn undo(
        &self,
        user: UserId,
        conversation: ConversationId,
        expected: Option<u64>,
    ) -> Result<UndoneTurn, EngineError>;

    /// Notes that these policies judged these messages and left them as they are.
    async fn mark_judged(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequences: &[u64],
        by: &PolicyDigest,
    ) -> Result<(), EngineError>;

    /// Puts the text that newer policies left of a message in its place; the old text is overwritten on
    /// the disk too, as far as the file system overwrites.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`] also where that message does not exist.
    async fn replace_text(
        &self,
        user: UserId,
        conversation: ConversationId,
        sequence: u64,
        message: &NewMessage,
    ) -> Result<(), EngineError>;
}
