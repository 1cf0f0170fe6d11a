//! Comparing the schema of a database with what this program knows.

use sqlx::migrate::{Migration, Migrator};

use crate::EngineError;

/// The schema of a database, compared with what this program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Version of the last migration applied; 0 for none.
    pub version: i64,
    /// Version of the last migration known.
    pub latest: i64,
    /// `VERSION DESCRIPTION` of each that is still to be applied.
    pub pending: Vec<String>,
    /// Versions applied. One below the last may be missing: it was written by somebody else and came later.
    pub(super) applied: Vec<i64>,
}

impl SchemaStatus {
    /// Ups that are still to be applied, first to last.
    pub(super) fn to_apply<'m>(
        &'m self,
        known: &'m Migrator,
    ) -> impl Iterator<Item = &'m Migration> {
        let missing = |migration: &&Migration| !self.applied.contains(&migration.version);
        known
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration())
            .filter(missing)
    }

    /// Downs of what was applied above version `to`, last to first.
    pub(super) fn to_revert<'m>(
        &'m self,
        known: &'m Migrator,
        to: i64,
    ) -> impl Iterator<Item = &'m Migration> {
        let downs = known.migrations.iter().rev();
        downs.filter(move |migration| {
            migration.migration_type.is_down_migration()
                && migration.version > to
                && self.applied.contains(&migration.version)
        })
    }
}

/// Refuses a schema that is newer, or that another build made. `applied` are versions and checksums.
pub(super) fn compare(
    known: &Migrator,
    applied: &[(i64, Vec<u8>)],
    database: &str,
) -> Result<SchemaStatus, EngineError> {
    let ups = || {
        known
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration())
    };
    let latest = ups().map(|migration| migration.version).max().unwrap_or(0);
    let version = applied
        .iter()
        .map(|(version, _)| *version)
        .max()
        .unwrap_or(0);
    if version > latest {
        return Err(EngineError::StorageNewer {
            database: database.to_owned(),
            found: version,
            known: latest,
        });
    }
    let mut pending = Vec::new();
    for migration in ups() {
        match applied
            .iter()
            .find(|(version, _)| *version == migration.version)
        {
            None => pending.push(format!("{} {}", migration.version, migration.description)),
            Some((_, checksum)) if checksum[..] != migration.checksum[..] => {
                return Err(EngineError::StorageCorrupt {
                    database: database.to_owned(),
                    reason: format!(
                        "its schema {} was made by another build of this program. Nothing was changed: use that build",
                        migration.version
                    ),
                });
            }
            Some(_) => {}
        }
    }
    Ok(SchemaStatus {
        version,
        latest,
        pending,
        applied: applied.iter().map(|(version, _)| *version).collect(),
    })
}

/// Why a migration was refused: what it makes is there already, or what it needs is not. The transaction took back what
/// was done before it.
pub(super) fn in_the_way(version: i64, found: i64, reason: &str) -> String {
    format!(
        "what is in it does not fit the migration {version} ({reason}). Nothing was changed, it still has schema {found}: \
         remove or rename what is in the way, or restore a backup, and try again"
    )
}

/// Refuses a version that no migration has.
pub(super) fn check_target(known: &Migrator, to: i64) -> Result<(), EngineError> {
    if to == 0 || known.version_exists(to) {
        return Ok(());
    }
    Err(EngineError::Invalid(format!(
        "there is no schema {to}: `mini-llm-chat db status` lists them"
    )))
}
