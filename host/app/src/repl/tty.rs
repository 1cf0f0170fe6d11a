//! Leaves the terminal as it was found.

/// The terminal's modes at the start; dropping this sets them again.
pub(crate) struct SavedTerminal {
    #[cfg(unix)]
    modes: Option<rustix::termios::Termios>,
}

impl SavedTerminal {
    /// Remembers the modes of standard input, if that is a terminal.
    pub(crate) fn save() -> Self {
        Self {
            #[cfg(unix)]
            modes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }
}

#[cfg(unix)]
impl Drop for SavedTerminal {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(modes) = &self.modes {
            // A terminal that is gone needs no modes.
            tcsetattr(std::io::stdin(), OptionalActions::Now, modes).ok();
        }
    }
}
