//! Plugins' own stored and cached values, and the caller's window of model calls.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mini_llm_chat_sandbox::PluginName;
use mini_llm_chat_sandbox::contract::{Failure, Ticket};
use mini_llm_chat_sandbox::services::{Cache, RateLimit, Storage};

use super::Desk;
use super::convert::failure;
use crate::auth::Operation;
use crate::cache::{Fields, Space};
use crate::limit::Take;

#[async_trait]
impl Storage for Desk {
    async fn get(&self, plugin: &PluginName, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.permit(Operation::Storage).await?;
        let value = self
            .engine
            .store
            .value(plugin.as_str(), self.session.user(), key)
            .await;
        value.map_err(failure)
    }

    async fn set(&self, plugin: &PluginName, key: &str, value: Vec<u8>) -> Result<(), Failure> {
        self.permit(Operation::Storage).await?;
        let user = self.session.user();
        let set = self
            .engine
            .store
            .set_value(plugin.as_str(), user, key, &value)
            .await;
        set.map_err(failure)
    }

    async fn delete(&self, plugin: &PluginName, key: &str) -> Result<(), Failure> {
        self.permit(Operation::Storage).await?;
        let user = self.session.user();
        let deleted = self
            .engine
            .store
            .delete_value(plugin.as_str(), user, key)
            .await;
        deleted.map_err(failure)
    }

    async fn keys(
        &self,
        plugin: &PluginName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, Failure> {
        self.permit(Operation::Storage).await?;
        let user = self.session.user();
        let keys = self
            .engine
            .store
            .value_keys(plugin.as_str(), user, prefix, after)
            .await;
        keys.map_err(failure)
    }
}

#[async_trait]
impl Cache for Desk {
    async fn get(&self, plugin: &PluginName, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.permit(Operation::Cache).await?;
        let key = Fields::new("plugin").field("key", key).finish();
        let value = self
            .engine
            .cache
            .get(self.session.user(), &space(plugin), &key)
            .await;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    async fn set(
        &self,
        plugin: &PluginName,
        key: &str,
        value: Vec<u8>,
        seconds: u32,
    ) -> Result<(), Failure> {
        self.permit(Operation::Cache).await?;
        let key = Fields::new("plugin").field("key", key).finish();
        let lifetime = Duration::from_secs(u64::from(seconds));
        let (user, space) = (self.session.user(), space(plugin));
        let put = self
            .engine
            .cache
            .put(user, &space, key, value.into(), lifetime)
            .await;
        put.map_err(failure)
    }

    async fn clear_answers(&self) -> Result<u64, Failure> {
        self.permit(Operation::Cache).await?;
        let cleared = self
            .engine
            .cache
            .clear(self.session.user(), &Space::Answers)
            .await;
        cleared.map_err(failure)
    }
}

#[async_trait]
impl RateLimit for Desk {
    async fn take(&self) -> Result<Ticket, Failure> {
        self.permit(Operation::RateLimit).await?;
        // A command that used a call has used it: its ticket is not given back.
        match self
            .engine
            .limiter
            .take(self.session.user())
            .await
            .map_err(failure)?
        {
            Take::Granted(_) => Ok(Ticket::Granted),
            Take::Wait { seconds, .. } => Ok(Ticket::Wait(seconds)),
        }
    }
}

fn space(plugin: &PluginName) -> Space {
    Space::Plugin(Arc::from(plugin.as_str()))
}
