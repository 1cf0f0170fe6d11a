//! Printing what the program itself says.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use mini_llm_chat_sandbox::printable;

use crate::cli::PROGRAM;

/// Prints a line for the user on standard error, with the program's name. Control characters in it are made
/// visible; newlines stay.
pub(crate) fn notice(message: impl fmt::Display) {
    let message = message.to_string();
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{PROGRAM}: {}", printable::block(&message));
}

/// Tells the person at the terminal, if there is one, why a start takes so long.
pub(crate) fn compiling() {
    if io::stderr().is_terminal() {
        notice("compiling the plugins; later starts find them compiled");
    }
}

/// As [`notice`], but the line stays open for an answer.
pub(crate) fn ask(question: impl fmt::Display) {
    let question = question.to_string();
    let mut err = io::stderr().lock();
    // Where standard error is closed there is nobody to ask.
    let _ = write!(err, "{PROGRAM}: {}", printable::block(&question));
    let _ = err.flush();
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

/// How many columns the terminal on standard error has.
pub(crate) fn columns() -> usize {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stderr())
        && size.ws_col > 0
    {
        return size.ws_col.into();
    }
    // The width of old, and what everybody can show.
    80
}
