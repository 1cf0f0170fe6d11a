//! The built-in chat commands as a plain library, tested natively.

mod host;

pub use host::Host;

use mini_llm_chat_plugin_sdk::commands::{Access, Command, Outcome};

/// Every command.
#[must_use]
pub fn describe() -> Vec<Command> {
    vec![Command {
        name: "whoami".to_owned(),
        aliases: Vec::new(),
        usage: "/whoami".to_owned(),
        summary: "Shows who you are".to_owned(),
        needs: Access::User,
    }]
}

/// Runs a command.
///
/// # Errors
/// Text for the person.
pub fn run(host: &impl Host, _name: &str, _rest: &str) -> Result<Outcome, String> {
    host.text(&host.user_name())?;
    Ok(Outcome::Done)
}
