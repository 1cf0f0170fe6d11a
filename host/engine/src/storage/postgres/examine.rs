//! What `doctor` asks a server.

use jiff::Timestamp;
use sqlx::{Connection, Row};

use super::open::{connect, faults};
use super::{Limits, PostgresUrl, schema};
use crate::EngineError;
use crate::storage::SchemaStatus;
use crate::storage::row::time;

/// A database as it was found.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Its schema.
    pub schema: SchemaStatus,
    /// Users with an account; none where the schema is not current.
    pub accounts: Option<u64>,
    /// Such as `15.3`; the server's own words.
    pub version: String,
    /// The server's time.
    pub now: Timestamp,
    /// The connection is encrypted.
    pub encrypted: bool,
    /// A commit that was confirmed survives a power cut.
    pub durable: bool,
}

/// Connects and looks, and changes nothing.
///
/// # Errors
///
/// As [`super::status`].
pub async fn examine(url: &PostgresUrl, limits: Limits) -> Result<Examination, EngineError> {
    const ACTION: &str = "answer";
    let faults = faults(url, limits);
    let mut connection = connect(url, limits, &faults).await?;
    let schema = schema::inspect(&mut connection, &faults).await?;
    let server = sqlx::query(
        "SELECT current_setting('server_version') AS version, \
         (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, \
         coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted, \
         current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS durable",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| faults.explain(ACTION, error))?;
    let accounts = if schema.pending.is_empty() {
        let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(&mut connection)
            .await
            .map_err(|error| faults.explain(ACTION, error))?;
        u64::try_from(accounts).ok()
    } else {
        None
    };
    let read = || -> Result<Examination, sqlx::Error> {
        Ok(Examination {
            schema,
            accounts,
            version: server.try_get("version")?,
            now: time(&server, "now")?,
            encrypted: server.try_get("encrypted")?,
            durable: server.try_get("durable")?,
        })
    };
    let examination = read().map_err(|error| faults.explain(ACTION, error));
    let _ = connection.close().await;
    examination
}
