//! What is said when a plugin fails: who, in which call, and which limit. Never in the plugin's words.
//!
//! What a guest leaves behind when it dies (a panic's text, a trap's backtrace) is data that may hold
//! the very secret it was looking at, or control characters. So it is dropped where it is caught, and
//! a [`Fault`] is built from the host's knowledge alone: it may be shown and logged as it is.

use std::time::Duration;

use crate::names::{Digest, PluginName};

/// A call into a plugin that failed. The instance is gone; a new one is made for the next call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plugin `{plugin}` failed in `{call}`: {cause}")]
pub struct Fault {
    /// Which plugin.
    pub plugin: PluginName,
    /// Which version of it.
    pub digest: Digest,
    /// The exported function, or `start` while an instance was made.
    pub call: &'static str,
    /// What happened.
    pub cause: FaultCause,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultCause {
    /// The guest stopped itself: a panic, a division by zero, an access outside its memory.
    #[error("it crashed")]
    Crash,
    /// Calls nested too deeply.
    #[error("its calls nest deeper than its stack allows")]
    Stack,
    /// All its memories together.
    #[error("it asked for more than {} MiB of memory", limit_bytes >> 20)]
    Memory {
        /// The limit that was hit.
        limit_bytes: usize,
    },
    /// All its tables together.
    #[error("it asked for tables of more than {limit_entries} entries")]
    Tables {
        /// The limit that was hit.
        limit_entries: usize,
    },
    /// Too many memories, tables or core instances for a store.
    #[error("it needs more instances, memories or tables than allowed")]
    Instances,
    /// Handles that it never gave back.
    #[error("it holds more than {limit} handles")]
    Handles {
        /// The limit that was hit.
        limit: usize,
    },
    /// Processor time of one call.
    #[error("it used more than {} ms of processor time", limit.as_millis())]
    ProcessorTime {
        /// The limit that was hit.
        limit: Duration,
    },
    /// Wall time of one call, however little of it was spent computing.
    #[error("it did not answer within {} s", limit.as_secs())]
    WallTime {
        /// The limit that was hit.
        limit: Duration,
    },
    /// Calls of the host.
    #[error("it called the host more than {limit} times")]
    HostCalls {
        /// The limit that was hit.
        limit: u32,
    },
    /// Data handed to the host in one call, or returned by one.
    #[error("it passed more than {} KiB to the host at once", limit_bytes >> 10)]
    HostData {
        /// The limit that was hit.
        limit_bytes: usize,
    },
    /// Text for the screen, of one run.
    #[error("it wrote more than {} KiB to the screen", limit_bytes >> 10)]
    Output {
        /// The limit that was hit.
        limit_bytes: usize,
    },
    /// Questions to the model, of one run.
    #[error("it asked the model more than {limit} times")]
    ModelCalls {
        /// The limit that was hit.
        limit: u32,
    },
    /// A system prompt that is too long.
    #[error("its system prompt is longer than {} KiB", limit_bytes >> 10)]
    SystemPrompt {
        /// The limit that was hit.
        limit_bytes: usize,
    },
    /// More was given to judge than one call may carry. Refused before the call.
    #[error("the conversation is longer than the {} KiB it may be given to review", limit_bytes >> 10)]
    History {
        /// The limit that was hit.
        limit_bytes: usize,
    },
    /// It answered, but the answer makes no sense.
    #[error("its answer is invalid: {0}")]
    Invalid(Nonsense),
    /// Too many faults in a row: it is not called any more until it is loaded again.
    #[error("it failed {after} times in a row and is not asked any more")]
    Isolated {
        /// How many times.
        after: u32,
    },
    /// It was called again after a fault had ended its instance.
    #[error("it failed before in this turn")]
    Gone,
    /// A service of the host failed under it.
    #[error("the host could not serve it")]
    Host,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// `start` is not before `end`.
    #[error("an empty span")]
    EmptySpan,
    /// Spans overlap or are out of order.
    #[error("spans that overlap or are not sorted")]
    Unsorted,
    /// A span ends behind the text, or behind what is released.
    #[error("a span outside the text")]
    OutOfRange,
    /// A span or a release that would split a character.
    #[error("an offset inside a character")]
    OffBoundary,
    /// An index that its table does not have.
    #[error("an index outside its table")]
    Index,
    /// More spans in a text than allowed.
    #[error("more spans than allowed")]
    TooManySpans,
    /// More findings than allowed.
    #[error("more findings than allowed")]
    TooManyFindings,
    /// Not one answer for each text.
    #[error("another number of answers than texts")]
    Count,
    /// More bytes released than there are.
    #[error("more released than there is")]
    Release,
    /// The answer is complete, but a part of it was neither released nor cut.
    #[error("an end that leaves a part of the answer unreleased")]
    Unreleased,
    /// A score above 100.
    #[error("a score above 100")]
    Score,
}

impl From<Nonsense> for FaultCause {
    fn from(nonsense: Nonsense) -> Self {
        Self::Invalid(nonsense)
    }
}
