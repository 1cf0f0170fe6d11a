//! From a path to a store whose schema is ours and current.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use super::connection::Connection;
use super::fault::{Faults, is_busy};
use super::{SqliteStore, file, schema};
use crate::EngineError;
use crate::storage::SchemaStatus;

/// Removed text leaves no trace; functions in a schema that others wrote are not called.
const PRAGMAS: [(&str, &str); 2] = [("secure_delete", "ON"), ("trusted_schema", "OFF")];
/// How often a change to the write-ahead log is tried again: SQLite does not wait for that lock itself.
const RETRY: Duration = Duration::from_millis(5);

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, made with mode 0600 where it is missing.
    File(PathBuf),
    /// Nothing is kept.
    Memory,
}

/// Opens a store and brings its schema up to date. Waits at most `timeout` for locks of other processes,
/// here and in every later call.
///
/// # Errors
///
/// One of the storage variants of [`EngineError`]; a file that cannot be used is left as it is.
pub async fn open(location: &Location, timeout: Duration) -> Result<SqliteStore, EngineError> {
    let mut store = match location {
        Location::Memory => in_memory(timeout),
        Location::File(path) => in_file(file::prepare(path)?, timeout, false),
    };
    match prepare_schema(&store).await {
        Ok(migrated) => store.migrated = migrated,
        Err(error) => {
            store.connection.close().await;
            return Err(error);
        }
    }
    Ok(store)
}

/// Versions before and after, where there was something to do in a file.
async fn prepare_schema(store: &SqliteStore) -> Result<Option<(i64, i64)>, EngineError> {
    const ACTION: &str = "open";
    let mut connection = store
        .connection
        .acquire()
        .await
        .map_err(store.fault(ACTION))?;
    let status = schema::inspect(&mut connection, &store.faults).await?;
    if !store.in_memory {
        use_write_ahead_log(&mut connection, &store.faults).await?;
    }
    if status.pending.is_empty() {
        return Ok(None);
    }
    schema::migrate(&mut connection, &store.faults).await?;
    Ok((!store.in_memory).then_some((status.version, status.latest)))
}

/// What the schema of a file is, without changing it. For `db status`.
///
/// # Errors
///
/// As [`open`]; [`EngineError::StorageFile`] also when the file does not exist.
pub async fn status(path: &Path, timeout: Duration) -> Result<SchemaStatus, EngineError> {
    let store = in_file(file::existing(path)?, timeout, true);
    let result = match store.connection.acquire().await {
        Ok(mut connection) => schema::inspect(&mut connection, &store.faults).await,
        Err(error) => Err(store.faults.explain("open", error)),
    };
    store.connection.close().await;
    result
}

/// Brings the schema of a file up to date and says what it is then. For `db migrate` and `--init-db`.
///
/// # Errors
///
/// As [`open`].
pub async fn migrate(path: &Path, timeout: Duration) -> Result<SchemaStatus, EngineError> {
    open(&Location::File(path.to_owned()), timeout)
        .await?
        .connection
        .close()
        .await;
    status(path, timeout).await
}

/// Takes back every migration above version `to`, and with them what only they can hold. For `db revert`.
///
/// # Errors
///
/// As [`status`]; [`EngineError::Invalid`] for a version that is no migration.
pub async fn revert(path: &Path, to: i64, timeout: Duration) -> Result<SchemaStatus, EngineError> {
    let store = in_file(file::existing(path)?, timeout, false);
    let result = match store.connection.acquire().await {
        Ok(mut connection) => schema::revert(&mut connection, to, &store.faults).await,
        Err(error) => Err(store.faults.explain("open", error)),
    };
    store.connection.close().await;
    result
}

fn in_file(path: PathBuf, timeout: Duration, read_only: bool) -> SqliteStore {
    let options = options(timeout)
        .filename(&path)
        .create_if_missing(false)
        .read_only(read_only);
    SqliteStore {
        connection: connection(options, timeout),
        faults: Faults { path, timeout },
        in_memory: false,
        description: "SQLite".to_owned(),
        migrated: None,
    }
}

fn in_memory(timeout: Duration) -> SqliteStore {
    let options = options(timeout).in_memory(true);
    SqliteStore {
        connection: connection(options, timeout),
        faults: Faults {
            path: PathBuf::from(":memory:"),
            timeout,
        },
        in_memory: true,
        description: "memory (nothing is kept)".to_owned(),
        migrated: None,
    }
}

/// A wait for the connection may include a wait for the lock that its holder waits for.
fn connection(options: SqliteConnectOptions, timeout: Duration) -> Connection {
    Connection::new(options, timeout.saturating_mul(2))
}

fn options(timeout: Duration) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(timeout)
        .disable_statement_logging();
    PRAGMAS.iter().fold(options, |options, (name, value)| {
        options.pragma(*name, *value)
    })
}

/// Readers do not wait for the writer. The mode is a property of the file: set once, by whoever is first.
async fn use_write_ahead_log(
    connection: &mut SqliteConnection,
    faults: &Faults,
) -> Result<(), EngineError> {
    const ACTION: &str = "change to the write-ahead log";
    let started = tokio::time::Instant::now();
    loop {
        let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode")
            .fetch_one(&mut *connection)
            .await;
        if mode.map_err(|error| faults.explain(ACTION, error))? == "wal" {
            return Ok(());
        }
        match sqlx::query("PRAGMA journal_mode = WAL")
            .fetch_one(&mut *connection)
            .await
        {
            Err(error) if is_busy(&error) && started.elapsed() < faults.timeout => {
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(faults.explain(ACTION, error)),
            Ok(_) => return Ok(()),
        }
    }
}
