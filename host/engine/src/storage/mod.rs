//! What outlives a turn: users, conversations, turns, the window of model calls, plugins' values.
//!
//! [`Store`] is what the engine talks to. Behind it stand SQLite, in a file or in memory, and PostgreSQL
//! ([`postgres`]); both run the same contract tests. Every call names the user it acts for,
//! and what belongs to somebody else does not exist for it. Lists come in pages with a key: nothing
//! loads a whole table.

mod accounts;
mod audit;
mod calls;
mod conversations;
mod keys;
pub mod postgres;
mod reservations;
mod retention;
mod row;
mod schema;
mod spending;
mod sqlite;
mod turns;
mod users;
mod values;

pub use accounts::{Account, Accounts, Attempt, Change, IssuedToken, NewAccount};
pub use audit::{AuditFilter, AuditLog, TrailEnd};
pub use calls::{Calls, Taken, WindowState};
pub use conversations::{Conversation, Conversations, Fork};
pub use keys::{KeyIds, check_keys, knows_key};
pub use reservations::{Reservations, Reserved};
pub use retention::Retention;
pub use schema::SchemaStatus;
pub use spending::{Spending, Spendings};
pub use sqlite::{Location, SqliteStore, migrate, open, revert, status};
pub use turns::{
    Author, Finish, NewMessage, NewTurn, StoredMessage, StoredTurn, Turns, UndoneTurn, Usage,
};
pub use users::{User, UserKind, Users};
pub use values::{MAX_KEY_BYTES, MAX_KEYS, MAX_NAMESPACE_BYTES, Values};

use async_trait::async_trait;

use crate::EngineError;

/// The most rows that one page of any list holds; a larger limit is cut to this.
pub const MAX_PAGE: u32 = 100;

/// Everything that is stored, behind one object.
#[async_trait]
pub trait Store:
    Users
    + Accounts
    + KeyIds
    + Conversations
    + Turns
    + Spendings
    + Calls
    + Reservations
    + Values
    + AuditLog
    + Retention
    + std::fmt::Debug
    + Send
    + Sync
{
    /// For `status`: such as `SQLite` or `memory (nothing is kept)`.
    fn description(&self) -> &str;

    /// Answers whether the store can be used now.
    ///
    /// # Errors
    ///
    /// As for any statement: the database is gone, locked or damaged.
    async fn ping(&self) -> Result<(), EngineError>;

    /// Ends all connections. What was confirmed is stored without it.
    async fn close(&self);
}
