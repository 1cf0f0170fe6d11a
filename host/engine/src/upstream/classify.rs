//! From statuses, error objects and network errors to [`UpstreamError`].
//!
//! Servers agree on little: OpenAI nests `error.message`, FastAPI says `detail`, old vLLM puts `object: "error"` on top,
//! OpenRouter writes HTTP statuses as numbers into `error.code`. Words decide where they are known, else the status.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::bare;
use super::base_url::BaseUrl;
use super::detail::Detail;
use super::error::{Cut, Phase, Rejection, Unreachable, UpstreamError};
use super::key::ApiKey;

/// Makes the errors of one server: knows its name, and the key that must not show.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    server: Arc<str>,
    key: Option<ApiKey>,
}

/// What an error object says, whatever its shape.
#[derive(Debug, Default, PartialEq)]
struct Words {
    message: String,
    code: String,
    kind: String,
    status: Option<u16>,
}

impl Blame {
    pub(crate) fn new(server: &BaseUrl, key: Option<ApiKey>) -> Self {
        Self {
            server: server.origin().into(),
            key,
        }
    }

    fn server(&self) -> Arc<str> {
        Arc::clone(&self.server)
    }

    fn detail(&self, text: &str) -> Detail {
        Detail::new(text, self.key.as_ref())
    }

    pub(crate) fn garbage(&self, what: &'static str, text: &str) -> UpstreamError {
        UpstreamError::Garbage {
            server: self.server(),
            what,
            detail: self.detail(text),
        }
    }

    pub(crate) fn cut(&self, how: Cut) -> UpstreamError {
        UpstreamError::Cut {
            server: self.server(),
            how,
            detail: Detail::none(),
        }
    }

    pub(crate) fn stall(&self, phase: Phase, waited: Duration) -> UpstreamError {
        UpstreamError::Stall {
            server: self.server(),
            phase,
            waited,
        }
    }

    /// The body of an answer could not be read on.
    pub(crate) fn broken(&self, error: &reqwest::Error) -> UpstreamError {
        UpstreamError::Cut {
            server: self.server(),
            how: Cut::Connection,
            detail: self.detail(&chain(error)),
        }
    }

    /// There is no response.
    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> UpstreamError {
        let reason = if error.is_timeout() {
            Unreachable::TimedOut
        } else if error.is_dns() {
            Unreachable::Name
        } else {
            reason(error)
        };
        UpstreamError::Unreachable {
            server: self.server(),
            reason,
            detail: self.detail(&chain(error)),
        }
    }

    pub(crate) fn redirected(&self, status: u16, location: &str) -> UpstreamError {
        UpstreamError::Redirected {
            server: self.server(),
            status,
            detail: self.detail(location),
        }
    }

    /// A response with an error status.
    pub(crate) fn status(
        &self,
        status: u16,
        body: &[u8],
        retry_after: Option<Duration>,
    ) -> UpstreamError {
        let words = serde_json::from_slice::<Value>(body)
            .ok()
            .and_then(|value| Words::of(&value));
        // A page of HTML helps no one; its beginning does, a little.
        let words = words.unwrap_or_else(|| Words {
            message: String::from_utf8_lossy(body).into_owned(),
            ..Words::default()
        });
        self.words(
            &Words {
                status: Some(status),
                ..words
            },
            retry_after,
        )
    }

    /// An error object in a body or a stream that began with status 200; none if it is not one.
    pub(crate) fn object(&self, value: &Value) -> Option<UpstreamError> {
        let is_error = !bare::says_nothing(&value["error"])
            || value["object"] == "error"
            || value["type"] == "error";
        is_error.then(|| self.words(&Words::of(value).unwrap_or_default(), None))
    }

    /// An error in the shapes of servers that name it with a field of their own, where there is no choice beside it. None
    /// where it may be a notice.
    pub(crate) fn bare(&self, value: &Value) -> Option<UpstreamError> {
        bare::is_error(value).then(|| self.words(&Words::of(value).unwrap_or_default(), None))
    }

    /// What the server named an error, whatever its shape.
    pub(crate) fn named_error(&self, data: &str) -> UpstreamError {
        let words = |text: &str| Words::of(&serde_json::from_str(text).ok()?);
        // What follows in the same event need not be a part of the error.
        let first_line = data.lines().next().unwrap_or_default();
        let words = words(data).or_else(|| words(first_line));
        let words = words.unwrap_or_else(|| Words {
            message: first_line.to_owned(),
            ..Words::default()
        });
        self.words(&words, None)
    }

