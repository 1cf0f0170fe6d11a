//! Making and changing accounts.

use jiff::Timestamp;
use mini_llm_chat_sandbox::contract::Access;

use super::hash::Verified;
use super::{AccountName, Gate, Password, PasswordHash, check_email};
use crate::EngineError;
use crate::audit::AuditEvent;
use crate::ids::UserId;
use crate::session::Session;
use crate::storage::{Account, Change, NewAccount, UserKind};

/// Who changes accounts. That they may was checked before, by [`Gate::permit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever starts the program with `--setup-admin`.
    Operator,
    /// An administrator, or somebody who changes their own account.
    User(UserId),
}

impl Actor {
    fn name(self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::User(id) => id.to_string(),
        }
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name that is used to log in.
    pub name: AccountName,
    /// May be empty.
    pub email: String,
    /// The role.
    pub access: Access,
    /// The first password.
    pub password: Password,
}

impl NewUser {
    /// Whether address and password fit the rules. Takes milliseconds.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] says what is wrong.
    pub fn check(&self) -> Result<(), EngineError> {
        check_email(&self.email)?;
        self.password.check(&[self.name.as_str(), &self.email])
    }
}

/// What `--setup-admin` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminSetUp {
    /// There is a new administrator.
    Created(Account),
    /// The owner of the database became the administrator, with all conversations.
    Adopted(Account),
    /// An administrator has another password; so many sessions ended.
    Reset(Account, u64),
}

impl Gate {
    /// Makes an account.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a bad password or address, [`EngineError::Conflict`] for a name that is taken.
    pub async fn add_user(&self, by: Actor, new: &NewUser) -> Result<Account, EngineError> {
        self.add(by, new, false).await
    }

    async fn add(&self, by: Actor, new: &NewUser, adopt: bool) -> Result<Account, EngineError> {
        new.check()?;
        let password = PasswordHash::of(&new.password).await?;
        let stored = NewAccount {
            name: new.name.clone(),
            email: new.email.clone(),
            access: new.access,
            password,
        };
        let account = self.store.add_account(&stored, adopt).await?;
        self.note(AuditEvent::UserCreated {
            by: by.name(),
            user: account.id.to_string(),
            name: account.name.clone(),
            admin: account.access == Access::Admin,
        })
        .await;
        Ok(account)
    }

    /// Makes the administrator, or gives an existing one another password. The owner of a database without accounts
    /// becomes the administrator. A plain user is never promoted.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] when the name is a plain user's or looks like another one, and as
    /// [`Gate::add_user`].
    pub async fn set_up_admin(&self, new: &NewUser) -> Result<AdminSetUp, EngineError> {
        const PLAIN_USER: &str = "this is an account with the role user, which is not promoted here: choose another name, or let an administrator use `users set-role`";
        match self.store.account(&new.name).await? {
            Some((account, _)) if account.access != Access::Admin => {
                Err(EngineError::Conflict(PLAIN_USER))
            }
            Some((account, _)) => {
                let ended = self
                    .change_password(Actor::Operator, &account, &new.password)
                    .await?;
                Ok(AdminSetUp::Reset(account, ended))
            }
            None => {
                let (adopt, start) = (!self.store.has_accounts().await?, Timestamp::now());
                let account = self.add(Actor::Operator, new, adopt).await?;
                // A new account is not older than this call.
                let is_older = account.created.as_millisecond() < start.as_millisecond();
                Ok(if is_older {
                    AdminSetUp::Adopted(account)
                } else {
                    AdminSetUp::Created(account)
                })
            }
        }
    }

