//! The interactive chat. The engine's assembly is not joined to it yet.

use mini_llm_chat_engine::log::Log;

use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;

/// Chats until the person leaves.
///
/// # Errors
/// When the chat cannot be opened, or input cannot be read.
pub(crate) async fn run(settings: Settings, log: Log) -> Result<Exit> {
    let _ = (settings, log);
    Err(Failure::not_yet("the interactive chat"))
}

/// Creates or migrates the schema.
///
/// # Errors
/// When the database cannot be opened or made.
pub(crate) async fn init_db(settings: Settings, log: Log) -> Result<Exit> {
    let _ = (settings, log);
    Err(Failure::not_yet("--init-db"))
}
