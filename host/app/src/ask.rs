//! One question, one answer. The engine's assembly is not joined to it yet.

use mini_llm_chat_engine::log::Log;

use crate::cli::AskArguments;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;

/// Asks once and shows the answer.
///
/// # Errors
/// When the question cannot be read, or there is no answer.
pub(crate) async fn run(settings: Settings, log: Log, arguments: AskArguments) -> Result<Exit> {
    let _ = (settings, log, arguments);
    Err(Failure::not_yet("`ask`"))
}
