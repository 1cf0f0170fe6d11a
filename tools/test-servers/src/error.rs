//! Why a server is not there.

/// Each message is one thing that failed, with the remedy where there is one.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A program is not installed.
    #[error("{what} is missing, and the tests need it: {remedy}")]
    Missing {
        /// Such as `PostgreSQL (initdb)`.
        what: &'static str,
        /// The line that installs it.
        remedy: &'static str,
    },
    /// A program cannot be started, or a file cannot be made.
    #[error("cannot {action}: {source}")]
    Io {
        /// Such as `start redis-server`.
        action: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A program ran and failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Its name.
        program: String,
        /// The end of what it said.
        output: String,
    },
}

impl ServerError {
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
