//! Asking a person at the terminal, for a line or for something that must not be shown.
//!
//! Reads standard input byte by byte, so that nothing behind the line is taken away from whoever reads next.

use secrecy::SecretString;

use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::repl::editor::Input;
use crate::repl::tty::SavedTerminal;
use crate::signals::{Signal, Signals};

/// The most that is read of one line, in bytes.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// What was typed where it is not shown.
pub(crate) enum Hidden {
    /// A line.
    Typed(SecretString),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or the end of input.
    End,
}

/// Asks before there is a line editor. Signals end the wait, and the terminal is left as it was.
pub(crate) struct Prompter {
    signals: Signals,
    _restored: SavedTerminal,
}

impl Prompter {
    /// # Errors
    /// When the operating system refuses a signal handler.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            signals: Signals::new()?,
            _restored: SavedTerminal::save(),
        })
    }

    /// A line that is shown while it is typed.
    ///
    /// # Errors
    /// When the person leaves, or the terminal fails.
    pub(crate) async fn line(&mut self, prompt: &str) -> Result<String> {
        let prompt = prompt.to_owned();
        match self.wait(move || terminal::line(&prompt)).await? {
            Input::Line(line) => Ok(line.trim().to_owned()),
            Input::Interrupted => Err(left(Exit::Signal(2))),
            Input::End => Err(left(Exit::NotPermitted)),
        }
    }

    /// A line that is not shown.
    ///
    /// # Errors
    /// As [`Prompter::line`].
    pub(crate) async fn secret(&mut self, prompt: &str) -> Result<SecretString> {
        let prompt = prompt.to_owned();
        match self.wait(move || terminal::hidden(&prompt)).await? {
            Hidden::Typed(secret) => Ok(secret),
            Hidden::Interrupted => Err(left(Exit::Signal(2))),
            Hidden::End => Err(left(Exit::NotPermitted)),
        }
    }

    async fn wait<T: Send + 'static>(
        &mut self,
        read: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut reading = tokio::task::spawn_blocking(read);
        loop {
            let signal = tokio::select! {
                read = &mut reading => return match read {
                    Ok(Ok(read)) => Ok(read),
                    Ok(Err(error)) => Err(failed(&error)),
                    Err(_) => Err(left(Exit::Internal)),
                },
                signal = self.signals.next() => signal,
            };
            match signal {
                Signal::Interrupt => return Err(left(Exit::Signal(2))),
                Signal::End(number) => return Err(left(Exit::Signal(number))),
                Signal::Reload => {}
            }
        }
    }
}

/// Reads a hidden line on the calling thread.
///
/// # Errors
/// When the terminal fails.
pub(crate) fn hidden(prompt: &str) -> Result<Hidden> {
    terminal::hidden(prompt).map_err(|error| failed(&error))
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Internal,
        format_args!("the terminal cannot be used: {error}"),
    )
}

/// The person went away; there is nothing to say.
fn left(exit: Exit) -> Failure {
    eprint_newline();
    Failure::new(exit, "")
}

fn eprint_newline() {
    use std::io::Write;
    // With standard error closed there is nobody to see it.
    writeln!(std::io::stderr()).ok();
}

#[cfg(unix)]
mod terminal {
    use std::io::{self, Write};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use secrecy::SecretString;
    use zeroize::Zeroizing;

    use super::{Hidden, Input, MAX_LINE_BYTES};

    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    const CTRL_H: u8 = 8;
    const CTRL_U: u8 = 21;
    const DELETE: u8 = 127;

    pub(super) fn line(prompt: &str) -> io::Result<Input> {
        show(prompt)?;
        let mut line = Vec::new();
        loop {
            match byte()? {
                None if line.is_empty() => return Ok(Input::End),
                None | Some(b'\n') => break,
                Some(byte) if line.len() < MAX_LINE_BYTES => line.push(byte),
                Some(_) => {}
            }
        }
        // What is no text is no name either, and will be refused as one.
        Ok(Input::Line(String::from_utf8_lossy(&line).into_owned()))
    }

    pub(super) fn hidden(prompt: &str) -> io::Result<Hidden> {
        // Before the question: whoever answers at once is not shown either.
        let _modes = Quiet::begin()?;
        show(prompt)?;
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE_BYTES));
        let answer = loop {
            match byte()? {
                Some(b'\n' | b'\r') => {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    break Hidden::Typed(SecretString::from(text));
                }
                Some(CTRL_C) => break Hidden::Interrupted,
                Some(CTRL_D) if line.is_empty() => break Hidden::End,
                Some(CTRL_D) => {}
                Some(CTRL_U) => line.clear(),
                Some(DELETE | CTRL_H) => pop_character(&mut line),
                Some(byte) if line.len() < MAX_LINE_BYTES => line.push(byte),
                Some(_) => {}
                None => break Hidden::End,
            }
        };
        show("\n")?;
        Ok(answer)
    }

    fn pop_character(line: &mut Vec<u8>) {
        while let Some(byte) = line.pop() {
            // Not inside a character of several bytes.
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
    }

    fn byte() -> io::Result<Option<u8>> {
        let mut byte = [0];
        loop {
            match rustix::io::read(io::stdin(), &mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(rustix::io::Errno::INTR) => {}
                // The end of a terminal that is gone.
                Err(rustix::io::Errno::IO) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn show(text: &str) -> io::Result<()> {
        let mut out = io::stderr();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Without echo, byte by byte, and Ctrl-C as a byte: until this is dropped.
    struct Quiet(Termios);

    impl Quiet {
        fn begin() -> io::Result<Self> {
            let before = tcgetattr(io::stdin())?;
            let mut modes = before.clone();
            modes
                .local_modes
                .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            // What was typed before was typed to be seen.
            tcsetattr(io::stdin(), OptionalActions::Flush, &modes)?;
            Ok(Self(before))
        }
    }

    impl Drop for Quiet {
        fn drop(&mut self) {
            // A terminal that is gone needs no modes.
            tcsetattr(io::stdin(), OptionalActions::Now, &self.0).ok();
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    use std::io;

    use super::{Hidden, Input};

    pub(super) fn line(prompt: &str) -> io::Result<Input> {
        use std::io::Write;
        let mut out = io::stderr();
        out.write_all(prompt.as_bytes())?;
        out.flush()?;
        let mut line = String::new();
        Ok(match io::stdin().read_line(&mut line)? {
            0 => Input::End,
            _ => Input::Line(line),
        })
    }

    /// A password that everybody sees on the screen is worse than none.
    pub(super) fn hidden(_: &str) -> io::Result<Hidden> {
        Err(io::Error::other(
            "passwords cannot be typed unseen on this system: use a password file",
        ))
    }
}
