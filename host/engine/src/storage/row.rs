//! Values on their way in and out of the rows of any database.

use std::borrow::Cow;
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

pub(super) fn bad(
    column: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(error),
    }
}

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
