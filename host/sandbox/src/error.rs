//! What can go wrong before a plugin is used, in the words that the operator reads.

use std::fmt;

use crate::names::{Kind, PluginName};

/// Why the sandbox cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refused its configuration: this machine cannot run components.
    #[error("the WebAssembly engine cannot start on this machine: {0}")]
    Engine(String),
    /// No thread for the deadlines of guests.
    #[error("the thread that keeps the time limits of plugins cannot start: {0}")]
    Ticker(std::io::Error),
    /// Plugins were refused, each with all its problems.
    #[error("{}", join(.0))]
    Refused(Vec<Refusal>),
}

fn join(refusals: &[Refusal]) -> String {
    refusals
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A file, a directory or a plugin that cannot be used, with every problem that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is refused: a file or directory as it was named, or a built-in plugin.
    pub subject: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl Refusal {
    /// A refusal for these problems.
    #[must_use]
    pub fn new(subject: impl Into<String>, problems: Vec<Problem>) -> Self {
        Self {
            subject: subject.into(),
            problems,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = crate::printable::inline(&self.subject);
        if let [problem] = self.problems.as_slice() {
            return write!(f, "{subject}: {problem}");
        }
        write!(f, "{subject}:")?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for Refusal {}

/// One reason to refuse a plugin. Display says what is wrong and, where there is one, the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Creating an instance failed or took too much.
    #[error("it does not start: {0}")]
    Start(String),
    /// A call that admission makes failed.
    #[error("its function `{call}` failed when it was checked: {cause}")]
    Call {
        /// The function, such as `kinds`.
        call: &'static str,
        /// What happened.
        cause: String,
    },
    /// A table that is read once at admission breaks the rules of the contract.
    #[error("`{table}` says something that the contract does not allow: {why}")]
    Table {
        /// `kinds`, `rules` or `describe`.
        table: &'static str,
        /// What is wrong, with the entry.
        why: String,
    },
    /// The plugin itself refuses its settings.
    #[error("setting `{key}`: {message}")]
    Setting {
        /// Dotted key.
        key: String,
        /// In the plugin's words, made printable.
        message: String,
    },
    /// Several plugins bring the same command.
    #[error(
        "the command `{command}` is also brought by {other}; rename one or remove one of the two files"
    )]
    DuplicateCommand {
        /// Name or alias.
        command: String,
        /// The plugin that brings it too, or the host.
        other: String,
    },
    /// A kind was expected that the component is not.
    #[error(
        "it is a {found} plugin, but its name is that of the built-in {expected} plugin; rename the file"
    )]
    WrongKind {
        /// What it is.
        found: Kind,
        /// What the name stands for.
        expected: Kind,
    },
    /// Two files give the same plugin.
    #[error("the plugin `{0}` is there twice; remove or rename one of the files")]
    DuplicateName(PluginName),
}
