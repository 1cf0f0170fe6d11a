//! Printing on standard error and what the terminal can do.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use mini_llm_chat_sandbox::printable;

use crate::cli::PROGRAM;

/// What the process is connected to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// A person types, rather than a file or a pipe.
    pub(crate) input: bool,
    /// Colour may be used on standard output.
    pub(crate) colour: bool,
}

impl Terminal {
    /// Looks at the standard streams, `NO_COLOR` and `TERM`.
    pub(crate) fn detect() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            input: io::stdin().is_terminal(),
            colour: io::stdout().is_terminal() && !no_colour && !dumb,
        }
    }
}

/// Prints a line for the user on standard error, with the program's name. Control characters in it are made
/// visible; newlines stay.
pub(crate) fn notice(message: impl fmt::Display) {
    let message = message.to_string();
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{PROGRAM}: {}", printable::block(&message));
}

/// Prints on standard output what the program made itself: help, completions, lists.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
