//! Which migrations a database has, and applying or taking back some.
//!
//! All of it happens in one transaction that holds the write lock from its beginning: of two processes that
//! start at once one migrates and the other then finds nothing to do, and a crash leaves the old schema.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::fault::{Faults, is_misfit};
use crate::EngineError;
use crate::crash;
use crate::storage::SchemaStatus;
use crate::storage::schema;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
const TABLE: &str = "_sqlx_migrations";
/// In the file's header: "mlc1". Tells our databases from those of other programs.
const APPLICATION_ID: i64 = 0x6d6c_6331;

/// Reads the state; refuses a foreign, an altered or a newer schema.
pub(super) async fn inspect(
    connection: &mut SqliteConnection,
    faults: &Faults,
) -> Result<SchemaStatus, EngineError> {
    const ACTION: &str = "read its schema";
    let explain = |error| faults.explain(ACTION, error);
    let head = sqlx::query(
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema), \
         EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(explain)?;
    let (application, objects, migrated): (i64, i64, bool) =
        (head.get(0), head.get(1), head.get(2));
    if objects > 0 && (application != APPLICATION_ID || !migrated) {
        return Err(faults.corrupt(
            "it is a database of another program. Nothing was changed: name another file",
        ));
    }
    let applied: Vec<(i64, Vec<u8>)> = if migrated {
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&mut *connection)
            .await
            .map_err(explain)?
    } else {
        Vec::new()
    };
    schema::compare(&MIGRATIONS, &applied, &faults.database())
}

/// Applies what is pending.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    faults: &Faults,
) -> Result<(), EngineError> {
    const ACTION: &str = "migrate";
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(|error| faults.explain(ACTION, error))?;
    // Another process may have done it while this one waited for the lock.
    let status = inspect(&mut tx, faults).await?;
    if status.pending.is_empty() {
        return Ok(());
    }
    let failed = |error| explain(faults, ACTION, status.version, error);
    sqlx::query(AssertSqlSafe(format!(
        "PRAGMA application_id = {APPLICATION_ID}"
    )))
    .execute(&mut *tx)
    .await
    .map_err(|error| faults.explain(ACTION, error))?;
    tx.ensure_migrations_table(TABLE).await.map_err(failed)?;
    for migration in status.to_apply(&MIGRATIONS) {
        tx.apply(TABLE, migration).await.map_err(failed)?;
        crash::point("migrated");
    }
    tx.commit()
        .await
        .map_err(|error| faults.explain(ACTION, error))
}

/// Takes back what is above `to`, latest first.
pub(super) async fn revert(
    connection: &mut SqliteConnection,
    to: i64,
    faults: &Faults,
) -> Result<SchemaStatus, EngineError> {
    const ACTION: &str = "revert its schema";
    schema::check_target(&MIGRATIONS, to)?;
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(|error| faults.explain(ACTION, error))?;
    let status = inspect(&mut tx, faults).await?;
    for migration in status.to_revert(&MIGRATIONS, to) {
        tx.revert(TABLE, migration)
            .await
            .map_err(|error| explain(faults, ACTION, status.version, error))?;
    }
    let status = inspect(&mut tx, faults).await?;
    tx.commit()
        .await
        .map_err(|error| faults.explain(ACTION, error))?;
    Ok(status)
}

fn explain(faults: &Faults, action: &'static str, found: i64, error: MigrateError) -> EngineError {
    match error {
        MigrateError::ExecuteMigration(cause, version) if is_misfit(&cause) => {
            let reason = cause
                .as_database_error()
                .map(|error| error.message().to_owned());
            faults.corrupt(schema::in_the_way(
                version,
                found,
                &reason.unwrap_or_default(),
            ))
        }
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => {
            faults.explain(action, cause)
        }
        other => EngineError::StorageFailed {
            action,
            source: Box::new(other),
        },
    }
}
