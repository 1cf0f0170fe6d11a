//! What the mock is told to answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::Fault;

/// The behaviour of the mock for one or more requests.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// What is answered; [`Reply::Magic`] unless told otherwise.
    pub reply: Reply,
    /// Departure from a plain answer.
    pub fault: Option<Fault>,
    /// How the text becomes deltas.
    pub split: Split,
    /// What comes as reasoning before the answer, where a fault sends some; a short thought when unset.
    pub thought: Option<String>,
    /// How events become bytes. A framing fault overrides it.
    pub framing: Framing,
    /// Wait before each delta. None by default.
    pub delay: Duration,
    /// Steps the deltas by hand instead of by time.
    pub gate: Option<Gate>,
    /// The bearer key that is required; any, or none, when unset.
    pub required_key: Option<String>,
    /// Fields of a request, or roles as `role:NAME`, that are answered with 400. None by default.
    pub refuses: Vec<&'static str>,
    /// The usage reported; counted in words when unset.
    pub usage: Option<Usage>,
}

impl Script {
    /// Streams exactly this text.
    #[must_use]
    pub fn answer(text: impl Into<String>) -> Self {
        Self {
            reply: Reply::Text(text.into()),
            ..Self::default()
        }
    }

    /// Streams exactly these deltas.
    #[must_use]
    pub fn deltas<I: IntoIterator<Item: Into<String>>>(deltas: I) -> Self {
        let deltas: Vec<String> = deltas.into_iter().map(Into::into).collect();
        Self {
            reply: Reply::Text(deltas.concat()),
            split: Split::List(deltas),
            ..Self::default()
        }
    }

    /// Answers with this fault.
    #[must_use]
    pub fn fault(fault: Fault) -> Self {
        Self {
            reply: Reply::Text(crate::answer::PLAIN.to_owned()),
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// The same with the text split otherwise.
    #[must_use]
    pub fn split(mut self, split: Split) -> Self {
        self.split = split;
        self
    }

    /// The same, with this reasoning before it in `reasoning` deltas.
    #[must_use]
    pub fn thinking(mut self, thought: impl Into<String>) -> Self {
        self.fault = Some(Fault::Reasoning);
        self.thought = Some(thought.into());
        self
    }

    /// The same with bytes framed otherwise.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// The same with a wait before each delta.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same, each delta waiting for [`Gate::open`].
    #[must_use]
    pub fn gated(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// The same, but any other bearer key gets 401.
    #[must_use]
    pub fn require_key(mut self, key: impl Into<String>) -> Self {
        self.required_key = Some(key.into());
        self
    }

    /// The same, but a request with one of these fields (roles as `role:NAME`) gets 400 in OpenAI's words.
    #[must_use]
    pub fn refusing(mut self, fields: &[&'static str]) -> Self {
        self.refuses = fields.to_vec();
        self
    }

    /// The same with this usage.
    #[must_use]
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = Some(usage);
        self
    }
}

/// The text of an answer.
#[derive(Debug, Clone, Default)]
pub enum Reply {
    /// The request chooses, see [`crate::magic`]; else the prompt is echoed in Markdown.
    #[default]
    Magic,
    /// This text.
    Text(String),
}

/// How a text becomes deltas.
#[derive(Debug, Clone, Default)]
pub enum Split {
    /// One delta a word, like a tokenizer.
    #[default]
    Words,
    /// This many characters a delta; at least one.
    Chars(usize),
    /// One delta with everything.
    Whole,
    /// Two deltas, split at this byte (moved down to a character boundary).
    At(usize),
    /// Exactly these.
    List(Vec<String>),
}

/// How events become bytes on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing {
    /// What ends a line.
    pub line_end: &'static str,
    /// A space after the colon.
    pub space: bool,
    /// Bytes an HTTP chunk may hold; one event a chunk when unset.
    pub chunk_bytes: Option<usize>,
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            line_end: "\n",
            space: true,
            chunk_bytes: None,
        }
    }
}

/// Tokens, as the server counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer.
    pub completion: u64,
}

/// Releases deltas by hand: each waits until the gate was opened for it.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets this many more deltas pass.
    pub fn open(&self, deltas: usize) {
        self.0.add_permits(deltas);
    }

    pub(crate) async fn pass(&self) {
        // The semaphore is never closed, so there is always a permit to come.
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}
