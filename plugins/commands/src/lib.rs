//! The built-in chat commands as a plain library, tested natively.
//!
//! They see the chat through [`Host`] alone, which is what the contract gives to any plugin: there is no
//! back door. Each invocation is a fresh instance without a clock or memory, so everything shown
//! is read from the host at that moment. `exit`, `quit`, `retry` and `edit` are not here: they belong
//! to the terminal, which has them whatever is loaded.

mod accounts;
mod catalogue;
mod conversations;
mod help;
mod host;
mod layout;
mod plugins;
mod reference;
mod status;

pub use host::Host;

use mini_llm_chat_plugin_sdk::commands::{Command, Outcome};
use mini_llm_chat_plugin_sdk::host::Failure;

/// Every command, in the order in which it is documented.
#[must_use]
pub fn describe() -> Vec<Command> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    catalogue::ENTRIES
        .iter()
        .map(|entry| Command {
            name: entry.name.to_owned(),
            aliases: owned(entry.aliases),
            usage: entry.usage.to_owned(),
            summary: entry.summary.to_owned(),
            needs: entry.needs,
        })
        .collect()
}

/// Runs the command of this name or alias; `rest` is what follows it on the line.
///
/// # Errors
/// Text for the person who typed it: wrong usage, or why the host did not do what was asked.
pub fn run(host: &dyn Host, name: &str, rest: &str) -> Result<Outcome, String> {
    let entry = catalogue::find(name)
        .ok_or_else(|| format!("there is no command `{name}`; /help lists them"))?;
    let done = (entry.run)(host, rest.trim()).or_else(|refusal| match refusal {
        Refusal::SaidNo => Ok(host.text("Nothing was changed.\n")?),
        refusal => Err(refusal),
    });
    done.map_err(|refusal| match refusal {
        Refusal::Usage => format!("usage: {}", entry.usage),
        Refusal::SaidNo => Failure::Cancelled.reason(),
        Refusal::Reason(reason) => reason,
    })?;
    Ok(Outcome::Done)
}

/// Why a command did not do what was asked.
#[derive(Debug, PartialEq)]
enum Refusal {
    /// The words after the command do not fit it.
    Usage,
    /// The person was asked and does not want it after all.
    SaidNo,
    Reason(String),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Cancelled => Self::SaidNo,
            other => Self::Reason(other.reason()),
        }
    }
}

/// What every command returns.
type Done = Result<(), Refusal>;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
