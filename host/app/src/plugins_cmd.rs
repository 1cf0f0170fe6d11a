//! `mini-llm-chat plugins`: look at, check and write plugins.

use crate::cli::PluginsCommand;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;

/// Runs one of the commands. None needs a key, a database or a login.
///
/// # Errors
/// When a plugin is refused, or a file cannot be written.
pub(crate) fn run(settings: &Settings, command: &PluginsCommand) -> Result<Exit> {
    let _ = (settings, command);
    Err(Failure::not_yet("`plugins`"))
}
