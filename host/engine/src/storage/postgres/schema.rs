//! Which migrations a database has, and applying or taking back some.
//!
//! All of it happens in one transaction that holds an advisory lock from its beginning: of two processes that
//! start at once one migrates and the other then finds nothing to do, and a crash leaves the old schema.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::fault::{Faults, failed};
use crate::EngineError;
use crate::crash;
use crate::storage::{SchemaStatus, schema};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");
/// Not the driver's usual name, which another program in the same database would use too.
const TABLE: &str = "mini_llm_chat_migrations";
/// Of the advisory lock: "mlc-db".
const LOCK: i64 = 0x6d6c_632d_6462;

/// Reads the state; refuses an altered or a newer schema, and a database that cannot hold all text.
pub(super) async fn inspect(
    connection: &mut PgConnection,
    faults: &Faults,
) -> Result<SchemaStatus, EngineError> {
    const ACTION: &str = "read its schema";
    let explain = |error| faults.explain(ACTION, error);
    let (encoding, migrated): (String, bool) = sqlx::query_as(
        "SELECT current_setting('server_encoding'), to_regclass('mini_llm_chat_migrations') IS NOT NULL",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(explain)?;
    if encoding != "UTF8" {
        return Err(faults.corrupt(format!(
            "its encoding is {encoding}, which cannot hold every text: create one with `createdb -E UTF8 -T template0`"
        )));
    }
    let applied: Vec<(i64, Vec<u8>)> = if migrated {
        sqlx::query_as("SELECT version, checksum FROM mini_llm_chat_migrations ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(explain)?
    } else {
        Vec::new()
    };
    schema::compare(&MIGRATIONS, &applied, &faults.database)
}

/// Applies what is pending and says what the schema is then.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    faults: &Faults,
) -> Result<SchemaStatus, EngineError> {
    const ACTION: &str = "migrate";
    let mut tx = locked(connection, faults, ACTION).await?;
    // Another process may have done it while this one waited for the lock.
    let status = inspect(&mut tx, faults).await?;
    if status.pending.is_empty() {
        return Ok(status);
    }
    let explain = |error| explain_migration(faults, ACTION, status.version, error);
    tx.ensure_migrations_table(TABLE).await.map_err(explain)?;
    for migration in status.to_apply(&MIGRATIONS) {
        tx.apply(TABLE, migration).await.map_err(explain)?;
        crash::point("migrated");
    }
    finish(tx, faults, ACTION).await
}

/// Takes back what is above `to`, latest first.
pub(super) async fn revert(
    connection: &mut PgConnection,
    to: i64,
    faults: &Faults,
) -> Result<SchemaStatus, EngineError> {
    const ACTION: &str = "revert its schema";
    schema::check_target(&MIGRATIONS, to)?;
    let mut tx = locked(connection, faults, ACTION).await?;
    let status = inspect(&mut tx, faults).await?;
    for migration in status.to_revert(&MIGRATIONS, to) {
        tx.revert(TABLE, migration)
            .await
            .map_err(|error| explain_migration(faults, ACTION, status.version, error))?;
    }
    finish(tx, faults, ACTION).await
}

/// A transaction that alone may change the schema. Large tables take their time.
async fn locked<'c>(
    connection: &'c mut PgConnection,
    faults: &Faults,
    action: &'static str,
) -> Result<Transaction<'c, Postgres>, EngineError> {
    let explain = |error| faults.explain(action, error);
    let mut tx = connection.begin().await.map_err(explain)?;
    for statement in [
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
    ] {
        sqlx::query(statement)
            .execute(&mut *tx)
            .await
            .map_err(explain)?;
    }
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *tx)
        .await
        .map_err(explain)?;
    Ok(tx)
}

async fn finish(
    mut tx: Transaction<'_, Postgres>,
    faults: &Faults,
    action: &'static str,
) -> Result<SchemaStatus, EngineError> {
    let status = inspect(&mut tx, faults).await?;
    tx.commit()
        .await
        .map_err(|error| faults.explain(action, error))?;
    Ok(status)
}

fn explain_migration(
    faults: &Faults,
    action: &'static str,
    found: i64,
    error: MigrateError,
) -> EngineError {
    let (cause, version) = match error {
        MigrateError::ExecuteMigration(cause, version) => (cause, version),
        MigrateError::Execute(cause) => return faults.explain(action, cause),
        other => return failed(action, other),
    };
    let refused = cause.as_database_error().and_then(|error| {
        let code = error.code()?;
        is_misfit(&code).then(|| (is_taken(&code), error.message().to_owned()))
    });
    match refused {
        Some((true, _)) if found == 0 => faults.corrupt(
            "it has tables of another program. Nothing was changed: create a database of its own",
        ),
        Some((_, reason)) => faults.corrupt(schema::in_the_way(version, found, &reason)),
        None => faults.explain(action, cause),
    }
}

/// A table or function of that name is there already.
fn is_taken(code: &str) -> bool {
    matches!(code, "42P07" | "42723" | "42710")
}

/// A migration does not fit the schema that it meets, or what is in it; not that the role has no right to it.
fn is_misfit(code: &str) -> bool {
    ["42", "23", "2B"]
        .iter()
        .any(|class| code.starts_with(class))
        && code != "42501"
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, schema};

    #[test]
    fn a_migration_that_came_later_than_its_successor_is_applied_and_taken_back_in_order() {
        let ups = || {
            let all = MIGRATIONS.iter();
            all.filter(|migration| migration.migration_type.is_up_migration())
        };
        let last = ups().next_back().into_iter();
        let applied: Vec<_> = last
            .map(|last| (last.version, last.checksum.to_vec()))
            .collect();
        let status = schema::compare(&MIGRATIONS, &applied, "chat");
        let status = status.unwrap_or_else(|error| unreachable!("{error}"));
        let missing: Vec<_> = status.to_apply(&MIGRATIONS).map(|m| m.version).collect();
        let expected: Vec<_> = ups().map(|m| m.version).take(ups().count() - 1).collect();
        assert_eq!(missing, expected);
        let undone: Vec<_> = status
            .to_revert(&MIGRATIONS, 0)
            .map(|m| m.version)
            .collect();
        assert_eq!(undone, [status.version]);
    }
}
