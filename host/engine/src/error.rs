//! The one error type of the engine. A message says who failed at what, and what to do about it.
//! Texts of servers and databases are carried as sources: pass them through the redactor before
//! they are shown.

use std::path::PathBuf;

/// Everything that the engine refuses or fails at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    // Storage.
    /// A file or directory of the store cannot be made or opened.
    #[error("cannot {action} {}: {source}", path.display())]
    StorageFile {
        /// Such as `create the directory`.
        action: &'static str,
        /// What was to be made or opened.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is somebody else's, open to others, a link, or not a file. It was not touched.
    #[error("the database {} is refused: {reason}", path.display())]
    StorageRefused {
        /// The file or its directory.
        path: PathBuf,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// It is damaged, or not a database of this program. It was not touched.
    #[error("the database {database} cannot be used: {reason}")]
    StorageCorrupt {
        /// The file, or the server and the database's name.
        database: String,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// A later version of this program migrated it.
    #[error(
        "the database {database} has schema {found}, this program knows {known}: use a newer mini-llm-chat, \
         or revert the schema with the one that wrote it (`mini-llm-chat db revert`)"
    )]
    StorageNewer {
        /// The file, or the server and the database's name.
        database: String,
        /// Version in the database.
        found: i64,
        /// Latest version that this program knows.
        known: i64,
    },
    /// The database server is not there: refused, silent, not resolvable, shutting down or cut off.
    #[error(
        "the database {database} cannot be reached: {reason}; start it, or correct the address in DATABASE_URL"
    )]
    StorageUnreachable {
        /// The server and the database's name.
        database: String,
        /// Without anything secret.
        reason: String,
    },
    /// The server is there and does not let us in, or not as we insist on.
    #[error("the database {database} does not let us in: {reason}")]
    StorageDenied {
        /// The server and the database's name.
        database: String,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// The server is there, the database is not.
    #[error(
        "there is no database {database}: create it (`createdb NAME`), or name another one in DATABASE_URL"
    )]
    StorageAbsent {
        /// The server and the database's name.
        database: String,
    },
    /// The schema was never made, or lacks migrations.
    #[error(
        "the database {database} has schema {found}, this program needs {needed}: run `mini-llm-chat --init-db`"
    )]
    StorageUnmigrated {
        /// The server and the database's name.
        database: String,
        /// Version in the database; 0 for none.
        found: i64,
        /// Version that this program needs.
        needed: i64,
    },
    /// Nobody can log in.
    #[error("the database {database} has no accounts: run `mini-llm-chat --init-db --setup-admin`")]
    StorageWithoutAccounts {
        /// The server and the database's name.
        database: String,
    },
    /// A statement took longer than it may.
    #[error("the database took more than {seconds} s to {action}, and was stopped; try again")]
    StorageSlow {
        /// Such as `store the turn`.
        action: &'static str,
        /// How long a statement may take, in seconds.
        seconds: u64,
    },
    /// Another process holds the database for longer than the timeout.
    #[error(
        "the database is locked: another process held it for more than {seconds} s while this one wanted to {action}; end that process or try again"
    )]
    StorageLocked {
        /// Such as `store the turn`.
        action: &'static str,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// Somebody waited for the process to end, so it did not wait for the database.
    #[error("the database had not taken it when the program was told twice to end")]
    StorageGivenUp,
    /// A statement failed for a reason of the database.
    #[error("the database could not {action}: {source}")]
    StorageFailed {
        /// Such as `store the turn`.
        action: &'static str,
        /// The driver's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A turn was answered and could not be stored; it waits in the spool, and no other one begins before it.
    #[error("an earlier turn waits to be stored, so no new one begins: {0}")]
    TurnWaits(#[source] Box<EngineError>),
    /// The spool cannot be read or written.
    #[error(transparent)]
    Spool(crate::audit::SpoolError),
    /// It does not exist, or belongs to another user.
    #[error("there is no such {what}")]
    NotFound {
        /// Such as `conversation`.
        what: &'static str,
    },
    /// Somebody else changed it in between.
    #[error("{0}")]
    Conflict(&'static str),
    /// An argument is outside its range.
    #[error("{0}")]
    Invalid(String),
    /// A quota is used up.
    #[error("{0}")]
    OverQuota(String),

    // Keys and private files.
    /// A key is too short, a placeholder, or used for two purposes.
    #[error("the {purpose} key of {place} is refused: {reason}")]
    KeyRefused {
        /// What the key is for.
        purpose: crate::keys::Purpose,
        /// Where it comes from.
        place: String,
        /// What is wrong with it, and the remedy. Holds nothing of the key.
        reason: String,
    },
    /// The database was used with another key.
    #[error(
        "this database does not know the {purpose} key of {place} (id {id}): use the key that it was used with; if this \
         one is to replace it, run `mini-llm-chat keys accept {purpose}`"
    )]
    KeyUnknown {
        /// What the key is for.
        purpose: crate::keys::Purpose,
        /// Where it comes from.
        place: String,
        /// Its name.
        id: crate::keys::KeyId,
    },
    /// A file that nobody else may read cannot be used.
    #[error(transparent)]
    PrivateFile(#[from] crate::private_file::PrivateFileError),

    // Accounts.
    /// A role does not allow it.
    #[error(transparent)]
    Denied(#[from] crate::auth::Denied),
    /// The session's token is not good any more, or the database has accounts now.
    #[error("this session has ended: {0}")]
    SessionEnded(String),
    /// A password cannot be hashed, or what is stored of it is damaged.
    #[error("the password cannot be checked: {0}; an administrator can reset it")]
    Password(String),

    // Limits.
    /// A single message is larger than the room that the model leaves for it.
    #[error(
        "the message needs up to {needed} tokens, the model leaves {available} for it: shorten it or choose a model with a larger context"
    )]
    MessageTooLong {
        /// Tokens of the message, counted or bounded from above.
        needed: u64,
        /// Tokens that are free for it.
        available: u64,
    },

    /// Redis is required and has no answer.
    #[error("Redis at {server} is required (`required` under `[redis]`) and not available: {why}")]
    SharedUnavailable {
        /// Host and port.
        server: String,
        /// Why not.
        why: crate::shared::Trouble,
    },

    /// The cache in Redis could not be cleared.
    #[error(
        "the cached answers in Redis at {server} are not cleared: {why}; they expire by themselves within minutes"
    )]
    SharedCacheKept {
        /// Host and port.
        server: String,
        /// Why not.
        why: crate::shared::Trouble,
    },

    // The model server.
    /// The call to the model server gave no complete answer.
    #[error(transparent)]
    Upstream(#[from] crate::upstream::UpstreamError),
}

impl EngineError {
    /// The database is not there, or cannot take anything now: trying again later may help.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::StorageUnreachable { .. }
                | Self::StorageDenied { .. }
                | Self::StorageSlow { .. }
                | Self::StorageLocked { .. }
                | Self::StorageGivenUp
                | Self::StorageFailed { .. }
                | Self::StorageCorrupt { .. }
        )
    }
}
