//! From an address to a store whose schema is ours and current.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::fault::Faults;
use super::{PostgresStore, PostgresUrl, schema};
use crate::EngineError;
use crate::storage::SchemaStatus;

/// A connection that was idle for longer is tried before it is used: the server may be another one now.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// Unused connections cost the server memory.
const IDLE: Duration = Duration::from_secs(300);

/// How much of the server one process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of this process, at least 1. One more than is used at a time saves waiting: a connection is
    /// given back through a round trip.
    pub connections: u32,
    /// For a connection to stand, name resolution and TLS included.
    pub connect: Duration,
    /// For one statement, and for the locks that it waits for; whole milliseconds, at least one.
    pub statement: Duration,
}

impl Limits {
    /// For one person at a terminal: 2 connections, 2 s to connect, 10 s a statement.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            connections: 2,
            connect: Duration::from_secs(2),
            statement: Duration::from_secs(10),
        }
    }
}

/// Opens a store whose schema is current. Changes nothing.
///
/// # Errors
///
/// The storage variants of [`EngineError`] tell apart a server that cannot be reached, one that does not let
/// us in, a database that is not there, and a schema that was never made, is older, newer or foreign.
pub async fn open(url: &PostgresUrl, limits: Limits) -> Result<PostgresStore, EngineError> {
    let faults = faults(url, limits);
    // First on a connection of its own: the pool would try a refused one again and forget why.
    let mut connection = connect(url, limits, &faults).await?;
    let status = schema::inspect(&mut connection, &faults).await?;
    // Only a courtesy to the server.
    let _ = connection.close().await;
    if !status.pending.is_empty() {
        return Err(EngineError::StorageUnmigrated {
            database: faults.database,
            found: status.version,
            needed: status.latest,
        });
    }
    let pool = PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(limits.connect)
        .idle_timeout(IDLE)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options(url, limits));
    Ok(PostgresStore {
        pool,
        description: format!("PostgreSQL ({})", faults.database),
        // A connection, a few statements of a transaction, and an answer on its way.
        patience: limits.connect + limits.statement.saturating_mul(2),
        faults,
    })
}

/// What the schema is, without changing it. For `db status`.
///
/// # Errors
///
/// As [`open`], but a schema that is missing or older is an answer.
pub async fn status(url: &PostgresUrl, limits: Limits) -> Result<SchemaStatus, EngineError> {
    let faults = faults(url, limits);
    let mut connection = connect(url, limits, &faults).await?;
    let status = schema::inspect(&mut connection, &faults).await;
    let _ = connection.close().await;
    status
}

/// Brings the schema up to date and says what it is then. For `db migrate` and `--init-db`. Of several at once
/// one migrates, and the others find nothing to do.
///
/// # Errors
///
/// As [`open`].
pub async fn migrate(url: &PostgresUrl, limits: Limits) -> Result<SchemaStatus, EngineError> {
    let faults = faults(url, limits);
    let mut connection = connect(url, limits, &faults).await?;
    let status = schema::migrate(&mut connection, &faults).await;
    let _ = connection.close().await;
    status
}

/// Takes back every migration above version `to`, and with them what only they can hold. For `db revert`.
///
/// # Errors
///
/// As [`open`]; [`EngineError::Invalid`] for a version that is no migration.
pub async fn revert(
    url: &PostgresUrl,
    to: i64,
    limits: Limits,
) -> Result<SchemaStatus, EngineError> {
    let faults = faults(url, limits);
    let mut connection = connect(url, limits, &faults).await?;
    let status = schema::revert(&mut connection, to, &faults).await;
    let _ = connection.close().await;
    status
}

pub(super) fn faults(url: &PostgresUrl, limits: Limits) -> Faults {
    Faults {
        database: url.place().to_owned(),
        connect: limits.connect,
        statement: limits.statement,
    }
}

pub(super) async fn connect(
    url: &PostgresUrl,
    limits: Limits,
    faults: &Faults,
) -> Result<PgConnection, EngineError> {
    match tokio::time::timeout(limits.connect, options(url, limits).connect()).await {
        Ok(connected) => connected.map_err(|error| match &error {
            sqlx::Error::Io(cause) if url.is_on_the_network() && is_of_a_file(cause) => {
                faults.unprotected(cause)
            }
            _ => faults.explain("open", error),
        }),
        Err(_) => Err(faults.silent(limits.connect)),
    }
}

/// The network has no such error: a certificate or a key that the address names cannot be read.
fn is_of_a_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
    )
}

/// The server itself ends what takes too long, also for a process that is gone.
fn options(url: &PostgresUrl, limits: Limits) -> PgConnectOptions {
    let statement = limits.statement.as_millis().max(1);
    let options = PgConnectOptions::clone(&url.options);
    options.disable_statement_logging().options([
        ("statement_timeout", statement),
        ("lock_timeout", statement),
        ("idle_in_transaction_session_timeout", statement),
    ])
}
