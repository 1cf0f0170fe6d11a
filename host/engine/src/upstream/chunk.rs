//! The meaning of one event: deltas, usage, finish reason, or an error in disguise.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value, json};
use sse_core::MessageEvent;

use super::classify::Blame;
use super::content::{self, NotText, Pieces};
use super::error::{Cut, UpstreamError};
use super::event::{Channel, Event, FinishReason, Usage};
use super::said::Said;

const DONE: &str = "[DONE]";
/// Finish reasons that mean that the server gave up, whatever their case: never a complete answer.
const ABORTED: [&str; 10] = [
    "error",
    "abort",
    "aborted",
    "cancelled",
    "failed",
    "timeout",
    "internal_error",
    "server_error",
    "network_error",
    "insufficient_system_resource",
];

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Value,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    object: Value,
    #[serde(default, rename = "type")]
    kind: Value,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: Value,
    #[serde(default)]
    delta: Option<Delta>,
    /// In place of a delta where the answer is whole; beside or after deltas what they said and what they left out.
    #[serde(default)]
    message: Option<Delta>,
    /// In place of both in the older completions; beside them the same text again.
    #[serde(default)]
    text: Value,
    #[serde(default)]
    finish_reason: Value,
    /// Where brokers say that the server behind them failed.
    #[serde(default)]
    error: Value,
}

/// Fields are values, not strings: servers send null, and lists of parts.
#[derive(Deserialize, Default)]
struct Delta {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    reasoning_content: Value,
    #[serde(default)]
    reasoning: Value,
    #[serde(default)]
    refusal: Value,
}

/// What the stream has said so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) finish: Option<FinishReason>,
    usage: Option<Usage>,
    said: Said,
}

/// Whether more is to come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    Done,
}

impl Reading {
    /// Reads one event of a stream.
    pub(crate) fn event(
        &mut self,
        event: &MessageEvent,
        blame: &Blame,
        out: &mut VecDeque<Event>,
    ) -> Result<Progress, UpstreamError> {
        let data = event.data.trim();
        if event.event == "error" {
            return Err(blame.named_error(data));
        }
        match data {
            "" => Ok(Progress::More),
            DONE => Ok(Progress::Done),
            _ => self.json(data, blame, out).map(|()| Progress::More),
        }
    }

    /// Reads a chunk, or a whole completion.
    pub(crate) fn json(
        &mut self,
        data: &str,
        blame: &Blame,
        out: &mut VecDeque<Event>,
    ) -> Result<(), UpstreamError> {
        let garbage = || self.garbage("something that is not a chat completion", data, blame);
        // serde would take an array for a struct.
        if !data.starts_with('{') {
            return Err(garbage());
        }
        let chunk: Chunk = match serde_json::from_str(data) {
            Ok(chunk) => chunk,
            // An error object need not have the shape of a chunk.
            Err(_) => {
                let object = serde_json::from_str(data)
                    .ok()
                    .and_then(|value| blame.object(&value));
                return Err(object.unwrap_or_else(garbage));
            }
        };
        if !chunk.error.is_null() || chunk.object == "error" || chunk.kind == "error" {
            let value = serde_json::from_str(data).unwrap_or_default();
            if let Some(error) = blame.object(&value) {
                return Err(error);
            }
        }
        let choices = chunk.choices.unwrap_or_default();
        if choices.is_empty() {
            let value = serde_json::from_str(data).unwrap_or_default();
            if let Some(error) = blame.bare(&value) {
                return Err(error);
            }
        }
        for choice in choices.into_iter().filter(Choice::is_first) {
            self.choice(choice, data, blame, out)?;
        }
        self.usage(&chunk.usage, out);
        Ok(())
    }

    fn choice(
        &mut self,
        choice: Choice,
        data: &str,
        blame: &Blame,
        out: &mut VecDeque<Event>,
    ) -> Result<(), UpstreamError> {
        let mut pieces = Pieces::new();
        let delta = choice.delta.unwrap_or_default();
        let mut read = delta.read(&choice.text, &mut pieces);
        self.said.delta(&pieces);
        if let (Ok(()), Some(message)) = (&read, choice.message) {
            let mut whole = Pieces::new();
            read = message.read(&Value::Null, &mut whole);
            pieces.extend(self.said.message(whole));
        }
        let deltas = pieces.into_iter();
        out.extend(deltas.map(|(channel, text)| Event::Delta { channel, text }));
        read.map_err(|NotText| self.garbage("content that is not text", data, blame))?;
        if !choice.error.is_null()
            && let Some(error) = blame.object(&json!({ "error": choice.error }))
        {
            return Err(error);
        }
        match choice.finish_reason.as_str() {
            // Qwen's own servers write null as a word.
            None | Some("" | "null") => Ok(()),
            Some(word) if ABORTED.iter().any(|one| word.eq_ignore_ascii_case(one)) => {
                Err(blame.cut(Cut::Aborted))
            }
            Some(word) => {
                // A cut answer stays one, whatever follows.
                if self.finish.as_ref().is_none_or(FinishReason::is_whole) {
                    self.finish = Some(FinishReason::parse(word));
                }
                Ok(())
            }
        }
    }

    /// Quotes what came only while no text did: in it could be a part of what the policy holds back.
    fn garbage(&self, what: &'static str, data: &str, blame: &Blame) -> UpstreamError {
        blame.garbage(what, if self.said.is_empty() { data } else { "" })
    }

