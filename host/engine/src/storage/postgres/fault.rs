//! What went wrong, in words that help.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use crate::EngineError;
use crate::storage::row;

/// What is needed to explain an error of the driver.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    /// `HOST:PORT/DATABASE`.
    pub(super) database: String,
    /// For a connection.
    pub(super) connect: Duration,
    /// For a statement.
    pub(super) statement: Duration,
}

impl Faults {
    pub(super) fn explain(&self, action: &'static str, error: sqlx::Error) -> EngineError {
        match &error {
            sqlx::Error::Io(cause) => match certificate_fault(cause) {
                Some(fault) => self.unprotected(fault),
                None => self.unreachable(cause),
            },
            sqlx::Error::PoolTimedOut => self.silent(self.connect),
            sqlx::Error::ColumnDecode { index, source } => {
                self.corrupt(row::not_ours(action, index, source))
            }
            sqlx::Error::Tls(cause) => self.unprotected(cause),
            sqlx::Error::Configuration(cause) => self.denied(cause),
            sqlx::Error::Database(cause) => {
                let code = cause.code().unwrap_or_default().into_owned();
                self.by_code(&code, cause.message(), action)
                    .unwrap_or_else(|| failed(action, error))
            }
            _ => failed(action, error),
        }
    }

    /// By the codes of PostgreSQL's appendix A.
    fn by_code(&self, code: &str, message: &str, action: &'static str) -> Option<EngineError> {
        Some(match code {
            "28P01" | "28000" => self.denied(format_args!(
                "{message}: check user and password in DATABASE_URL, and the server's pg_hba.conf"
            )),
            "3D000" => EngineError::StorageAbsent {
                database: self.database.clone(),
            },
            "42501" => self.denied(format_args!(
                "{message}, so it could not {action}: ask the database's owner for the right"
            )),
            "25006" => self.denied(format_args!(
                "it can only be read ({message}): name the primary server"
            )),
            "57P01" | "57P02" | "57P03" => self.unreachable(message),
            code if code.starts_with("08") => self.unreachable(message),
            "57014" => EngineError::StorageSlow {
                action,
                seconds: self.statement.as_secs(),
            },
            "55P03" => EngineError::StorageLocked {
                action,
                seconds: self.statement.as_secs(),
            },
            _ => return None,
        })
    }

    pub(super) fn unreachable(&self, reason: impl ToString) -> EngineError {
        EngineError::StorageUnreachable {
            database: self.database.clone(),
            reason: reason.to_string(),
        }
    }

    /// Somebody is there and does not prove to be the server: never a reason to go on without it.
    pub(super) fn unprotected(&self, reason: impl Display) -> EngineError {
        self.denied(format_args!(
            "no protected connection ({reason}): see sslmode and sslrootcert in DATABASE_URL"
        ))
    }

    /// Nothing came back.
    pub(super) fn silent(&self, waited: Duration) -> EngineError {
        self.unreachable(format_args!("no answer within {waited:?}"))
    }

    pub(super) fn denied(&self, reason: impl ToString) -> EngineError {
        EngineError::StorageDenied {
            database: self.database.clone(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn corrupt(&self, reason: impl Into<String>) -> EngineError {
        EngineError::StorageCorrupt {
            database: self.database.clone(),
            reason: reason.into(),
        }
    }
}

/// What TLS found wrong while it read or wrote, where the driver sees only a failed read or write.
fn certificate_fault(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

pub(super) fn failed(
    action: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> EngineError {
    EngineError::StorageFailed {
        action,
        source: Box::new(error),
    }
}
