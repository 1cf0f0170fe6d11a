//! Why a turn has no answer.

use crate::EngineError;
use crate::audit::AuditError;
use crate::limit::Limit;
use crate::upstream::Class;

/// A rule that refused a prompt or ended an answer, or a policy that failed and therefore closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A rule decided.
    Rule {
        /// The policy.
        plugin: String,
        /// The rule's id.
        rule: String,
        /// The rule's own words; foreign text.
        explanation: String,
    },
    /// A policy component failed. Names the component and the limit or fault.
    Fault(String),
}

impl From<mini_llm_chat_sandbox::Cut> for Refused {
    fn from(cut: mini_llm_chat_sandbox::Cut) -> Self {
        Self::Rule {
            plugin: cut.plugin.to_string(),
            rule: cut.rule,
            explanation: cut.explanation,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule {
                plugin,
                rule,
                explanation,
            } => {
                write!(f, "{explanation} (rule {rule} of {plugin})")
            }
            Self::Fault(fault) => f.write_str(fault),
        }
    }
}

/// Nothing was answered and nothing was stored. All texts are fit to be shown after control characters are
/// made visible.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Nothing but white space.
    #[error("the message is empty")]
    Empty,
    /// Longer than configured.
    #[error(
        "the message has {characters} characters, the limit is {limit}: shorten it, or raise `message_chars` under `[limits]` in the config file"
    )]
    TooLong {
        /// Its length.
        characters: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// The policy said no.
    #[error("the prompt was refused: {0}")]
    Refused(Refused),
    /// A limit of the window is used up and the caller does not want to wait.
    #[error(
        "the limit of {most} {limit} in {window_seconds} s is used up; a call frees in {seconds} s ({})",
        limit.remedy()
    )]
    Limited {
        /// Until a call frees.
        seconds: u32,
        /// Which limit.
        limit: Limit,
        /// The most that it allows.
        most: u64,
        /// The window's length.
        window_seconds: u32,
    },
    /// Stopped before anything was shown.
    #[error("cancelled")]
    Cancelled,
    /// The model server did not answer, or with an error.
    #[error("{0}")]
    Upstream(ServerFailure),
    /// What is not audited is not sent.
    #[error("{0}; the message was not sent")]
    Audit(#[from] AuditError),
    /// Storage or limits failed before the model was called.
    #[error("{0}")]
    Engine(#[from] EngineError),
}

/// An error of the model server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFailure {
    /// What it means to the caller.
    pub class: Class,
    /// In words fit to be shown: secrets are masked, control characters visible.
    pub message: String,
    /// The same without the server's own words, which may repeat the prompt.
    pub summary: String,
}

impl std::fmt::Display for ServerFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
