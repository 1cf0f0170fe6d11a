//! Values on their way in and out of the rows of any database.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use sqlx::{ColumnIndex, Decode, Row, Type};

/// A text column that holds one of our types. What does not parse is an error of that column.
pub(super) fn parsed<'r, R, T>(row: &'r R, column: &'static str) -> Result<T, sqlx::Error>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| bad(column, error))
}

/// The name of a user, which is never empty: somebody has to be told by it.
pub(super) fn name<'r, R>(row: &'r R) -> Result<String, sqlx::Error>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    const COLUMN: &str = "name";
    let name: String = row.try_get(COLUMN)?;
    if name.trim().is_empty() {
        return Err(bad(COLUMN, Empty));
    }
    Ok(name)
}

/// Nothing where something has to be.
#[derive(Debug, thiserror::Error)]
#[error("it is empty")]
struct Empty;

/// A column of milliseconds since 1970-01-01 UTC.
pub(super) fn time<'r, R>(row: &'r R, column: &'static str) -> Result<Timestamp, sqlx::Error>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let milliseconds: i64 = row.try_get(column)?;
    Timestamp::from_millisecond(milliseconds).map_err(|error| bad(column, error))
}

/// A column that is never negative.
pub(super) fn count<'r, R, T>(row: &'r R, column: &'static str) -> Result<T, sqlx::Error>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    T: TryFrom<i64>,
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|error| bad(column, error))
}

/// What a row that somebody else wrote is, in words that help.
pub(super) fn not_ours(action: &str, column: &str, reason: impl Display) -> String {
    format!(
        "it could not {action}: a value of the column {column} is none that this program writes ({reason}). Nothing was \
         changed: correct that row, or restore a backup"
    )
}

pub(super) fn bad(
    column: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(error),
    }
}

/// What one turn or message counts with at most: no sum of them overflows, whatever a server reported or somebody wrote.
pub(super) const MOST_TOKENS: i64 = 1_000_000_000_000;

/// No conversation comes to it by itself. One that is beyond it was edited by hand, and its next turns could not be stored.
pub(super) const HIGHEST_SEQUENCE: i64 = 1 << 62;

/// The highest sequence that a conversation gave out, with room for more.
pub(super) fn last_sequence<'r, R>(row: &'r R) -> Result<u64, sqlx::Error>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    const COLUMN: &str = "last_sequence";
    let last: i64 = row.try_get(COLUMN)?;
    if last > HIGHEST_SEQUENCE {
        return Err(bad(COLUMN, Exhausted));
    }
    u64::try_from(last).map_err(|error| bad(COLUMN, error))
}

/// No turn can follow.
#[derive(Debug, thiserror::Error)]
#[error("no message can follow it")]
struct Exhausted;

/// Sequences and counts as the database holds them; larger ones than it can hold match nothing.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Bytes of a text, as the database counts them.
pub(super) fn length(content: &str) -> i64 {
    i64::try_from(content.len()).unwrap_or(i64::MAX)
}

/// A page size between 1 and [`super::MAX_PAGE`].
pub(super) fn page(limit: u32) -> i64 {
    i64::from(limit.clamp(1, super::MAX_PAGE))
}

/// Text that every database can hold: PostgreSQL has no NUL.
pub(super) fn text(content: &str) -> Cow<'_, str> {
    if content.contains('\0') {
        content.replace('\0', "\u{fffd}").into()
    } else {
        content.into()
    }
}

/// All rows of a query, each turned into a value.
pub(super) fn all<R, T>(
    rows: &[R],
    read: impl Fn(&R) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    rows.iter().map(read).collect()
}

/// To the millisecond, as it will be read back.
pub(super) fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default()
}
