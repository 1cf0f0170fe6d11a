//! The only thing that a sink accepts.
//!
//! A [`Redacted`] line can be made in one place, by [`seal`], which takes texts that a redactor judged. So no
//! path can reach a file around the redactors, and whoever adds a sink cannot forget them.

use std::fmt::Write as _;

use mini_llm_chat_sandbox::printable;

use super::record::{Record, Value};

/// How a record becomes a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: time, level, target, message, then `name=value`.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// One line, with its newline, that was redacted and holds no other control character.
#[derive(Clone, Debug)]
pub struct Redacted(String);

impl Redacted {
    /// The line, with the newline at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text as the redactors left it.
pub(super) struct Judged {
    pub(super) text: String,
    pub(super) masked: bool,
}

/// Puts the judged texts in the places of the record's own: first the message, then one for each field that
/// holds a text or a number.
pub(super) fn seal(
    record: &Record,
    judged: impl IntoIterator<Item = Judged>,
    format: Format,
) -> Redacted {
    let mut judged = judged.into_iter();
    let message = judged.next().map(|judged| judged.text).unwrap_or_default();
    let fields = record.fields.iter().map(|(name, value)| {
        let value = match value {
            Value::Boolean(flag) => Piece::Bare(flag.to_string()),
            Value::Text(_) => {
                Piece::Quoted(judged.next().map(|judged| judged.text).unwrap_or_default())
            }
            Value::Number(_) => match judged.next() {
                // A marker in a number's place is no number.
                Some(Judged {
                    text,
                    masked: false,
                }) => Piece::Bare(text),
                other => Piece::Quoted(other.map(|judged| judged.text).unwrap_or_default()),
            },
        };
        (*name, value)
    });
    let mut line = match format {
        Format::Text => text_line(record, &message, fields),
        Format::Json => json_line(record, &message, fields),
    };
    line.push('\n');
    Redacted(line)
}

enum Piece {
    Bare(String),
    Quoted(String),
}

fn text_line(
    record: &Record,
    message: &str,
    fields: impl Iterator<Item = (&'static str, Piece)>,
) -> String {
    let level = record.level.name();
    let mut line = format!(
        "{:.3} {level:<8} {}: {}",
        record.at,
        record.target,
        printable::inline(message)
    );
    for (name, value) in fields {
        line.push(' ');
        line.push_str(name);
        line.push('=');
        match value {
            Piece::Bare(text) => line.push_str(&printable::inline(&text)),
            Piece::Quoted(text) => push_quoted(&mut line, &printable::inline(&text)),
        }
    }
    line
}

fn push_quoted(line: &mut String, text: &str) {
    let plain = |c: char| c.is_alphanumeric() || "-_.:/@[]+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        line.push_str(text);
        return;
    }
    line.push('"');
    line.push_str(&text.replace('"', "\\\""));
    line.push('"');
}

fn json_line(
    record: &Record,
    message: &str,
    fields: impl Iterator<Item = (&'static str, Piece)>,
) -> String {
    let (time, level) = (format!("{:.3}", record.at), record.level.name());
    let mut line = String::from("{");
    for (name, text) in [
        ("time", time.as_str()),
        ("level", level),
        ("target", record.target),
        ("message", message),
    ] {
        push_json(&mut line, name, &json_string(text));
    }
    let mut inner = String::from("{");
    for (name, value) in fields {
        let value = match value {
            Piece::Bare(text) => text,
            Piece::Quoted(text) => json_string(&text),
        };
        push_json(&mut inner, name, &value);
    }
    if inner.len() > 1 {
        inner.push('}');
        push_json(&mut line, "fields", &inner);
    }
    line.push('}');
    line
}

fn push_json(object: &mut String, name: &str, value: &str) {
    let comma = if object.len() > 1 { "," } else { "" };
    // Writing into a string does not fail.
    let _ = write!(object, "{comma}{}:{value}", json_string(name));
}

/// JSON escapes newlines and tabs itself; what else would be unsafe on a screen is made visible first.
fn json_string(text: &str) -> String {
    serde_json::Value::from(printable::block(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::level::Level;
    use super::*;

    fn record(fields: Vec<(&'static str, Value)>) -> Record {
        Record {
            fields,
            ..Record::new(Level::Warning, "unit::test")
        }
    }

    fn judged(text: &str, masked: bool) -> Judged {
        Judged {
            text: text.to_owned(),
            masked,
        }
    }

    #[test]
    fn foreign_text_never_starts_a_second_line_nor_moves_the_cursor() {
        let hostile = "a\r\nb\u{1b}[2J\u{202e}c\u{2028}d\u{85}e";
        for format in [Format::Text, Format::Json] {
            let record = record(vec![("field", Value::Text(String::new()))]);
            let line = seal(
                &record,
                [judged(hostile, false), judged(hostile, false)],
                format,
            );
            let text = line.as_str().strip_suffix('\n').unwrap_or_default();
            assert!(text.chars().all(printable::is_safe), "{text:?}");
        }
    }

    #[test]
    fn a_masked_number_is_a_quoted_marker() {
        let record = record(vec![
            ("card", Value::Number(String::new())),
            ("count", Value::Number(String::new())),
        ]);
        let texts = [
            judged("paid", false),
            judged("[redacted:payment-card]", true),
            judged("3", false),
        ];
        let line = seal(&record, texts, Format::Json);
        assert!(
            line.as_str()
                .contains(r#""card":"[redacted:payment-card]","count":3"#),
            "{line:?}"
        );
    }

    #[test]
    fn a_text_line_reads_as_a_sentence() {
        let record = record(vec![
            ("name", Value::Text(String::new())),
            ("ok", Value::Boolean(true)),
        ]);
        let line = seal(
            &record,
            [judged("went \"well\"", false), judged("two words", false)],
            Format::Text,
        );
        assert!(
            line.as_str()
                .ends_with(" WARNING  unit::test: went \"well\" name=\"two words\" ok=true\n"),
            "{line:?}"
        );
    }
}
