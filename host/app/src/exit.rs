//! Every way in which the process can end. `docs/exit-codes.md` is the same table for users.
//!
//! The numbers above 63 are those of BSD's `sysexits.h`, so that scripts can tell a wrong setting from a
//! server that is down.

use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(test),
    allow(
        dead_code,
        reason = "the table is complete, also where no code path needs a row yet"
    )
)]
pub(crate) enum Exit {
    /// Done; also when the answer ended by length or by the server's filter.
    Done,
    /// An option or its value is wrong.
    Usage,
    /// Input data is wrong: not UTF-8, too long.
    Data,
    /// A needed service cannot be reached.
    Unavailable,
    /// A fault of the program itself.
    Internal,
    /// A file or directory cannot be created.
    CannotCreate,
    /// Standard output was closed.
    OutputClosed,
    /// Try again later: the rate limit is used up.
    TryLater,
    /// The server sent what is not the protocol.
    Protocol,
    /// Not permitted: login, role, a policy refused or cut.
    NotPermitted,
    /// A value from the environment or a file is wrong, a plugin was refused, a schema does not fit.
    Config,
    /// Ended by a signal of this number.
    Signal(u8),
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::CannotCreate => 73,
            Self::OutputClosed => 74,
            Self::TryLater => 75,
            Self::Protocol => 76,
            Self::NotPermitted => 77,
            Self::Config => 78,
            Self::Signal(number) => 128 + (number & 0x7f),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_ends_as_shells_expect() {
        assert_eq!(
            [Exit::Signal(1), Exit::Signal(2), Exit::Signal(15)].map(Exit::code),
            [129, 130, 143]
        );
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let page = include_str!("../../../docs/exit-codes.md");
        for exit in [
            Exit::Done,
            Exit::Usage,
            Exit::Data,
            Exit::Unavailable,
            Exit::Internal,
            Exit::CannotCreate,
            Exit::OutputClosed,
            Exit::TryLater,
            Exit::Protocol,
            Exit::NotPermitted,
            Exit::Config,
            Exit::Signal(1),
            Exit::Signal(2),
            Exit::Signal(15),
        ] {
            assert!(
                page.contains(&format!("| {} |", exit.code())),
                "{exit:?} is missing"
            );
        }
    }
}
