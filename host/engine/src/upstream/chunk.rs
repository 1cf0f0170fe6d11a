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
/// Finish reasons that mean that the server gave up: never a complete answer.
const ABORTED: [&str; 6] = [
    "error",
    "abort",
    "aborted",
    "cancelled",
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
    /// In place of a delta where the answer is whole; after deltas the same again.
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
        let garbage = || blame.garbage("something that is not a chat completion", data);
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
        if chunk.choices.is_none() && chunk.usage.is_null() {
            let value = serde_json::from_str(data).unwrap_or_default();
            return blame.bare(&value).map_or(Ok(()), Err);
        }
        // One choice was asked for; others are not ours.
        let ours = |choice: &Choice| choice.index.as_u64().unwrap_or(0) == 0;
        for choice in chunk.choices.unwrap_or_default().into_iter().filter(ours) {
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
        self.said.add(&pieces);
        if let (Ok(()), true, Some(message)) = (&read, pieces.is_empty(), choice.message) {
            read = message.read(&Value::Null, &mut pieces);
            pieces = self.said.unsaid(pieces);
        }
        let deltas = pieces.into_iter();
        out.extend(deltas.map(|(channel, text)| Event::Delta { channel, text }));
        read.map_err(|NotText| blame.garbage("content that is not text", data))?;
        if !choice.error.is_null() && choice.error != false {
            let error = blame.object(&json!({ "error": choice.error }));
            return Err(error.unwrap_or_else(|| blame.cut(Cut::Aborted)));
        }
        match choice.finish_reason.as_str() {
            // Qwen's own servers write null as a word.
            None | Some("" | "null") => Ok(()),
            Some(word) if ABORTED.contains(&word) => Err(blame.cut(Cut::Aborted)),
            Some(word) => {
                // A cut answer stays one, whatever follows.
                if self.finish.as_ref().is_none_or(FinishReason::is_whole) {
                    self.finish = Some(FinishReason::parse(word));
                }
                Ok(())
            }
        }
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

    fn read(data: &str) -> Result<(), UpstreamError> {
        let blame = Blame::new(&BaseUrl::parse("https://example.com").unwrap(), None);
        Reading::default().json(data, &blame, &mut VecDeque::new())
    }

    #[test]
    fn an_error_alone_in_a_chunk_is_one_in_every_shape() {
        for data in [
            r#"{"detail":"no"}"#,
            r#"{"message":"no"}"#,
            r#"{"errors":[{"message":"no"}]}"#,
            r#"{"errors":["no"]}"#,
            r#"{"errors":"no"}"#,
            r#"{"errors":{"field":["no"]}}"#,
            r#"{"code":500,"msg":"no"}"#,
            r#"{"code":"E17","msg":"no"}"#,
            r#"{"status":"error"}"#,
            r#"{"status":503,"title":"no"}"#,
        ] {
            let error = read(data).unwrap_err();
            assert!(
                matches!(error, UpstreamError::Failed { .. }),
                "{data}: {error:?}"
            );
        }
    }

    #[test]
    fn what_may_be_a_notice_or_is_beside_choices_is_no_error() {
        for data in [
            "{}",
            r#"{"status":"ok"}"#,
            r#"{"status":200}"#,
            r#"{"errors":[]}"#,
            r#"{"errors":null,"detail":null}"#,
            r#"{"msg":"hello"}"#,
            r#"{"code":0,"msg":"ok"}"#,
            r#"{"code":"200","msg":"ok"}"#,
            r#"{"choices":[],"status":"error"}"#,
            r#"{"choices":[],"code":500,"msg":"no"}"#,
        ] {
            assert!(read(data).is_ok(), "{data}");
        }
    }
}
