//! The way in: name and password for a token, a token for a session, and whether the session still holds.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::hash::Verified;
use super::operation::Denied;
use super::{
    AccountName, InvalidToken, NameDigest, Operation, Password, PasswordHash, Token, token,
};
use crate::EngineError;
use crate::audit::{self, AuditEvent, AuditTrail};
use crate::ids::TokenId;
use crate::keys::{KeyRing, Keys, Purpose};
use crate::session::Session;
use crate::storage::{Account, Attempt, IssuedToken, Store, UserKind};

/// Lets people in. Shared by all sessions of a process.
pub struct Gate {
    pub(super) store: Arc<dyn Store>,
    pub(super) audit: Arc<dyn AuditTrail>,
    keys: Arc<Keys>,
    lifetime: Duration,
}

/// Somebody who is in.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who.
    pub account: Account,
    /// By which token.
    pub token: TokenId,
    /// Until when.
    pub expires: Timestamp,
}

/// Why somebody is not let in. All texts are fit to be shown.
#[derive(Debug, thiserror::Error)]
pub enum LoginRefused {
    /// No such account, or another password: which of both is not said.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many failed. So many seconds until the next try.
    #[error("too many logins with this name failed: try again in {0} s")]
    Delayed(u32),
    /// Said only to who knows the password.
    #[error("this account is disabled: ask an administrator")]
    Disabled,
    /// The token is not good.
    #[error("the token of this session is not good: {0}; log in with `mini-llm-chat login NAME`")]
    Token(#[from] InvalidToken),
    /// The database became one with accounts.
    #[error("this database has accounts now: log in with `mini-llm-chat login NAME`")]
    Adopted,
    /// It cannot be told.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Gate {
    /// Tokens that it gives out are good for `lifetime`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        audit: Arc<dyn AuditTrail>,
        keys: Arc<Keys>,
        lifetime: Duration,
    ) -> Self {
        Self {
            store,
            audit,
            keys,
            lifetime,
        }
    }

    /// Checks name and password and gives out a token. Takes the same time for a name that is no account.
    ///
    /// # Errors
    /// See [`LoginRefused`]; a try that fails is counted, also when the process ends in the middle.
    pub async fn log_in(
        &self,
        name: &str,
        password: &Password,
    ) -> Result<(Token, Login), LoginRefused> {
        let parsed = AccountName::new(name).ok();
        let ring = self.ring();
        let digest = match &parsed {
            Some(name) => name.digest(ring.current()),
            None => NameDigest::of(name, ring.current()),
        };
        let found = match &parsed {
            Some(name) => self.store.account(name).await?,
            None => None,
        };
        let (account, hash) = found.unzip();
        let user = account.as_ref().map(|account| account.id.to_string());
        if let Attempt::Delayed(seconds) = self.store.begin_login(&digest, Timestamp::now()).await?
        {
            self.note(AuditEvent::LoginDelayed { user, seconds }).await;
            return Err(LoginRefused::Delayed(seconds));
        }
        let verified = PasswordHash::verify(hash.clone(), password).await?;
        let (Some(account), Some(hash), Verified::Right(renewed)) = (account, hash, verified)
        else {
            self.note(AuditEvent::LoginFailed { user }).await;
            return Err(LoginRefused::Wrong);
        };
        if !account.active {
            self.note(AuditEvent::LoginFailed { user }).await;
            return Err(LoginRefused::Disabled);
        }
        let issued = self.new_token(&account);
        if !self
            .store
            .issue_token(&issued, &hash, renewed.as_ref())
            .await?
        {
            self.note(AuditEvent::LoginFailed { user }).await;
            return Err(LoginRefused::Wrong);
        }
        self.store.forget_failures(&digest).await?;
        let token = token::sign(ring, &issued)?;
        self.note(AuditEvent::LoggedIn {
            user: account.id.to_string(),
            token: issued.id.to_string(),
        })
        .await;
        Ok((token, login(account, &issued)))
    }

    /// Whose token it is, if it is good now.
    ///
    /// # Errors
    /// [`LoginRefused::Token`] and [`LoginRefused::Engine`].
    pub async fn enter(&self, token: &Token) -> Result<Login, LoginRefused> {
        holder(&*self.store, &self.keys, token).await
    }

