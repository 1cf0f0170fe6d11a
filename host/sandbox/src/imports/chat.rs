//! `session`, `conversations`, `conversations-all`: who is here, and what was said.

use super::{granted, page};
use crate::contract::imports::mini_llm_chat::host::{conversations, conversations_all, session};
use crate::contract::{
    Allowance, Caller, CommandInfo, Conversation, Failure, Limits, Model, Plugin, Services,
    Spending, StoredMessage, Usage,
};
use crate::meter::Data;

impl session::Host for Data {
    async fn get_caller(&mut self) -> wasmtime::Result<Caller> {
        Ok(self.run_or_trap()?.caller)
    }

    async fn get_user_name(&mut self) -> wasmtime::Result<String> {
        Ok(self.run_or_trap()?.services.session.user_name().await)
    }

    async fn get_usage(&mut self) -> wasmtime::Result<Result<Usage, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.session.usage().await)
    }

    async fn get_limits(&mut self) -> wasmtime::Result<Result<Limits, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.session.limits().await)
    }

    async fn get_spending(&mut self) -> wasmtime::Result<Result<Spending, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.session.spending().await)
    }

    async fn get_last_spending(&mut self) -> wasmtime::Result<Result<Option<Spending>, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.session.last_spending().await)
    }

    async fn get_allowances(&mut self) -> wasmtime::Result<Result<Vec<Allowance>, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.session.allowances().await)
    }

    async fn get_model(&mut self) -> wasmtime::Result<Model> {
        Ok(self.run_or_trap()?.services.session.model().await)
    }

    async fn get_services(&mut self) -> wasmtime::Result<Services> {
        Ok(self.run_or_trap()?.services.session.services().await)
    }

    async fn active_plugins(&mut self) -> wasmtime::Result<Vec<Plugin>> {
        Ok(self.run_or_trap()?.services.session.active_plugins().await)
    }

    async fn all_commands(&mut self) -> wasmtime::Result<Vec<CommandInfo>> {
        Ok(self.run_or_trap()?.services.session.all_commands().await)
    }
}

impl conversations::Host for Data {
    async fn current(&mut self) -> wasmtime::Result<Result<Conversation, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations.current().await)
    }

    async fn read(
        &mut self,
        before: Option<u64>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<StoredMessage>, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations.read(before, page(limit)).await)
    }

    async fn clear(&mut self) -> wasmtime::Result<Result<Conversation, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations.clear().await)
    }

    async fn undo(&mut self) -> wasmtime::Result<Result<String, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.person.asking(run.services.conversations.undo()).await)
    }
}

impl conversations_all::Host for Data {
    async fn list(
        &mut self,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Conversation>, Failure>> {
        let run = granted!(self.run()?);
        let all = &run.services.conversations_all;
        Ok(all.list(after.as_deref(), page(limit)).await)
    }

    async fn search(
        &mut self,
        words: String,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Conversation>, Failure>> {
        let run = granted!(self.run()?);
        let all = &run.services.conversations_all;
        Ok(all.search(&words, page(limit)).await)
    }

    async fn read(
        &mut self,
        id: String,
        before: Option<u64>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<StoredMessage>, Failure>> {
        let run = granted!(self.run()?);
        let all = &run.services.conversations_all;
        Ok(all.read(&id, before, page(limit)).await)
    }

    async fn resume(&mut self, id: String) -> wasmtime::Result<Result<Conversation, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations_all.resume(&id).await)
    }

    async fn rename(&mut self, id: String, title: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations_all.rename(&id, &title).await)
    }

    async fn fork(
        &mut self,
        id: String,
        last: u64,
    ) -> wasmtime::Result<Result<Conversation, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.conversations_all.fork(&id, last).await)
    }

    async fn delete(&mut self, id: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        let asked = run.services.conversations_all.delete(&id);
        Ok(run.person.asking(asked).await)
    }
}
