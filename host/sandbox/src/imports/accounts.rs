//! `auth`, `users`, `audit`, `plugins`: accounts, and what administrators do.
//!
//! The host asks before it changes anything here, so every change may wait for a person.

use super::{granted, page};
use crate::contract::imports::mini_llm_chat::host::{audit, auth, plugins, users};
use crate::contract::{Access, Event, Failure, Filter, User};
use crate::meter::Data;

impl auth::Host for Data {
    async fn change_password(&mut self) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        Ok(run.person.asking(run.services.auth.change_password()).await)
    }

    async fn log_out(&mut self) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.auth.log_out().await)
    }
}

impl users::Host for Data {
    async fn list(
        &mut self,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<User>, Failure>> {
        let run = granted!(self.admin_run()?);
        let users = &run.services.users;
        Ok(users.list(after.as_deref(), page(limit)).await)
    }

    async fn add(
        &mut self,
        name: String,
        email: String,
        access: Access,
    ) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        let asked = run.services.users.add(&name, &email, access);
        Ok(run.person.asking(asked).await)
    }

    async fn set_role(
        &mut self,
        name: String,
        access: Access,
    ) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        let asked = run.services.users.set_role(&name, access);
        Ok(run.person.asking(asked).await)
    }

    async fn disable(&mut self, name: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.person.asking(run.services.users.disable(&name)).await)
    }

    async fn enable(&mut self, name: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.person.asking(run.services.users.enable(&name)).await)
    }

    async fn reset_password(&mut self, name: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        let asked = run.services.users.reset_password(&name);
        Ok(run.person.asking(asked).await)
    }

    async fn delete(&mut self, name: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.person.asking(run.services.users.delete(&name)).await)
    }
}

impl audit::Host for Data {
    async fn list(
        &mut self,
        filter: Filter,
        before: Option<u64>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Event>, Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.services.audit.list(&filter, before, page(limit)).await)
    }

    async fn verify(&mut self) -> wasmtime::Result<Result<String, Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.services.audit.verify().await)
    }
}

impl plugins::Host for Data {
    async fn reload(&mut self) -> wasmtime::Result<Result<Vec<String>, Failure>> {
        let run = granted!(self.admin_run()?);
        Ok(run.services.plugins.reload().await)
    }
}