    fn words(&self, words: &Words, retry_after: Option<Duration>) -> UpstreamError {
        let server = self.server();
        let detail = self.detail(&words.message);
        if let Some(why) = words.rejection() {
            return UpstreamError::Rejected {
                server,
                why,
                detail,
            };
        }
        if words.is_quota() {
            return UpstreamError::Quota { server, detail };
        }
        match words.status_or_guess() {
            Some(status @ (401 | 403)) => UpstreamError::Auth {
                server,
                status,
                detail,
            },
            Some(404) => UpstreamError::NotFound { server, detail },
            Some(429) => UpstreamError::Limited {
                server,
                retry_after,
                detail,
            },
            status @ (None | Some(408 | 409 | 425)) => UpstreamError::Failed {
                server,
                status,
                detail,
            },
            Some(status @ 400..=499) => UpstreamError::Rejected {
                server,
                why: Rejection::Other(status),
                detail,
            },
            status => UpstreamError::Failed {
                server,
                status,
                detail,
            },
        }
    }
}

impl Words {
    fn of(value: &Value) -> Option<Self> {
        let error = value
            .get("error")
            .filter(|error| !bare::says_nothing(error))
            .or_else(|| bare::first(&value["errors"]))
            .or_else(|| bare::base(value))
            .unwrap_or(value);
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null | Value::Bool(_) => String::new(),
            other => other.to_string(),
        };
        if let Value::String(message) = error {
            return Some(Self {
                message: message.clone(),
                kind: text(&value["type"]),
                ..Self::default()
            });
        }
        let error = error.as_object()?;
        let field = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| error.get(*name));
            values
                .find(|value| !bare::says_nothing(value))
                .map(text)
                .unwrap_or_default()
        };
        let number = |name: &str| bare::error_status(error.get(name)?);
        Some(Self {
            message: field(&[
                "message",
                "detail",
                "msg",
                "error_msg",
                "status_msg",
                "title",
            ]),
            code: field(&["code", "error_code"]),
            kind: field(&["type"]),
            status: number("code")
                .or_else(|| number("status"))
                .or_else(|| number("status_code"))
                .or_else(|| number("error_code")),
        })
    }

    fn is(&self, words: &[&str]) -> bool {
        words
            .iter()
            .any(|word| self.code == *word || self.kind == *word)
    }

    fn is_quota(&self) -> bool {
        self.status == Some(402)
            || self.is(&[
                "insufficient_quota",
                "billing_hard_limit_reached",
                "billing_not_active",
            ])
    }

    fn rejection(&self) -> Option<Rejection> {
        let client_error = matches!(self.status, None | Some(400 | 413 | 422));
        let message = self.message.to_ascii_lowercase();
        let says = |words: &[&str]| client_error && words.iter().any(|word| message.contains(word));
        if self.is(&["context_length_exceeded"])
            || says(&["context length", "context window", "maximum context"])
        {
            return Some(Rejection::ContextLength);
        }
        if self.is(&["content_filter", "content_policy_violation"]) {
            return Some(Rejection::ContentFilter);
        }
        if self.is(&[
            "unsupported_parameter",
            "unsupported_value",
            "unknown_parameter",
        ]) {
            return Some(Rejection::Parameter);
        }
        (self.status == Some(413)).then_some(Rejection::TooLarge)
    }

    /// The status, or what the words stand for where there is none.
    fn status_or_guess(&self) -> Option<u16> {
        self.status.or_else(|| {
            let table: [(u16, &[&str]); 4] = [
                (401, &["invalid_api_key", "authentication_error"]),
                (404, &["model_not_found"]),
                (
                    429,
                    &[
                        "rate_limit_exceeded",
                        "rate_limit_error",
                        "requests",
                        "tokens",
                    ],
                ),
                (400, &["invalid_request_error"]),
            ];
            table
                .iter()
                .find(|(_, words)| self.is(words))
                .map(|(status, _)| *status)
        })
    }
}

/// The sources of an error in one line.
fn chain(error: &reqwest::Error) -> String {
    sources(error)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The sources alone: reqwest's own words name the URL.
fn sources<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        error.source()
    })
}

fn reason(error: &reqwest::Error) -> Unreachable {
    sources(error)
        .find_map(cause)
        .unwrap_or(if error.is_connect() {
            Unreachable::Network
        } else {
            Unreachable::Closed
        })
}

/// I/O errors do not show what they wrap as their source, so each is opened by hand.
fn cause(error: &(dyn Error + 'static)) -> Option<Unreachable> {
    if error.is::<rustls::Error>() {
        return Some(Unreachable::Tls);
    }
    let io = error.downcast_ref::<io::Error>()?;
    match io.kind() {
        io::ErrorKind::ConnectionRefused => Some(Unreachable::Refused),
        io::ErrorKind::TimedOut => Some(Unreachable::TimedOut),
        _ => cause(io.get_ref()?),
    }
}
