//! Where servers and models differ in the words of the same API, and how a client learns it.
//!
//! A guess from the server's name comes first. When a server refuses a request and names a parameter that was sent, the
//! request is repeated in the other words, each parameter once; what then works is kept for that model. The operator can
//! settle any of it, and what is settled is never changed.

use serde_json::Value;

use super::base_url::BaseUrl;
use super::request::{ChatRequest, Role};

/// How a request is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What the limit on the answer is called.
    pub max_tokens: MaxTokensField,
    /// What the operator's role is called.
    pub system: SystemRole,
    /// Whether a temperature that was asked for is sent. Reasoning models refuse it.
    pub temperature: bool,
    /// Whether usage is asked for with `stream_options`.
    pub stream_options: bool,
}

/// What the limit on the answer is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_completion_tokens`: OpenAI.
    MaxCompletionTokens,
    /// `max_tokens`: nearly everyone else.
    MaxTokens,
}

/// What the operator's role is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemRole {
    /// `system`: everyone.
    System,
    /// `developer`: OpenAI's reasoning models, which take `system` too.
    Developer,
}

/// What the operator settled for a model. Unset is found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// What the limit on the answer is called.
    pub max_tokens: Option<MaxTokensField>,
    /// What the operator's role is called.
    pub system: Option<SystemRole>,
    /// Whether a temperature is sent.
    pub temperature: Option<bool>,
    /// Whether `stream_options` is sent.
    pub stream_options: Option<bool>,
}

/// One thing that a dialect decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    MaxTokens,
    System,
    Temperature,
    StreamOptions,
}

/// A server's words about a request that it refused. Foreign text, only searched.
#[derive(Debug, Default)]
pub(crate) struct Complaint {
    /// The parameter, where the server names it in a field of its own.
    param: String,
    /// In lower case.
    message: String,
}

/// How servers say that they do not know or take something, as opposed to its value being out of range.
const REFUSALS: [&str; 13] = [
    "unsupported",
    "not support",
    "n't support",
    "unrecognized",
    "unknown",
    "unexpected",
    "not permitted",
    "not allowed",
    "extra inputs",
    "extra fields",
    "is not one of",
    "invalid role",
    "instead",
];

impl MaxTokensField {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::MaxTokens => "max_tokens",
        }
    }
}

impl SystemRole {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
        }
    }
}

impl Dialect {
    /// What a server is known to speak.
    #[must_use]
    pub fn of(server: &BaseUrl) -> Self {
        let max_tokens = if server.is_openai() {
            MaxTokensField::MaxCompletionTokens
        } else {
            MaxTokensField::MaxTokens
        };
        Self {
            max_tokens,
            system: SystemRole::System,
            temperature: true,
            stream_options: true,
        }
    }

    pub(crate) fn settled(self, by: Settled) -> Self {
        Self {
            max_tokens: by.max_tokens.unwrap_or(self.max_tokens),
            system: by.system.unwrap_or(self.system),
            temperature: by.temperature.unwrap_or(self.temperature),
            stream_options: by.stream_options.unwrap_or(self.stream_options),
        }
    }

    /// What to say otherwise after this complaint about that request, if it is about something that was said and is not
    /// settled.
    pub(crate) fn otherwise(
        self,
        request: &ChatRequest,
        complaint: &Complaint,
        settled: Settled,
    ) -> Option<(Word, Self)> {
        let says_system = request.messages.iter().any(|one| one.role == Role::System);
        if settled.max_tokens.is_none()
            && request.max_tokens.is_some()
            && complaint.refuses(self.max_tokens.name())
        {
            let max_tokens = match self.max_tokens {
                MaxTokensField::MaxCompletionTokens => MaxTokensField::MaxTokens,
                MaxTokensField::MaxTokens => MaxTokensField::MaxCompletionTokens,
            };
            return Some((Word::MaxTokens, Self { max_tokens, ..self }));
        }
        if settled.temperature.is_none()
            && self.temperature
            && request.temperature.is_some()
            && complaint.refuses("temperature")
        {
            let temperature = false;
            return Some((
                Word::Temperature,
                Self {
                    temperature,
                    ..self
                },
            ));
        }
        if settled.stream_options.is_none()
            && self.stream_options
            && complaint.refuses("stream_options")
        {
            let stream_options = false;
            return Some((
                Word::StreamOptions,
                Self {
                    stream_options,
                    ..self
                },
            ));
        }
        let refused_role = complaint.refuses("role") && complaint.names(self.system.name());
        (settled.system.is_none() && says_system && refused_role).then(|| {
            let system = match self.system {
                SystemRole::System => SystemRole::Developer,
                SystemRole::Developer => SystemRole::System,
            };
            (Word::System, Self { system, ..self })
        })
    }
}

