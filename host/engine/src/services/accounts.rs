//! The caller's own account and, for administrators, all others.
//!
//! Every change asks a question that is written here and answered at the console; passwords are read there too and
//! never reach a plugin. Whether the caller may is checked before the question and again after it: a person may take
//! their time, and be locked out meanwhile.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{Access, Failure, User};
use mini_llm_chat_sandbox::services::{Auth, Users};

use super::Desk;
use super::convert::{failure, seconds};
use crate::auth::{AccountName, Actor, NewUser, Operation, Password, check_email};
use crate::storage::Account;

#[async_trait]
impl Auth for Desk {
    async fn change_password(&self) -> Result<(), Failure> {
        self.permit(Operation::PasswordChange).await?;
        let old = self.secret("Your password now: ").await?;
        let new = self.new_password("Your new password: ").await?;
        self.permit(Operation::PasswordChange).await?;
        let gate = &self.engine.gate;
        gate.change_own_password(&self.session, &old, &new)
            .await
            .map_err(failure)?;
        self.session.leave();
        Ok(())
    }

    async fn log_out(&self) -> Result<(), Failure> {
        self.permit(Operation::LogOut).await?;
        self.confirm("Log out and end this chat?").await?;
        self.engine
            .gate
            .log_out(&self.session)
            .await
            .map_err(failure)?;
        self.session.leave();
        Ok(())
    }
}

#[async_trait]
impl Users for Desk {
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, Failure> {
        self.permit(Operation::UsersList).await?;
        let page = self.engine.gate.users(after, limit).await;
        Ok(page.map_err(failure)?.into_iter().map(user).collect())
    }

    async fn add(&self, name: &str, email: &str, access: Access) -> Result<(), Failure> {
        self.permit(Operation::UsersAdd).await?;
        let name = AccountName::new(name).map_err(failure)?;
        check_email(email).map_err(failure)?;
        let question = format!("Make the account {name} with the role {}?", role(access));
        self.confirm(&question).await?;
        let question = format!("The password of {name}: ");
        let password = self.new_password(&question).await?;
        self.permit(Operation::UsersAdd).await?;
        let new = NewUser {
            name,
            email: email.to_owned(),
            access,
            password,
        };
        let added = self.engine.gate.add_user(self.actor(), &new).await;
        added.map(|_| ()).map_err(failure)
    }

    async fn set_role(&self, name: &str, access: Access) -> Result<(), Failure> {
        let operation = Operation::UsersSetRole;
        let what = format!("the role {}? Their sessions end", role(access));
        let account = self.agreed(operation, name, "Give", &what).await?;
        let changed = self.engine.gate.set_role(self.actor(), &account, access);
        changed.await.map_err(failure)
    }

    async fn disable(&self, name: &str) -> Result<(), Failure> {
        let what = "lose access? Their sessions end";
        let account = self
            .agreed(Operation::UsersDisable, name, "Let", what)
            .await?;
        let changed = self.engine.gate.disable(self.actor(), &account);
        changed.await.map_err(failure)
    }

    async fn enable(&self, name: &str) -> Result<(), Failure> {
        let account = self
            .agreed(Operation::UsersEnable, name, "Let", "log in again?")
            .await?;
        let changed = self.engine.gate.enable(self.actor(), &account);
        changed.await.map_err(failure)
    }

    async fn reset_password(&self, name: &str) -> Result<(), Failure> {
        let operation = Operation::UsersResetPassword;
        let what = "another password? Their sessions end";
        let account = self.agreed(operation, name, "Give", what).await?;
        let question = format!("The new password of {}: ", account.name);
        let password = self.new_password(&question).await?;
        self.permit(operation).await?;
        let gate = &self.engine.gate;
        let changed = gate.change_password(self.actor(), &account, &password);
        changed.await.map(|_| ()).map_err(failure)
    }

    async fn delete(&self, name: &str) -> Result<(), Failure> {
        let what = "and all of their conversations? This cannot be undone";
        let account = self
            .agreed(Operation::UsersDelete, name, "Delete the account", what)
            .await?;
        let changed = self.engine.gate.delete(self.actor(), &account);
        changed.await.map_err(failure)
    }
}

impl Desk {
    /// The account of that name, once the caller has said yes to the question about it.
    async fn agreed(
        &self,
        operation: Operation,
        name: &str,
        verb: &str,
        what: &str,
    ) -> Result<Account, Failure> {
        self.permit(operation).await?;
        let account = self.engine.gate.find_user(name).await.map_err(failure)?;
        self.confirm(&format!("{verb} {} {what}", account.name))
            .await?;
        self.permit(operation).await?;
        Ok(account)
    }

    /// A password that was typed twice.
    async fn new_password(&self, question: &str) -> Result<Password, Failure> {
        let first = self.secret(question).await?;
        let second = self.secret("The same again: ").await?;
        if first.is_same(&second) {
            return Ok(first);
        }
        Err(Failure::Invalid(
            "the two passwords differ; nothing was changed".to_owned(),
        ))
    }

    async fn secret(&self, question: &str) -> Result<Password, Failure> {
        let typed = self.console.secret_as_host(question).await;
        typed
            .map(|text| Password::new(&text))
            .ok_or(Failure::Cancelled)
    }

    fn actor(&self) -> Actor {
        Actor::User(self.session.user())
    }
}

fn user(account: Account) -> User {
    User {
        name: account.name,
        email: account.email,
        access: account.access,
        active: account.active,
        created: seconds(account.created),
        last_login: account.last_login.map(seconds),
    }
}

const fn role(access: Access) -> &'static str {
    match access {
        Access::User => "user",
        Access::Admin => "admin",
    }
}
