//! What can stop a task.

use std::path::PathBuf;

/// Each message names what failed and, where a person can do something, the line to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("{0}")]
    Usage(String),
    #[error("{what} is missing. Install it with:\n    {remedy}")]
    Missing { what: String, remedy: String },
    #[error("`{command}` cannot be started: {source}")]
    Start {
        command: String,
        source: std::io::Error,
    },
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: String },
    #[error("{path}: {source}", path = path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0}")]
    Unexpected(String),
}
