//! PostgreSQL: many users, many processes.
//!
//! A call is one statement wherever it can be: common table expressions do in one round trip what would
//! otherwise be a transaction of several, and a row that two processes want is locked before it is read. A
//! statement has a time limit on the server and, in case that one is gone, here.

mod accounts;
mod audit;
mod calls;
mod conversations;
mod examine;
mod fault;
mod index;
mod keys;
mod open;
mod reservations;
mod retention;
mod schema;
mod spending;
mod turns;
mod url;
mod users;
mod values;
mod words;

pub use examine::{Examination, examine};
pub use open::{Limits, migrate, open, revert, status};
pub use url::{InvalidPostgresUrl, PostgresUrl};

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgPool;

use self::fault::Faults;
use super::Store;
use crate::EngineError;

/// A store in a PostgreSQL database. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    faults: Faults,
    description: String,
    /// For a whole call; see [`PostgresStore::run`].
    patience: Duration,
}

/// Why a call ends early.
enum Stop {
    Database(sqlx::Error),
    Refused(EngineError),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Refused(error)
    }
}

impl PostgresStore {
    /// Runs one call. `action` completes "the database could not …". A server that has silently gone would
    /// otherwise hold the caller for as long as the operating system repeats its packets: many minutes.
    async fn run<T>(
        &self,
        action: &'static str,
        work: impl Future<Output = Result<T, Stop>> + Send,
    ) -> Result<T, EngineError> {
        match tokio::time::timeout(self.patience, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Stop::Refused(error))) => Err(error),
            Ok(Err(Stop::Database(error))) => Err(self.faults.explain(action, error)),
            Err(_) => Err(self.faults.silent(self.patience)),
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn description(&self) -> &str {
        &self.description
    }

    async fn ping(&self) -> Result<(), EngineError> {
        self.run("answer", async {
            sqlx::query("SELECT 1 FROM users LIMIT 1")
                .fetch_optional(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
