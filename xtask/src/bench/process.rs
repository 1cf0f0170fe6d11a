//! Starting the measured programs and reading what they used.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::command::target_directory;
use crate::error::TaskError;

pub(super) fn release_binary(name: &str) -> PathBuf {
    target_directory().join("release").join(name)
}

/// The chat with an empty environment and every directory below `home`.
pub(super) fn chat(home: &Path) -> Command {
    let mut command = Command::new(release_binary("mini-llm-chat"));
    command
        .env_clear()
        .current_dir(home)
        .env("HOME", home)
        .env("TERM", "xterm")
        .args(["--max-calls", "1000000"]);
    command
}

/// Runs `command` to its end and returns the processor time that it used, user and system together.
///
/// # Errors
/// When it cannot be started or fails.
pub(super) fn processor_time(command: &mut Command) -> Result<Duration, TaskError> {
    let before = children_time()?;
    let name = format!("{command:?}");
    let status = command
        .stdout(Stdio::null())
        .status()
        .map_err(|source| TaskError::Start {
            command: name.clone(),
            source,
        })?;
    if !status.success() {
        return Err(TaskError::Failed {
            command: name,
            status: status.to_string(),
        });
    }
    Ok(children_time()?.saturating_sub(before))
}

fn children_time() -> Result<Duration, TaskError> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| TaskError::Unexpected(format!("processor time of children: {error}")))?;
    let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
    Ok(Duration::from_micros(microseconds.unsigned_abs()))
}
