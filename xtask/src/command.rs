//! Running other programs: echoed, checked, with errors that repeat the line.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::error::TaskError;

/// Runs `program` from the top of the workspace and waits for it.
///
/// # Errors
/// When it cannot be started or does not exit with 0.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<(), TaskError> {
    crate::say(&format!("$ {}", line(program, arguments)));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .status()
        .map_err(|source| TaskError::Start {
            command: line(program, arguments),
            source,
        })?;
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed {
        command: line(program, arguments),
        status: status.to_string(),
    })
}

/// What `program` prints, or nothing when it cannot be run.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The top of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn line(program: &str, arguments: &[&str]) -> String {
    std::iter::once(program)
        .chain(arguments.iter().copied())
        .collect::<Vec<_>>()
        .join(" ")
}
