//! The state of the chat, as `status` and `help` show it.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{
    Access, Allowance, CommandInfo, Failure, Limits, Model, Plugin, Services, Spending, Usage,
};
use mini_llm_chat_sandbox::services;

use super::Desk;
use super::convert::failure;
use crate::auth::Operation;
use crate::cost::{Cost, Spent};
use crate::storage;

/// Commands that also work as a word alone on the line, without the slash.
pub const BARE_WORDS: [&str; 5] = ["help", "status", "clear", "exit", "quit"];

#[async_trait]
impl services::Session for Desk {
    async fn user_name(&self) -> String {
        self.session.name().to_owned()
    }

    async fn usage(&self) -> Result<Usage, Failure> {
        self.permit(Operation::SessionRead).await?;
        let id = self.session.conversation();
        let found = self
            .engine
            .store
            .conversation(self.session.user(), id)
            .await;
        let found = found.map_err(failure)?;
        Ok(Usage {
            messages: found.messages,
            tokens: found.tokens,
            token_limit: self.engine.context.tokens,
            exact: found.exact,
        })
    }

    async fn limits(&self) -> Result<Limits, Failure> {
        self.permit(Operation::SessionRead).await?;
        let state = self
            .engine
            .limiter
            .state(self.session.user())
            .await
            .map_err(failure)?;
        Ok(Limits {
            max_calls: state.window.max_calls,
            window_seconds: state.window.seconds,
            calls_left: state.calls_left,
            frees_in: state.frees_in.filter(|_| state.calls_left == 0),
        })
    }

    async fn spending(&self) -> Result<Spending, Failure> {
        Ok(self.sum(&self.spent().await?.all))
    }

    async fn last_spending(&self) -> Result<Option<Spending>, Failure> {
        let last = self.spent().await?.last;
        Ok(last.map(|last| self.sum(std::slice::from_ref(&last))))
    }

    async fn allowances(&self) -> Result<Vec<Allowance>, Failure> {
        self.permit(Operation::SessionRead).await?;
        let user = self.session.user();
        let held = self.engine.limiter.allowances(user).await;
        let shown = held.map_err(failure)?.into_iter().map(|one| Allowance {
            what: one.limit.to_string(),
            used: one.used,
            most: one.most,
        });
        Ok(shown.collect())
    }

    async fn model(&self) -> Model {
        Model {
            name: self.engine.config.model.clone(),
            server: self.engine.upstream.base_url().origin(),
        }
    }

    async fn services(&self) -> Services {
        Services {
            storage: self.engine.store.description().to_owned(),
            cache: self.engine.cache.description().to_owned(),
        }
    }

    async fn active_plugins(&self) -> Vec<Plugin> {
        self.engine.plugins().plugins()
    }

    async fn all_commands(&self) -> Vec<CommandInfo> {
        let set = self.engine.plugins();
        let from_plugins = set.commands().all().map(|(meta, command)| {
            let bare = BARE_WORDS.contains(&command.name.as_str());
            services::command_info(command, &meta.name, bare)
        });
        let mut all: Vec<CommandInfo> = from_plugins.chain(self.hosts_own()).collect();
        all.retain(|command| may_run(self.session.access(), command.needs));
        all.sort_by(|left, right| left.name.cmp(&right.name));
        all
    }
}

impl Desk {
    async fn spent(&self) -> Result<storage::Spending, Failure> {
        self.permit(Operation::SessionRead).await?;
        let (user, id) = (self.session.user(), self.session.conversation());
        self.engine.store.spending(user, id).await.map_err(failure)
    }

    fn sum(&self, calls: &[Spent]) -> Spending {
        let sum = |of: fn(&Spent) -> u64| calls.iter().map(of).fold(0, u64::saturating_add);
        Spending {
            prompt_tokens: sum(|call| call.prompt_tokens),
            completion_tokens: sum(|call| call.completion_tokens),
            microdollars: self
                .engine
                .config
                .prices
                .cost(calls)
                .map(Cost::microdollars),
            exact: calls.iter().all(|call| call.exact),
        }
    }

    /// What the front end does itself, such as `exit`.
    fn hosts_own(&self) -> impl Iterator<Item = CommandInfo> {
        self.engine.host_commands.iter().map(|own| CommandInfo {
            name: own.name.to_owned(),
            bare_word: BARE_WORDS.contains(&own.name),
            aliases: own
                .aliases
                .iter()
                .map(|alias| (*alias).to_owned())
                .collect(),
            usage: own.usage.to_owned(),
            summary: own.summary.to_owned(),
            needs: Access::User,
            plugin: String::new(),
        })
    }
}

fn may_run(has: Access, needs: Access) -> bool {
    match needs {
        Access::User => true,
        Access::Admin => has == Access::Admin,
    }
}
