//! What ends the program early: one exit code and one sentence for the user.

use std::fmt;

use crate::exit::Exit;

/// The one shape of every refusal. The message names what is wrong and what to do, without a full stop and
/// without the program's name before it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// Fit for the user: holds no secret, but may hold foreign text, which is made printable when shown.
    pub(crate) message: String,
}

/// What a step of the front end gives.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Ends with `exit` and says why.
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
        }
    }

    /// A value in the environment or in a file is wrong.
    pub(crate) fn config(message: impl fmt::Display) -> Self {
        Self::new(Exit::Config, message)
    }

    /// An option or its value is wrong.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Something that is planned, described and not there yet.
    pub(crate) fn not_yet(what: impl fmt::Display) -> Self {
        Self::config(format_args!("{what} is not available yet"))
    }
}
