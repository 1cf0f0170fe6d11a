//! One log record before it is redacted.

use std::error::Error;
use std::fmt::{self, Write as _};

use jiff::Timestamp;
use tracing::field::{Field, Visit};

use super::level::Level;

/// Longer values are replaced by their length: cutting one could cut a secret so that it is not found.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// More fields than this are left out.
const MAX_FIELDS: usize = 24;

/// An event as it was raised.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) target: &'static str,
    /// Where in the source it was raised: shown when the message cannot be.
    pub(super) place: Option<(&'static str, u32)>,
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
}

/// A field's value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// In its decimal form.
    Number(String),
    Boolean(bool),
}

impl Record {
    pub(super) fn new(level: Level, target: &'static str) -> Self {
        Self {
            at: Timestamp::now(),
            level,
            target,
            place: None,
            message: String::new(),
            fields: Vec::new(),
        }
    }

    /// Takes everything out of an event.
    pub(super) fn of(event: &tracing::Event<'_>) -> Self {
        let metadata = event.metadata();
        let mut record = Self::new(Level::of(metadata), metadata.target());
        record.place = metadata.file().zip(metadata.line());
        event.record(&mut record);
        record
    }

    fn push(&mut self, field: &Field, value: Value) {
        let name = field.name();
        if name == "message" {
            self.message = match value {
                Value::Text(text) | Value::Number(text) => text,
                Value::Boolean(flag) => flag.to_string(),
            };
        } else if self.fields.len() < MAX_FIELDS {
            let hidden = matches!(value, Value::Text(_)) && names_a_secret(name);
            let value = if hidden {
                Value::Text("[redacted:field]".to_owned())
            } else {
                value
            };
            self.fields.push((name, value));
        }
    }
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, Value::Text(bounded(format_args!("{value:?}"))));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, Value::Text(bounded(format_args!("{value}"))));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.push(field, Value::Text(chain(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::Number(value.to_string()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Value::Number(value.to_string()));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push(field, Value::Number(value.to_string()));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field, Value::Number(value.to_string()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no name for what is not finite.
        let text = value.to_string();
        self.push(
            field,
            if value.is_finite() {
                Value::Number(text)
            } else {
                Value::Text(text)
            },
        );
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Boolean(value));
    }
}

/// An error with everything that caused it, outermost first. A cause that the text before it already says is
/// not repeated.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = bounded(format_args!("{error}"));
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = bounded(format_args!("{error}"));
        if !text.contains(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        if text.len() > MAX_VALUE_BYTES {
            break;
        }
        cause = error.source();
    }
    bounded(format_args!("{text}"))
}

/// Whether the name alone says that the text is a secret.
fn names_a_secret(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    [
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "authorization",
        "cookie",
        "private_key",
        "secret_key",
    ]
    .iter()
    .any(|word| name.ends_with(word))
        || name == "token"
        || name.ends_with("_token")
}

/// Formats no more than what a value may hold, so that a huge one costs no memory.
fn bounded(arguments: fmt::Arguments<'_>) -> String {
    struct Bounded {
        text: String,
        bytes: usize,
    }
    impl fmt::Write for Bounded {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.bytes += piece.len();
            if self.bytes <= MAX_VALUE_BYTES {
                self.text.push_str(piece);
            }
            Ok(())
        }
    }
    let mut bounded = Bounded {
        text: String::new(),
        bytes: 0,
    };
    if bounded.write_fmt(arguments).is_err() {
        return "[a value that could not be formatted]".to_owned();
    }
    if bounded.bytes > MAX_VALUE_BYTES {
        return format!("[left out: {} bytes]", bounded.bytes);
    }
    bounded.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_chain_names_every_cause_once() {
        assert_eq!(
            chain(&Outer(std::io::Error::other("inner"))),
            "outer: inner"
        );
    }

    #[test]
    fn a_huge_value_is_replaced_whole() {
        let huge = "x".repeat(MAX_VALUE_BYTES + 1);
        assert_eq!(bounded(format_args!("{huge}")), "[left out: 65537 bytes]");
    }

    #[test]
    fn names_of_secrets_are_known_and_counts_are_not_among_them() {
        assert!(
            [
                "password",
                "db.password",
                "api_key",
                "session_token",
                "token"
            ]
            .into_iter()
            .all(names_a_secret)
        );
        assert!(
            !["tokens", "prompt_tokens", "key", "monkey"]
                .into_iter()
                .any(names_a_secret)
        );
    }
}
