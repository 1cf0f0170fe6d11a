//! The plugin set, for administrators.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::Failure;
use mini_llm_chat_sandbox::services::Plugins;

use super::Desk;
use crate::auth::Operation;

#[async_trait]
impl Plugins for Desk {
    async fn reload(&self) -> Result<Vec<String>, Failure> {
        self.permit(Operation::PluginsReload).await?;
        self.engine.reload().await.map_err(Failure::Invalid)
    }
}
