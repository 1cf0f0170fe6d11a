//! Who may log in, and what a login and a change of an account leave behind.

use async_trait::async_trait;
use jiff::Timestamp;
use mini_llm_chat_sandbox::contract::Access;

use crate::EngineError;
use crate::auth::{AccountName, NameDigest, PasswordHash};
use crate::ids::{TokenId, UserId};

/// Somebody who logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Stable for the life of the store.
    pub id: UserId,
    /// As it was given.
    pub name: String,
    /// As it was given; empty where nobody gave one.
    pub email: String,
    /// The role.
    pub access: Access,
    /// False: locked out.
    pub active: bool,
    /// First seen.
    pub created: Timestamp,
    /// The last one that succeeded.
    pub last_login: Option<Timestamp>,
}

/// An account that is to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Unlike the name of any other account.
    pub name: AccountName,
    /// May be empty.
    pub email: String,
    /// The role.
    pub access: Access,
    /// What the password is checked against.
    pub password: PasswordHash,
}

/// A change of an account. Each one revokes all of its tokens, but for letting it in again.
#[derive(Clone, Debug)]
pub enum Change {
    /// Another role.
    Role(Access),
    /// Locked out.
    Disable,
    /// Let in again.
    Enable,
    /// Another password.
    Password(PasswordHash),
}

/// Whether a login may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It counts as failed until [`Accounts::forget_failures`].
    Allowed,
    /// Too many failed: so many seconds until the next one. Nothing was counted.
    Delayed(u32),
}

/// Accounts of the store, and the tokens that they were given.
#[async_trait]
pub trait Accounts {
    /// Whether anybody can log in. A store in memory has no accounts.
    ///
    /// # Errors
    /// As for any statement.
    async fn has_accounts(&self) -> Result<bool, EngineError>;

    /// The account of that name, and what its password is checked against.
    ///
    /// # Errors
    /// As for any statement.
    async fn account(
        &self,
        name: &AccountName,
    ) -> Result<Option<(Account, PasswordHash)>, EngineError>;

    /// A page of accounts by name, after that one.
    ///
    /// # Errors
    /// As for any statement.
    async fn accounts(&self, after: Option<&str>, limit: u32) -> Result<Vec<Account>, EngineError>;

    /// Adds an account. With `adopt`, the local user becomes it, with everything that belongs to them.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] when an account of this name, or of one that looks the same, exists, and
    /// without `adopt` when there is a local user.
    async fn add_account(&self, new: &NewAccount, adopt: bool) -> Result<Account, EngineError>;

    /// Changes an account and revokes its tokens in one step; says how many were revoked.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Conflict`] when the last active administrator would be none.
    async fn change_account(
        &self,
        id: UserId,
        change: &Change,
        at: Timestamp,
    ) -> Result<u64, EngineError>;

    /// Deletes an account and everything that belongs to it.
    ///
    /// # Errors
    /// As [`Accounts::change_account`].
    async fn delete_account(&self, id: UserId) -> Result<(), EngineError>;

    /// Asks for a login with this name and counts it as failed. After three that failed the wait grows, to 60 s at
    /// most; processes share the count.
    ///
    /// # Errors
    /// As for any statement.
    async fn begin_login(&self, name: &NameDigest, now: Timestamp) -> Result<Attempt, EngineError>;

    /// The login with this name succeeded.
    ///
    /// # Errors
    /// As for any statement.
    async fn forget_failures(&self, name: &NameDigest) -> Result<(), EngineError>;

    /// Gives out a token if the account is active and its password is still that one; `renewed` replaces it, for
    /// other parameters. False: somebody changed the account meanwhile.
    ///
    /// # Errors
    /// As for any statement.
    async fn issue_token(
        &self,
        token: &IssuedToken,
        password: &PasswordHash,
        renewed: Option<&PasswordHash>,
    ) -> Result<bool, EngineError>;

    /// Who holds this token, if it was given out, has not expired, was not revoked, and its account is active.
    ///
    /// # Errors
    /// As for any statement.
    async fn token_holder(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Account>, EngineError>;

    /// Revokes one token. One that is not good any more stays so.
    ///
    /// # Errors
    /// As for any statement.
    async fn revoke_token(&self, token: TokenId, at: Timestamp) -> Result<(), EngineError>;
}

/// A token that is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// Its `jti`.
    pub id: TokenId,
    /// Its `sub`.
    pub user: UserId,
    /// Its `iat`.
    pub issued: Timestamp,
    /// Its `exp`.
    pub expires: Timestamp,
}

/// Tries that fail without a wait.
const FREE_FAILURES: u32 = 3;
/// The longest wait, in seconds.
const MAX_DELAY_SECONDS: u32 = 60;
/// After this time without a try, failures are forgotten, in seconds.
pub(super) const FAILURES_KEPT_SECONDS: i64 = 24 * 3600;

/// Seconds until the next try, after so many that failed in a row, the last of them at `last`.
pub(super) fn delay(failures: u32, last: Timestamp, now: Timestamp) -> u32 {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES) else {
        return 0;
    };
    let delay = 1_u32.checked_shl(doublings).unwrap_or(MAX_DELAY_SECONDS);
    let delay = delay.clamp(1, MAX_DELAY_SECONDS);
    let passed = now.as_millisecond().saturating_sub(last.as_millisecond());
    let left = i64::from(delay) * 1000 - passed;
    // A clock that was set back must not lengthen the wait.
    u32::try_from((left + 999).div_euclid(1000).max(0))
        .unwrap_or(MAX_DELAY_SECONDS)
        .min(delay)
}

/// The role's name in the database.
pub(super) const fn access_name(access: Access) -> &'static str {
    match access {
        Access::User => "user",
        Access::Admin => "admin",
    }
}

/// The role of that name; any other name is the lesser role.
pub(super) fn access_of(name: &str) -> Access {
    match name {
        "admin" => Access::Admin,
        _ => Access::User,
    }
}

pub(super) const LAST_ADMIN: &str = "this is the last active administrator, who cannot be demoted, disabled or deleted: make another one first";
pub(super) const NAME_TAKEN: &str =
    "an account of this name, or of one that looks the same, exists already: choose another name";
pub(super) const HAS_LOCAL_USER: &str = "this database belongs to its owner and has no accounts: `mini-llm-chat --setup-admin` makes the first one and logins required";

pub(super) const NO_ACCOUNTS_IN_MEMORY: &str =
    "a database in memory has no accounts: choose sqlite or postgresql";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn three_tries_are_free_then_the_wait_doubles_up_to_a_minute() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let waits: Vec<_> = (0..12).map(|failures| delay(failures, at, at)).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(delay(u32::MAX, at, at), 60);
    }

    #[test]
    fn the_wait_ends_and_a_clock_set_back_does_not_lengthen_it() {
        let second = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(delay(5, second(1000), second(1001)), 3);
        assert_eq!(delay(5, second(1000), second(1004)), 0);
        assert_eq!(delay(5, second(1000), second(0)), 4);
    }
}
