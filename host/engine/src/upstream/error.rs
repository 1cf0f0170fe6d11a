//! What can go wrong with a model server, who is to blame, and what to do about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::detail::Detail;

/// The call did not give a complete answer. `Display` is the host's own words, fit for the user as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// A setting of the client.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No connection, or it ended before any response.
    #[error(
        "cannot reach the model server {server}: {reason}; check --base-url and the network, then try again"
    )]
    Unreachable {
        /// Scheme, host and port.
        server: Arc<str>,
        /// Why not.
        reason: Unreachable,
        /// What the network said.
        detail: Detail,
    },
    /// It went silent.
    #[error("the model server {server} {phase} ({} s); try again", waited.as_secs_f32())]
    Stall {
        /// Scheme, host and port.
        server: Arc<str>,
        /// What did not come.
        phase: Phase,
        /// How long was waited.
        waited: Duration,
    },
    /// The answer stopped in the middle.
    #[error(
        "the answer of the model server {server} is not complete: {how}; send the message again"
    )]
    Cut {
        /// Scheme, host and port.
        server: Arc<str>,
        /// How it stopped.
        how: Cut,
        /// What the network said.
        detail: Detail,
    },
    /// What came is not an answer of a chat completions API.
    #[error(
        "the model server {server} sent {what}; check that --base-url is an OpenAI-compatible API"
    )]
    Garbage {
        /// Scheme, host and port.
        server: Arc<str>,
        /// What came instead.
        what: &'static str,
        /// How it begins.
        detail: Detail,
    },
    /// The key is not accepted.
    #[error(
        "the model server {server} does not permit the request (HTTP {status}); check --api-key or OPENAI_API_KEY"
    )]
    Auth {
        /// Scheme, host and port.
        server: Arc<str>,
        /// HTTP status, or that of the error object.
        status: u16,
        /// The server's words.
        detail: Detail,
    },
    /// Too many requests.
    #[error("the model server {server} limits requests{}; try again later", After(*retry_after))]
    Limited {
        /// Scheme, host and port.
        server: Arc<str>,
        /// When the server wants the next one.
        retry_after: Option<Duration>,
        /// The server's words.
        detail: Detail,
    },
    /// The account has no credit left.
    #[error(
        "the account at the model server {server} has no quota left; check its plan and billing"
    )]
    Quota {
        /// Scheme, host and port.
        server: Arc<str>,
        /// The server's words.
        detail: Detail,
    },
    /// The request itself is not accepted.
    #[error("the model server {server} rejects the request: {why}")]
    Rejected {
        /// Scheme, host and port.
        server: Arc<str>,
        /// Why.
        why: Rejection,
        /// The server's words.
        detail: Detail,
    },
    /// No such model, or no such API at that address.
    #[error(
        "the model server {server} knows no such model or address (HTTP 404); check --model and --base-url"
    )]
    NotFound {
        /// Scheme, host and port.
        server: Arc<str>,
        /// The server's words.
        detail: Detail,
    },
    /// It points elsewhere. A key does not follow.
    #[error(
        "the model server {server} redirects elsewhere (HTTP {status}), which is not followed; set --base-url to the final address"
    )]
    Redirected {
        /// Scheme, host and port.
        server: Arc<str>,
        /// HTTP status.
        status: u16,
        /// Where to.
        detail: Detail,
    },
    /// It failed.
    #[error("the model server {server} failed{}; try again later", Status(*status))]
    Failed {
        /// Scheme, host and port.
        server: Arc<str>,
        /// HTTP status, or that of the error object; none where an error object names none.
        status: Option<u16>,
        /// The server's words.
        detail: Detail,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// A setting that cannot be used. Never repeats the value: it may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The base URL.
    #[error("the base URL (--base-url, OPENAI_BASE_URL) cannot be used: {0}")]
    BaseUrl(&'static str),
    /// The key's form.
    #[error("the API key (--api-key, OPENAI_API_KEY) is ill-formed: {0}")]
    KeyForm(&'static str),
    /// OpenAI's own server needs one.
    #[error("there is no API key: set OPENAI_API_KEY, OPENAI_API_KEY_FILE or --api-key")]
    KeyMissing,
    /// It would be readable on the way.
    #[error("the API key is not sent over plain http to another machine: use https in --base-url")]
    KeyInTheClear,
    /// The file of certificate authorities.
    #[error("there is no certificate in it: write PEM, from BEGIN CERTIFICATE to END CERTIFICATE")]
    CaFile,
    /// TLS or the proxy from the environment.
    #[error(
        "the HTTP client cannot be set up: check the system's CA certificates and the proxy variables"
    )]
    HttpClient,
}