    /// A page of accounts by name.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn users(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Account>, EngineError> {
        self.store.accounts(after, limit).await
    }

    /// The account of that name.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn find_user(&self, name: &str) -> Result<Account, EngineError> {
        const MISSING: EngineError = EngineError::NotFound { what: "account" };
        let name = AccountName::new(name).map_err(|_| MISSING)?;
        let found = self.store.account(&name).await?;
        found.map(|(account, _)| account).ok_or(MISSING)
    }

    /// Gives an account another role; its sessions end.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] for the last active administrator.
    pub async fn set_role(
        &self,
        by: Actor,
        account: &Account,
        access: Access,
    ) -> Result<(), EngineError> {
        let ended = self.change(account, &Change::Role(access)).await?;
        self.note(AuditEvent::RoleChanged {
            by: by.name(),
            user: account.id.to_string(),
            admin: access == Access::Admin,
        })
        .await;
        self.note_ended(by, account, ended).await;
        Ok(())
    }

    /// Locks an account out; its sessions end.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] for the last active administrator.
    pub async fn disable(&self, by: Actor, account: &Account) -> Result<(), EngineError> {
        let ended = self.change(account, &Change::Disable).await?;
        let (by_name, user) = (by.name(), account.id.to_string());
        self.note(AuditEvent::UserDisabled { by: by_name, user })
            .await;
        self.note_ended(by, account, ended).await;
        Ok(())
    }

    /// Lets an account in again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn enable(&self, by: Actor, account: &Account) -> Result<(), EngineError> {
        self.change(account, &Change::Enable).await?;
        let (by, user) = (by.name(), account.id.to_string());
        self.note(AuditEvent::UserEnabled { by, user }).await;
        Ok(())
    }

    /// Deletes an account and everything that belongs to it.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] for the last active administrator.
    pub async fn delete(&self, by: Actor, account: &Account) -> Result<(), EngineError> {
        self.store.delete_account(account.id).await?;
        let (by, user) = (by.name(), account.id.to_string());
        self.note(AuditEvent::UserDeleted { by, user }).await;
        Ok(())
    }

    /// Gives an account another password; its sessions end. Returns how many.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a bad password.
    pub async fn change_password(
        &self,
        by: Actor,
        account: &Account,
        password: &Password,
    ) -> Result<u64, EngineError> {
        let hash = checked(password, &account.name, &account.email).await?;
        let ended = self.change(account, &Change::Password(hash)).await?;
        let (by_name, user) = (by.name(), account.id.to_string());
        self.note(AuditEvent::PasswordChanged { by: by_name, user })
            .await;
        self.note_ended(by, account, ended).await;
        Ok(ended)
    }

    /// Gives the session's account another password, if the old one is right. All of its sessions end, this one too.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a wrong old password and for a bad new one; tries count as those of a login.
    pub async fn change_own_password(
        &self,
        session: &Session,
        old: &Password,
        new: &Password,
    ) -> Result<(), EngineError> {
        const WRONG: &str = "the old password is wrong";
        if self.store.user(session.user()).await?.kind != UserKind::Account {
            return Err(EngineError::NotFound { what: "account" });
        }
        let name = AccountName::new(session.name())
            .map_err(|_| EngineError::NotFound { what: "account" })?;
        self.count_try(&name).await?;
        let found = self.store.account(&name).await?;
        let (account, hash) = found.ok_or(EngineError::NotFound { what: "account" })?;
        match PasswordHash::verify(Some(hash), old).await? {
            Verified::Wrong => {
                let user = Some(account.id.to_string());
                self.note(AuditEvent::LoginFailed { user }).await;
                Err(EngineError::Invalid(WRONG.to_owned()))
            }
            Verified::Right(_) => {
                self.forget_tries(&name).await?;
                self.change_password(Actor::User(account.id), &account, new)
                    .await?;
                Ok(())
            }
        }
    }

    async fn change(&self, account: &Account, change: &Change) -> Result<u64, EngineError> {
        self.store
            .change_account(account.id, change, Timestamp::now())
            .await
    }

    async fn note_ended(&self, by: Actor, account: &Account, tokens: u64) {
        if tokens > 0 {
            let (by, user) = (by.name(), account.id.to_string());
            self.note(AuditEvent::TokensRevoked { by, user, tokens })
                .await;
        }
    }
}

/// Hashes a password that fits the rules. Judging takes milliseconds, hashing more.
async fn checked(
    password: &Password,
    name: &str,
    email: &str,
) -> Result<PasswordHash, EngineError> {
    password.check(&[name, email])?;
    PasswordHash::of(password).await
}
