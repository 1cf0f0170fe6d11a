//! SQLite: the embedded default, in a file or in memory.
//!
//! Writers take the write lock at the beginning of their transaction (`BEGIN IMMEDIATE`), so that they wait
//! for each other instead of failing half-way, and a commit is on the disk when it returns
//! (`synchronous=FULL`). Removed text is overwritten with zeros (`secure_delete`).

mod accounts;
mod audit;
mod calls;
mod connection;
mod conversations;
mod fault;
mod file;
mod index;
mod keys;
mod open;
mod reservations;
mod retention;
mod schema;
mod spending;
mod turns;
mod users;
mod values;

pub use open::{Location, migrate, open, revert, status};

use self::connection::{Connection, Write};
use self::fault::Faults;
use super::Store;
use crate::EngineError;
use async_trait::async_trait;

/// A store in an SQLite database. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    faults: Faults,
    in_memory: bool,
    description: String,
    migrated: Option<(i64, i64)>,
}

impl SqliteStore {
    /// The schema's versions before and after, where opening changed it.
    #[must_use]
    pub fn migrated(&self) -> Option<(i64, i64)> {
        self.migrated
    }

    /// Says in [`Store::description`] what this store stands in for.
    #[must_use]
    pub fn instead_of(mut self, missing: &str) -> Self {
        self.description = format!("{}, instead of {missing}", self.description);
        self
    }

    /// A transaction that holds the write lock from its beginning.
    async fn write(&self, action: &'static str) -> Result<Write<'_>, EngineError> {
        self.connection.write().await.map_err(self.fault(action))
    }

    async fn commit(&self, tx: Write<'_>, action: &'static str) -> Result<(), EngineError> {
        tx.commit().await.map_err(self.fault(action))
    }

    /// Turns the driver's error into one for people. `action` completes "the database could not …".
    fn fault(&self, action: &'static str) -> impl Fn(sqlx::Error) -> EngineError + '_ {
        move |error| self.faults.explain(action, error)
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn description(&self) -> &str {
        &self.description
    }

    async fn ping(&self) -> Result<(), EngineError> {
        sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(&self.connection)
            .await
            .map(|_| ())
            .map_err(self.fault("answer"))
    }

    async fn close(&self) {
        self.connection.close().await;
    }
}
