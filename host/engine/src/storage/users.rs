//! Who the stored things belong to.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::EngineError;
use crate::ids::UserId;

/// Why a user exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// The operating-system user who owns an SQLite file without accounts. Not an account.
    Owner,
    /// The one user of a store in memory.
    Session,
    /// Somebody who logs in.
    Account,
}

/// A row of the users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Stable for the life of the store.
    pub id: UserId,
    /// Why the user exists.
    pub kind: UserKind,
    /// As shown; unique without regard to ASCII case.
    pub name: String,
    /// First seen.
    pub created: Timestamp,
}

/// Users of the store. Accounts come with logins.
#[async_trait]
pub trait Users {
    /// The one user of a store without accounts; made on the first call with `name`, which is then kept.
    ///
    /// # Errors
    ///
    /// [`EngineError::Conflict`] when the store has accounts, so that a login is needed.
    async fn local_user(&self, name: &str) -> Result<User, EngineError>;

    /// The user with this id.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`].
    async fn user(&self, id: UserId) -> Result<User, EngineError>;
}
