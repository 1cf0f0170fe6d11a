//! The text of an answer and its chunks, in the words of the chat completions API.

use serde_json::{Value, json};

use crate::record::Request;
use crate::script::{Script, Split, Usage};

/// What a scripted fault answers with where it answers: Markdown, several words, more than ASCII.
pub(crate) const PLAIN: &str =
    "**Hello** from the mock: naïve café, 你好, 👩‍👩‍👧.\n\n- one\n- two\n\n`done`";

/// Fixed, so that the same request always gets the same bytes.
const CREATED: u64 = 1_700_000_000;
const ID: &str = "chatcmpl-mock";

/// The deltas that a text is split into. Never an empty one.
pub(crate) fn deltas(text: &str, split: &Split) -> Vec<String> {
    let pieces: Vec<String> = match split {
        Split::Words => text.split_inclusive(' ').map(str::to_owned).collect(),
        Split::Chars(size) => {
            let chars: Vec<char> = text.chars().collect();
            chars
                .chunks((*size).max(1))
                .map(|chunk| chunk.iter().collect())
                .collect()
        }
        Split::Whole => vec![text.to_owned()],
        Split::At(byte) => {
            let (head, tail) = text.split_at(text.floor_char_boundary(*byte));
            vec![head.to_owned(), tail.to_owned()]
        }
        Split::List(list) => list.clone(),
    };
    pieces
        .into_iter()
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// The answer to a prompt when nothing else was scripted.
pub(crate) fn echo(prompt: &str) -> String {
    let quoted = prompt.trim().replace('\n', "\n> ");
    format!(
        "You said:\n\n> {quoted}\n\nThat is **{words}** word(s). This is a mock, so here is a list:\n\n\
         1. a first point\n2. a second point\n\n```rust\nfn main() {{\n    println!(\"hello\");\n}}\n```\n",
        words = prompt.split_whitespace().count(),
    )
}

/// Makes the chunks of one answer.
pub(crate) struct Chunks {
    model: String,
}

impl Chunks {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            model: model_of(request),
        }
    }

    /// A chunk with one choice.
    pub(crate) fn choice(&self, index: u32, delta: &Value, finish: Option<&str>) -> Value {
        json!({
            "id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": self.model,
            "choices": [{ "index": index, "delta": delta, "logprobs": null, "finish_reason": finish }],
        })
    }

    /// A delta of the answer.
    pub(crate) fn text(&self, text: &str) -> Value {
        self.choice(0, &json!({ "content": text }), None)
    }

    /// The chunk with the finish reason.
    pub(crate) fn finish(&self, reason: &str) -> Value {
        self.choice(0, &json!({}), Some(reason))
    }

    /// A chunk without choices.
    pub(crate) fn bare(&self) -> Value {
        json!({ "id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": self.model, "choices": [] })
    }

    /// The usage chunk.
    pub(crate) fn usage(&self, usage: Usage) -> Value {
        let mut chunk = self.bare();
        chunk["usage"] = usage_json(usage);
        chunk
    }

    /// A whole answer, not streamed.
    pub(crate) fn complete(&self, text: &str, usage: Usage) -> Value {
        json!({
            "id": ID, "object": "chat.completion", "created": CREATED, "model": self.model,
            "choices": [{
                "index": 0, "message": { "role": "assistant", "content": text, "refusal": null },
                "logprobs": null, "finish_reason": "stop",
            }],
            "usage": usage_json(usage),
        })
    }
}

/// The usage of an answer: what the script says, else words.
pub(crate) fn usage_of(script: &Script, request: &Request, text: &str) -> Usage {
    script.usage.unwrap_or_else(|| {
        let words = |text: &str| u64::try_from(text.split_whitespace().count()).unwrap_or(u64::MAX);
        Usage {
            prompt: words(&request.prompt()),
            completion: words(text),
        }
    })
}

/// The model that was asked for.
pub(crate) fn model_of(request: &Request) -> String {
    request.json()["model"]
        .as_str()
        .unwrap_or("mock")
        .to_owned()
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt, "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": 0, "audio_tokens": 0 },
    })
}
