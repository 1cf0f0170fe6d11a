//! What an answer is made of.

/// One thing that a streamed answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A piece of text, never empty.
    Delta {
        /// What kind of text.
        channel: Channel,
        /// The piece.
        text: String,
    },
    /// Tokens as the server counts them. Each replaces the one before.
    Usage(Usage),
    /// The answer is complete. Always the last event.
    Finish {
        /// Why it ended.
        reason: FinishReason,
    },
}

/// What kind of text a delta is. Each is foreign and passes the output review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The answer.
    Answer,
    /// What the model thought before it.
    Reasoning,
    /// Why the model does not answer.
    Refusal,
}

/// Why an answer ended. All of them are ends that the server meant; all but `Stop` deserve a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// The model had no more to say.
    Stop,
    /// The token limit cut it.
    Length,
    /// The server's content filter cut it.
    ContentFilter,
    /// The model wants to call tools, which this client never offers.
    ToolCalls,
    /// A vendor's own word. Foreign text.
    Other(String),
}

impl FinishReason {
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            // Vendors' words for the same thing, seen with Mistral, vLLM, TGI, Cohere and Anthropic-style gateways.
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "complete" | "STOP"
            | "COMPLETE" => Self::Stop,
            "length" | "max_tokens" | "model_length" | "MAX_TOKENS" => Self::Length,
            "content_filter" | "safety" | "SAFETY" => Self::ContentFilter,
            "tool_calls" | "function_call" | "tool_use" => Self::ToolCalls,
            other => Self::Other(other.chars().take(OTHER_MAX_CHARS).collect()),
        }
    }

    /// Whether the model came to an end of its own. Else the text may stop anywhere, also inside a secret.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Stop | Self::ToolCalls)
    }

    /// What to tell the user beside the answer, if anything.
    #[must_use]
    pub fn notice(&self) -> Option<&'static str> {
        match self {
            Self::Stop => None,
            Self::Length => {
                Some("the answer was cut at the token limit (--max-tokens, or the model's own)")
            }
            Self::ContentFilter => Some("the server's content filter ended the answer"),
            Self::ToolCalls => Some("the model asked for a tool, which this client does not offer"),
            Self::Other(_) => Some("the server ended the answer for a reason of its own"),
        }
    }
}

const OTHER_MAX_CHARS: usize = 40;

/// Tokens of one call, as the server counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request.
    pub prompt: u64,
    /// Tokens of the answer, reasoning included.
    pub completion: u64,
    /// Tokens of the request that the server had cached.
    pub cached: u64,
    /// Tokens of the answer that were reasoning.
    pub reasoning: u64,
}