/// What an error means to the caller, coarse enough for an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 69: connection, timeouts, failures of the server.
    Unavailable,
    /// 76: it sent something that is no answer.
    Garbage,
    /// 77: the key.
    Auth,
    /// 75: rate limit, quota.
    Limited,
    /// 65: the request.
    Rejected,
    /// 78: base URL, model, key form.
    Config,
    /// 130: the caller itself.
    Cancelled,
}

impl Class {
    /// The exit code of `ask`.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Rejected => 65,
            Self::Unavailable => 69,
            Self::Limited => 75,
            Self::Garbage => 76,
            Self::Auth => 77,
            Self::Config => 78,
            Self::Cancelled => 130,
        }
    }
}

impl UpstreamError {
    /// What it means to the caller.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Config(_) | Self::NotFound { .. } | Self::Redirected { .. } => Class::Config,
            Self::Unreachable { .. }
            | Self::Stall { .. }
            | Self::Cut { .. }
            | Self::Failed { .. } => Class::Unavailable,
            Self::Garbage { .. } => Class::Garbage,
            Self::Auth { .. } => Class::Auth,
            Self::Limited { .. } | Self::Quota { .. } => Class::Limited,
            Self::Rejected { .. } => Class::Rejected,
            Self::Cancelled => Class::Cancelled,
        }
    }

    /// The server's own words, if it had any. Foreign: redact and make printable before showing or logging.
    #[must_use]
    pub fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Unreachable { detail, .. }
            | Self::Cut { detail, .. }
            | Self::Garbage { detail, .. }
            | Self::Auth { detail, .. }
            | Self::Limited { detail, .. }
            | Self::Quota { detail, .. }
            | Self::Rejected { detail, .. }
            | Self::NotFound { detail, .. }
            | Self::Redirected { detail, .. }
            | Self::Failed { detail, .. } => (!detail.foreign().is_empty()).then_some(detail),
            Self::Config(_) | Self::Stall { .. } | Self::Cancelled => None,
        }
    }

    /// When the server wants the next request, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// The name does not resolve.
    Name,
    /// Nobody listens.
    Refused,
    /// TLS failed: certificate, version.
    Tls,
    /// It did not answer in time.
    TimedOut,
    /// It closed the connection before a response.
    Closed,
    /// Anything else.
    Network,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "its name cannot be resolved",
            Self::Refused => "it refuses the connection",
            Self::Tls => "no secure connection can be made (certificate or TLS version)",
            Self::TimedOut => "it does not answer",
            Self::Closed => "it closes the connection without a response",
            Self::Network => "the connection fails",
        })
    }
}

/// What a stalled server did not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Anything.
    FirstByte,
    /// The next piece.
    Between,
    /// The end.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstByte => "did not begin to answer in time",
            Self::Between => "stopped in the middle of the answer",
            Self::Total => "did not finish the answer in time",
        })
    }
}

/// How an answer stopped short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The connection broke.
    Connection,
    /// The stream ended in good order, but without a finish reason.
    NoFinish,
    /// The server gave up on it.
    Aborted,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection broke",
            Self::NoFinish => "the stream ended without a finish reason",
            Self::Aborted => "the server broke it off",
        })
    }
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// History and message exceed the model's context.
    ContextLength,
    /// A parameter is unknown to the server or the model.
    Parameter,
    /// The server's content filter refused the prompt.
    ContentFilter,
    /// The body is too large for the server.
    TooLarge,
    /// Anything else, with the HTTP status.
    Other(u16),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContextLength => f.write_str("the conversation is too long for the model; shorten the message or begin a new conversation"),
            Self::Parameter => f.write_str("the model does not take a parameter; check --temperature, --max-tokens and --model"),
            Self::ContentFilter => f.write_str("its content filter refused the message; word it differently"),
            Self::TooLarge => f.write_str("it is too large for the server (HTTP 413); shorten the message or begin a new conversation"),
            Self::Other(status) => write!(f, "it is not valid there (HTTP {status}); check --model and --base-url"),
        }
    }
}

struct After(Option<Duration>);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |wait| {
            write!(
                f,
                " and asks to wait {} s",
                wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
            )
        })
    }
}

struct Status(Option<u16>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |status| write!(f, " (HTTP {status})"))
    }
}
