//! The rows of the audit trail. [`crate::audit`] says what they mean; here they are only kept, in order.
//!
//! Sealing needs the end of the chain, and the end is known for sure only inside a transaction. So the store is
//! handed what is to be sealed and the chain to seal it with. No method changes or removes a row.

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, QueryBuilder, Type};

use super::row::{bad, count, number, page};
use crate::EngineError;
use crate::audit::chain::{Bytes, Chain, Checkpoint, Entry, Head, Link, Row};
use crate::ids::{TurnId, UserId};
use crate::storage::NewTurn;

/// Where the trail begins and ends, as the database notes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailEnd {
    /// The link before the first row: it names the trail.
    pub trail: Link,
    /// The last row.
    pub head: Head,
    /// The last row that a stored checkpoint signed; 0 for none.
    pub signed: u64,
}

/// Which rows are looked for. Everything that is set has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Such as `turn-begun`.
    pub event: Option<String>,
    /// A user's id.
    pub user: Option<String>,
    /// Not before that, in microseconds since 1970-01-01 UTC.
    pub since: Option<i64>,
    /// Before that.
    pub until: Option<i64>,
}

/// The rows of the audit trail: appended and read.
///
/// # Errors
///
/// Those of any statement: the database is gone, locked, full or damaged.
#[async_trait]
pub trait AuditLog {
    /// Seals the entries behind the end of the trail, all or none. When this returns, they are on the disk.
    async fn append_audit(&self, chain: &Chain, entries: &[Entry]) -> Result<(), EngineError>;

    /// As [`super::Turns::append_turn`], and seals `ended` in the same transaction: both or none. A turn that was
    /// stored before with its end changes nothing.
    async fn append_turn_and_end(
        &self,
        user: UserId,
        turn: &NewTurn,
        chain: &Chain,
        ended: &Entry,
    ) -> Result<(), EngineError>;

    /// Where the trail begins and ends.
    async fn audit_end(&self) -> Result<TrailEnd, EngineError>;

    /// Rows behind that sequence, in order; at most [`super::MAX_PAGE`].
    async fn audit_rows(&self, after: u64, limit: u32) -> Result<Vec<Row>, EngineError>;

    /// Rows that fit, with a sequence below `before`, newest first; at most [`super::MAX_PAGE`].
    async fn find_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Row>, EngineError>;

    /// Whether the trail has the end of that turn.
    async fn has_ended(&self, turn: TurnId) -> Result<bool, EngineError>;

    /// Keeps a checkpoint. A second one of the same row changes nothing.
    async fn add_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), EngineError>;

    /// Checkpoints of rows behind that sequence, in order; at most [`super::MAX_PAGE`].
    async fn checkpoints(&self, after: u64, limit: u32) -> Result<Vec<Checkpoint>, EngineError>;
}

/// What a row is read from, in any database.
const COLUMNS: &str =
    "SELECT sequence, at, event, user_id, turn_id, body, key_id, link, tag FROM audit";

/// Rows behind that sequence, in order.
pub(super) fn rows_after<DB>(after: u64, limit: u32) -> QueryBuilder<DB>
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE sequence > ").push_bind(number(after));
    query
        .push(" ORDER BY sequence LIMIT ")
        .push_bind(page(limit));
    query
}

/// Rows that fit, newest first.
pub(super) fn rows_that_fit<DB>(
    filter: &AuditFilter,
    before: Option<u64>,
    limit: u32,
) -> QueryBuilder<DB>
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" WHERE sequence < ");
    query.push_bind(before.map_or(i64::MAX, number));
    if let Some(event) = &filter.event {
        query.push(" AND event = ").push_bind(event.clone());
    }
    if let Some(user) = &filter.user {
        query.push(" AND user_id = ").push_bind(user.clone());
    }
    if let Some(since) = filter.since {
        query.push(" AND at >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        query.push(" AND at < ").push_bind(until);
    }
    query
        .push(" ORDER BY sequence DESC LIMIT ")
        .push_bind(page(limit));
    query
}

/// The columns of a row in order, then the link of the row before.
pub(super) fn bind_row<'q, DB>(
    statement: Query<'q, DB, DB::Arguments>,
    row: &Row,
    before: Head,
) -> Query<'q, DB, DB::Arguments>
where
    DB: Database,
    i64: Encode<'q, DB> + Type<DB>,
    String: Encode<'q, DB> + Type<DB>,
    Option<String>: Encode<'q, DB> + Type<DB>,
    Vec<u8>: Encode<'q, DB> + Type<DB>,
{
    statement
        .bind(number(row.sequence))
        .bind(row.entry.at)
        .bind(row.entry.event.clone())
        .bind(row.entry.user.clone())
        .bind(row.entry.turn.clone())
        .bind(row.entry.body.clone())
        .bind(row.key.clone())
        .bind(row.link.0.to_vec())
        .bind(row.tag.0.to_vec())
        .bind(before.link.0.to_vec())
}

pub(super) fn read_row<'r, R>(row: &'r R) -> Result<Row, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(Row {
        sequence: count(row, "sequence")?,
        entry: Entry {
            at: row.try_get("at")?,
            event: row.try_get("event")?,
            user: row.try_get("user_id")?,
            turn: row.try_get("turn_id")?,
            body: row.try_get("body")?,
        },
        key: row.try_get("key_id")?,
        link: bytes(row, "link")?,
        tag: bytes(row, "tag")?,
    })
}

pub(super) fn read_checkpoint<'r, R>(row: &'r R) -> Result<Checkpoint, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(Checkpoint {
        trail: bytes(row, "trail")?,
        head: read_head(row)?,
        at: row.try_get("at")?,
        signer: bytes(row, "signer")?,
        signature: bytes(row, "signature")?,
    })
}

pub(super) fn read_end<'r, R>(row: &'r R) -> Result<TrailEnd, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(TrailEnd {
        trail: bytes(row, "trail")?,
        head: read_head(row)?,
        signed: count(row, "signed")?,
    })
}

fn read_head<'r, R>(row: &'r R) -> Result<Head, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(Head {
        sequence: count(row, "sequence")?,
        link: bytes(row, "link")?,
    })
}

fn bytes<'r, R, const N: usize>(row: &'r R, column: &'static str) -> Result<Bytes<N>, sqlx::Error>
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    let bytes: &[u8] = row.try_get(column)?;
    Bytes::of(bytes).map_err(|error| bad(column, error))
}
