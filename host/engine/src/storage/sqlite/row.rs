//! Values on their way in and out of rows.

use std::str::FromStr;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A text column that holds one of our types. What does not parse is an error of that column.
pub(super) fn parsed<T>(row: &SqliteRow, column: &'static str) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| bad(column, error))
}

pub(super) fn time(row: &SqliteRow, column: &'static str) -> Result<Timestamp, sqlx::Error> {
    let milliseconds: i64 = row.try_get(column)?;
    Timestamp::from_millisecond(milliseconds).map_err(|error| bad(column, error))
}

/// A column that is never negative.
pub(super) fn count<T: TryFrom<i64>>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, sqlx::Error>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|error| bad(column, error))
}

pub(super) fn flag(row: &SqliteRow, column: &'static str) -> Result<bool, sqlx::Error> {
    row.try_get::<bool, _>(column)
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

/// A page size between 1 and [`crate::storage::MAX_PAGE`].
pub(super) fn page(limit: u32) -> i64 {
    i64::from(limit.clamp(1, crate::storage::MAX_PAGE))
}

/// Text that every database can hold: PostgreSQL has no NUL.
pub(super) fn text(content: &str) -> std::borrow::Cow<'_, str> {
    if content.contains('\0') {
        content.replace('\0', "\u{fffd}").into()
    } else {
        content.into()
    }
}

/// All rows of a query, each turned into a value.
pub(super) fn all<T>(
    rows: &[SqliteRow],
    read: impl Fn(&SqliteRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    rows.iter().map(read).collect()
}
