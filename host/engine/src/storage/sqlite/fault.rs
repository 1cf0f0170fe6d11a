//! What went wrong, in words that help.

use std::path::PathBuf;
use std::time::Duration;

use crate::EngineError;
use crate::storage::row;

const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const CORRUPT: i32 = 11;
const CONSTRAINT: i32 = 19;
const NOT_A_DATABASE: i32 = 26;

/// What is needed to explain an error of the driver.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    pub(super) path: PathBuf,
    pub(super) timeout: Duration,
}

impl Faults {
    pub(super) fn explain(&self, action: &'static str, error: sqlx::Error) -> EngineError {
        if is_busy(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
            return EngineError::StorageLocked {
                action,
                seconds: self.timeout.as_secs(),
            };
        }
        if let sqlx::Error::ColumnDecode { index, source } = &error {
            return self.corrupt(row::not_ours(action, index, source));
        }
        match primary_code(&error) {
            Some(CORRUPT) => self.corrupt(
                "it is damaged. Nothing was changed: restore a backup, or save what can be read with `sqlite3 FILE .recover`",
            ),
            Some(NOT_A_DATABASE) => self.corrupt(
                "it is not an SQLite database. Nothing was changed: move it away, or name another file",
            ),
            _ => EngineError::StorageFailed { action, source: Box::new(error) },
        }
    }

    /// Its name in messages.
    pub(super) fn database(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn corrupt(&self, reason: impl Into<String>) -> EngineError {
        EngineError::StorageCorrupt {
            database: self.database(),
            reason: reason.into(),
        }
    }
}

/// Another connection holds a lock; waiting may help.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

/// What was to be stored contradicts what is.
pub(super) fn is_broken_constraint(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(CONSTRAINT)
}

/// A statement does not fit the schema that it meets, or what is in it.
pub(super) fn is_misfit(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(ERROR | CONSTRAINT))
}

/// SQLite's result code without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