impl Complaint {
    /// Of an error body; none of a status that is not about the request's words.
    pub(crate) fn of(status: u16, body: &[u8]) -> Option<Self> {
        if !matches!(status, 400 | 422) {
            return None;
        }
        let value: Value = serde_json::from_slice(body).ok()?;
        let error = value.get("error").filter(|error| error.is_object());
        let param = error.unwrap_or(&value)["param"].as_str();
        Some(Self {
            param: param.unwrap_or_default().to_owned(),
            // Servers put the words into several fields, some as a list: all of it is searched.
            message: value.to_string().to_ascii_lowercase(),
        })
    }

    fn names(&self, word: &str) -> bool {
        self.param == word || self.message.contains(word)
    }

    fn refuses(&self, word: &str) -> bool {
        self.names(word)
            && REFUSALS
                .iter()
                .any(|refusal| self.message.contains(refusal))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::super::request::ChatMessage;
    use super::*;

    fn request() -> ChatRequest {
        ChatRequest {
            model: "m".to_owned(),
            messages: vec![ChatMessage {
                role: Role::System,
                content: "s".to_owned(),
            }],
            temperature: Some(0.5),
            max_tokens: Some(5),
        }
    }

    fn word(dialect: Dialect, body: &Value) -> Option<Word> {
        let complaint = Complaint::of(400, body.to_string().as_bytes())?;
        let (word, next) = dialect.otherwise(&request(), &complaint, Settled::default())?;
        assert_ne!(next, dialect);
        Some(word)
    }

    fn others() -> Dialect {
        Dialect::of(&BaseUrl::parse("https://host/v1").unwrap())
    }

    fn openai() -> Dialect {
        Dialect::of(&BaseUrl::openai().unwrap())
    }

    #[test]
    fn the_words_of_real_servers_are_understood() {
        let openai_error = |message: &str, param: &str, code: &str| {
            json!({ "error": {
            "message": message, "type": "invalid_request_error", "param": param, "code": code } })
        };
        let developer = Dialect {
            system: SystemRole::Developer,
            ..others()
        };
        for (dialect, body, expected) in [
            (
                others(),
                openai_error(
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                    "max_tokens",
                    "unsupported_parameter",
                ),
                Word::MaxTokens,
            ),
            (
                openai(),
                json!({ "detail": [{ "type": "extra_forbidden", "loc": ["body", "max_completion_tokens"],
                    "msg": "Extra inputs are not permitted" }] }),
                Word::MaxTokens,
            ),
            (
                openai(),
                openai_error(
                    "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
                    "temperature",
                    "unsupported_value",
                ),
                Word::Temperature,
            ),
            (
                others(),
                openai_error(
                    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                    "messages[0].role",
                    "unsupported_value",
                ),
                Word::System,
            ),
            (
                developer,
                openai_error(
                    "'developer' is not one of ['system', 'assistant', 'user', 'function'] - 'messages.0.role'",
                    "",
                    "",
                ),
                Word::System,
            ),
            (
                others(),
                json!({ "object": "error", "message": "Unrecognized request argument supplied: stream_options" }),
                Word::StreamOptions,
            ),
        ] {
            assert_eq!(word(dialect, &body), Some(expected), "{body}");
        }
    }

    #[test]
    fn a_value_out_of_range_and_other_complaints_change_nothing() {
        for message in [
            "max_tokens is too large: 50000. This model supports at most 16384 completion tokens.",
            "temperature must be at most 2",
            "This model's maximum context length is 8192 tokens.",
            "Unsupported parameter: 'top_p'",
        ] {
            assert_eq!(
                word(others(), &json!({ "error": { "message": message } })),
                None,
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_settled_or_was_not_sent_stays() {
        let body =
            json!({ "error": { "message": "unsupported: 'temperature'", "param": "temperature" } });
        let complaint = Complaint::of(400, body.to_string().as_bytes()).unwrap();
        let settled = Settled {
            temperature: Some(true),
            ..Settled::default()
        };
        let changed = |request: &ChatRequest, settled| {
            others().otherwise(request, &complaint, settled).is_some()
        };
        assert!(changed(&request(), Settled::default()));
        assert!(!changed(&request(), settled));
        let plain = ChatRequest {
            temperature: None,
            ..request()
        };
        assert!(!changed(&plain, Settled::default()));
    }
}