    /// Whether the session still holds: its token was not revoked, or its database still has no accounts.
    ///
    /// # Errors
    /// As [`Gate::enter`], and [`LoginRefused::Adopted`].
    pub async fn check(&self, session: &Session) -> Result<(), LoginRefused> {
        let now = Timestamp::now();
        let Some(token) = session.token() else {
            if session.is_fresh() {
                return Ok(());
            }
            return match self.store.user(session.user()).await?.kind {
                UserKind::Account => Err(LoginRefused::Adopted),
                UserKind::Owner | UserKind::Session => {
                    session.was_checked();
                    Ok(())
                }
            };
        };
        match self.store.token_holder(token, now).await? {
            Some(account) if account.id == session.user() && account.access == session.access() => {
                Ok(())
            }
            _ => Err(InvalidToken::Revoked.into()),
        }
    }

    /// Whether this session may do that now: its role by the table, and the session itself by the database.
    ///
    /// # Errors
    /// [`EngineError::Denied`] and [`EngineError::SessionEnded`]; the first is audited.
    pub async fn permit(&self, session: &Session, operation: Operation) -> Result<(), EngineError> {
        if let Err(denied) = operation.permit(Some(session)) {
            self.note_denied(session, denied).await;
            return Err(denied.into());
        }
        self.check(session).await.map_err(|refused| match refused {
            LoginRefused::Engine(error) => error,
            other => EngineError::SessionEnded(other.to_string()),
        })
    }

    /// Audits that a role did not allow something.
    pub(crate) async fn note_denied(&self, session: &Session, denied: Denied) {
        self.note(AuditEvent::PermissionDenied {
            user: session.user().to_string(),
            what: denied.operation.name().to_owned(),
        })
        .await;
    }

    /// Counts a try to tell the password of that account.
    pub(super) async fn count_try(&self, name: &AccountName) -> Result<(), EngineError> {
        let digest = name.digest(self.ring().current());
        match self.store.begin_login(&digest, Timestamp::now()).await? {
            Attempt::Allowed => Ok(()),
            Attempt::Delayed(seconds) => Err(EngineError::Invalid(
                LoginRefused::Delayed(seconds).to_string(),
            )),
        }
    }

    /// The last try was right.
    pub(super) async fn forget_tries(&self, name: &AccountName) -> Result<(), EngineError> {
        let digest = name.digest(self.ring().current());
        self.store.forget_failures(&digest).await
    }

    /// Ends a session for good: its token is never believed again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn log_out(&self, session: &Session) -> Result<(), EngineError> {
        let Some(token) = session.token() else {
            return Ok(());
        };
        self.store.revoke_token(token, Timestamp::now()).await?;
        self.note(AuditEvent::LoggedOut {
            user: session.user().to_string(),
            token: token.to_string(),
        })
        .await;
        Ok(())
    }

    pub(super) async fn note(&self, event: AuditEvent) {
        audit::note(&*self.audit, event).await;
    }

    fn ring(&self) -> &KeyRing {
        self.keys.ring(Purpose::Token)
    }

    fn new_token(&self, account: &Account) -> IssuedToken {
        let issued = Timestamp::now();
        let lifetime = SignedDuration::try_from(self.lifetime).unwrap_or(SignedDuration::ZERO);
        IssuedToken {
            id: TokenId::new(),
            user: account.id,
            issued,
            expires: issued.checked_add(lifetime).unwrap_or(issued),
        }
    }
}

/// Whose token it is, if it is good now. Changes nothing.
///
/// # Errors
/// As [`Gate::enter`].
pub async fn holder(store: &dyn Store, keys: &Keys, token: &Token) -> Result<Login, LoginRefused> {
    let issued = token::read(keys.ring(Purpose::Token), token)?;
    match store.token_holder(issued.id, Timestamp::now()).await? {
        Some(account) if account.id == issued.user => Ok(login(account, &issued)),
        _ => Err(InvalidToken::Revoked.into()),
    }
}

fn login(account: Account, issued: &IssuedToken) -> Login {
    Login {
        account,
        token: issued.id,
        expires: issued.expires,
    }
}
