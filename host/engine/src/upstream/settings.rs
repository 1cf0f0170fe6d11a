//! Every wait, cap and retry of the client, in one place. All of them can be set; none is hidden in code.

use std::collections::HashMap;
use std::time::Duration;

use super::base_url::BaseUrl;
use super::ca::CaCertificates;
use super::dialect::Settled;
use super::key::ApiKey;

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the server is.
    pub base_url: BaseUrl,
    /// Its key; none for servers that want none.
    pub key: Option<ApiKey>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How often to try again.
    pub retries: Retries,
    /// How much to take.
    pub limits: Limits,
    /// What is settled of the API's dialect, by model; `*` for all other models. The rest is found out.
    pub dialects: HashMap<String, Settled>,
    /// Authorities that are believed beside the system's.
    pub ca_certificates: CaCertificates,
}

impl Settings {
    /// The standard settings for a server.
    #[must_use]
    pub fn standard(base_url: BaseUrl, key: Option<ApiKey>) -> Self {
        Self {
            base_url,
            key,
            timeouts: Timeouts::STANDARD,
            retries: Retries::STANDARD,
            limits: Limits::STANDARD,
            dialects: HashMap::new(),
            ca_certificates: CaCertificates::default(),
        }
    }
}

impl Settings {
    pub(crate) fn settled(&self, model: &str) -> Settled {
        let found = self.dialects.get(model).or_else(|| self.dialects.get("*"));
        found.copied().unwrap_or_default()
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// From the request to the first byte of the answer's body. Reasoning models think before it.
    pub first_byte: Duration,
    /// From one piece of the body to the next. A server's keep-alive comments count as life.
    pub between: Duration,
    /// After the finish reason for usage and the end. When it runs out the answer is complete, without usage.
    pub after_finish: Duration,
    /// For the whole call, attempts and waits between them included.
    pub total: Duration,
}

impl Timeouts {
    /// For people: patient with a thinking model, not with a dead line.
    pub const STANDARD: Self = Self {
        connect: Duration::from_secs(10),
        first_byte: Duration::from_secs(180),
        between: Duration::from_secs(60),
        after_finish: Duration::from_secs(5),
        total: Duration::from_secs(900),
    };
}

/// When to try again. Only before anything of the answer arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Further attempts after the first.
    pub max: u32,
    /// Wait before the first of them; doubled each time, less up to a quarter at random.
    pub base: Duration,
    /// The longest wait of our own.
    pub cap: Duration,
    /// The longest `retry-after` that is waited for; a longer one is an error that names it.
    pub max_retry_after: Duration,
}

impl Retries {
    /// As OpenAI's own clients do.
    pub const STANDARD: Self = Self {
        max: 2,
        base: Duration::from_millis(500),
        cap: Duration::from_secs(8),
        max_retry_after: Duration::from_secs(10),
    };

    /// Never again.
    pub const NONE: Self = Self {
        max: 0,
        base: Duration::ZERO,
        cap: Duration::ZERO,
        max_retry_after: Duration::ZERO,
    };
}

/// How much to take from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one event. Real ones are below a few kilobytes, even with large tool calls below a megabyte.
    pub event_bytes: usize,
    /// Bytes of a whole body after decompression: no answer of any model comes near.
    pub body_bytes: usize,
    /// Bytes of an error body that are read.
    pub error_body_bytes: usize,
}

impl Limits {
    /// Room for anything real.
    pub const STANDARD: Self = Self {
        event_bytes: 1 << 20,
        body_bytes: 64 << 20,
        error_body_bytes: 64 << 10,
    };
}