    fn usage(&mut self, value: &Value, out: &mut VecDeque<Event>) {
        let count = |pointer: &str| value.pointer(pointer).and_then(Value::as_u64);
        let (Some(prompt), Some(completion)) =
            (count("/prompt_tokens"), count("/completion_tokens"))
        else {
            return;
        };
        let usage = Usage {
            prompt,
            completion,
            cached: count("/prompt_tokens_details/cached_tokens").unwrap_or(0),
            reasoning: count("/completion_tokens_details/reasoning_tokens").unwrap_or(0),
        };
        if self.usage.replace(usage) != Some(usage) {
            out.push_back(Event::Usage(usage));
        }
    }
}

impl Choice {
    /// One choice was asked for; those with another number are not ours.
    fn is_first(&self) -> bool {
        let number = match &self.index {
            Value::String(word) => word.trim().parse().ok(),
            other => other.as_f64(),
        };
        number.is_none_or(|number: f64| number == 0.0)
    }
}

impl Delta {
    /// Adds all that it says; `beside` counts where it says nothing.
    fn read(&self, beside: &Value, to: &mut Pieces) -> Result<(), NotText> {
        // Gateways that speak both dialects send the same reasoning under both names. What a model thought is beside the
        // answer: in a shape that nobody knows it is passed over.
        for reasoning in [&self.reasoning_content, &self.reasoning] {
            if to.is_empty() && content::read(reasoning, Channel::Reasoning, to).is_err() {
                to.clear();
            }
        }
        content::read(&self.content, Channel::Answer, to)?;
        if self.refusal != false {
            content::read(&self.refusal, Channel::Refusal, to)?;
        }
        if to.is_empty() {
            content::read(beside, Channel::Answer, to)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::base_url::BaseUrl;
    use super::*;

    fn blame() -> Blame {
        Blame::new(&BaseUrl::parse("https://example.com").unwrap(), None)
    }

    /// What a stream of these chunks says on all channels, and its finish reason.
    fn said(chunks: &[&str]) -> Result<(String, Option<FinishReason>), UpstreamError> {
        let (mut reading, mut out) = (Reading::default(), VecDeque::new());
        for data in chunks {
            reading.json(data, &blame(), &mut out)?;
        }
        let texts = out.into_iter().filter_map(|event| match event {
            Event::Delta { text, .. } => Some(text),
            _ => None,
        });
        Ok((texts.collect(), reading.finish))
    }

    #[test]
    fn a_message_says_what_its_deltas_left_out_and_nothing_twice() {
        let whole = |delta: &str, message: &str| {
            format!(
                r#"{{"choices":[{{"delta":{delta},"message":{message},"finish_reason":"stop"}}]}}"#
            )
        };
        let delta = |text: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
        let message =
            |text: &str| format!(r#"{{"choices":[{{"message":{{"content":"{text}"}}}}]}}"#);
        for (before, last, wanted) in [
            (
                vec![],
                whole(r#"{"content":"\n"}"#, r#"{"content":"The whole answer."}"#),
                "\nThe whole answer.",
            ),
            (
                vec![delta("Hello")],
                whole(r#"{"content":"!"}"#, r#"{"content":"Hello! And the rest"}"#),
                "Hello! And the rest",
            ),
            (
                vec![],
                whole(r#"{"reasoning_content":"Hm. "}"#, r#"{"content":"Hello"}"#),
                "Hm. Hello",
            ),
            (
                vec![],
                whole(r#"{"refusal":"no"}"#, r#"{"content":"Hello"}"#),
                "noHello",
            ),
            (
                vec![message("Hello there")],
                whole("{}", r#"{"content":"Hello there"}"#),
                "Hello there",
            ),
            (
                vec![message("Hel"), message("Hello th")],
                message("Hello there"),
                "Hello there",
            ),
            (
                vec![message("Hello "), delta("there")],
                message("Hello there"),
                "Hello there",
            ),
            (
                vec![delta(r"\n\nHello "), delta("there")],
                message("Hello there, friend"),
                "\n\nHello there, friend",
            ),
        ] {
            let chunks: Vec<&str> = before.iter().chain([&last]).map(String::as_str).collect();
            assert_eq!(said(&chunks).unwrap().0, wanted, "{chunks:?}");
        }
    }

    #[test]
    fn finish_reasons_of_a_failure_are_no_end_whatever_their_case() {
        for word in [
            "error",
            "ERROR",
            "Error",
            "failed",
            "timeout",
            "internal_error",
            "Server_Error",
        ] {
            let data = format!(r#"{{"choices":[{{"finish_reason":"{word}"}}]}}"#);
            let error = said(&[&data]).unwrap_err();
            assert!(matches!(error, UpstreamError::Cut { .. }), "{error:?}");
        }
    }

    #[test]
    fn choices_of_another_number_are_not_ours_however_it_is_written() {
        for (index, ours) in [
            ("0", true),
            ("null", true),
            ("0.0", true),
            (r#""0""#, true),
            ("1", false),
            ("1.0", false),
            (r#""1""#, false),
            ("-1", false),
        ] {
            let data = format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}}}}]}}"#);
            let text = said(&[&data]).unwrap().0;
            assert_eq!(text == "a", ours, "{index}");
        }
    }

    #[test]
    fn garbage_is_quoted_only_while_no_text_came() {
        let quoted = |chunks: &[&str]| said(chunks).unwrap_err().detail().is_some();
        let text = r#"{"choices":[{"delta":{"content":"Hello "}}]}"#;
        let number = r#"{"choices":[{"delta":{"content":42}}]}"#;
        let parts = r#"{"choices":[{"delta":{"content":["Hello",42]}}]}"#;
        for garbage in ["rest", number] {
            assert!(quoted(&[garbage]), "{garbage}");
            assert!(!quoted(&[text, garbage]), "{garbage}");
        }
        assert!(!quoted(&[parts]));
    }
}
