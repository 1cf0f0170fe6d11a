//! Accounts: not there in a store without logins.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{Access, Failure, User};
use mini_llm_chat_sandbox::services::{Auth, Plugins, Users};

use super::Desk;

fn no_accounts<T>() -> Result<T, Failure> {
    Err(Failure::Unavailable(
        "this store has no accounts".to_owned(),
    ))
}

#[async_trait]
impl Auth for Desk {
    async fn change_password(&self) -> Result<(), Failure> {
        no_accounts()
    }

    async fn log_out(&self) -> Result<(), Failure> {
        no_accounts()
    }
}

#[async_trait]
impl Users for Desk {
    async fn list(&self, _after: Option<&str>, _limit: u32) -> Result<Vec<User>, Failure> {
        no_accounts()
    }

    async fn add(&self, _name: &str, _email: &str, _access: Access) -> Result<(), Failure> {
        no_accounts()
    }

    async fn set_role(&self, _name: &str, _access: Access) -> Result<(), Failure> {
        no_accounts()
    }

    async fn disable(&self, _name: &str) -> Result<(), Failure> {
        no_accounts()
    }

    async fn enable(&self, _name: &str) -> Result<(), Failure> {
        no_accounts()
    }

    async fn reset_password(&self, _name: &str) -> Result<(), Failure> {
        no_accounts()
    }

    async fn delete(&self, _name: &str) -> Result<(), Failure> {
        no_accounts()
    }
}

#[async_trait]
impl Plugins for Desk {
    async fn reload(&self) -> Result<Vec<String>, Failure> {
        self.engine.reload().await.map_err(Failure::Invalid)
    }
}
