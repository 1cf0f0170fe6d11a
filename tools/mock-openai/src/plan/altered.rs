//! What some faults change in a stream that is otherwise plain.

use serde_json::{Value, json};

use crate::answer::Chunks;
use crate::framing::Item;
use crate::script::Usage;

fn values(items: &mut [Item]) -> impl Iterator<Item = &mut Value> {
    items.iter_mut().filter_map(|item| match item {
        Item::Delta(value) | Item::Chunk(value) => Some(value),
        _ => None,
    })
}

pub(super) fn with_nulls(items: &mut Vec<Item>) {
    for value in values(items) {
        value["usage"]
            .is_null()
            .then(|| value["usage"] = Value::Null);
        value["error"] = Value::Null;
        if let Some(delta) = value["choices"]
            .get_mut(0)
            .and_then(|choice| choice.get_mut("delta"))
        {
            for field in [
                "content",
                "role",
                "tool_calls",
                "function_call",
                "reasoning_content",
            ] {
                if delta[field].is_null() {
                    delta[field] = Value::Null;
                }
            }
        }
    }
    let null =
        json!({ "choices": [{ "index": 0, "delta": { "content": null }, "finish_reason": null }] });
    items.insert(1, Item::Chunk(null));
}

pub(super) fn with_padding(items: &mut [Item]) {
    for value in values(items) {
        value["obfuscation"] = json!("aZ09xY");
        value["service_tier"] = json!("default");
        value["system_fingerprint"] = json!("fp_mock");
        value["provider"] = json!({ "name": "mock", "latency": [1, 2, 3] });
    }
}

pub(super) fn over_several_lines(items: &mut [Item]) {
    for item in items {
        if let Item::Delta(value) | Item::Chunk(value) = item {
            // Pretty JSON has its line ends between tokens, where JSON allows the LF that joins the lines.
            *item = Item::Data(serde_json::to_string_pretty(value).unwrap_or_default());
        }
    }
}

pub(super) fn with_usage(items: &mut [Item], chunks: &Chunks, usage: Usage) {
    let usage = chunks.usage(usage)["usage"].take();
    for (sent, value) in values(items).enumerate() {
        if value["usage"].is_null() {
            value["usage"] = usage.clone();
            value["usage"]["completion_tokens"] = json!(sent);
        }
    }
}

/// The last delta says that it is the last.
pub(super) fn finish_with_text(items: &mut [Item]) {
    let last = items.iter_mut().rev().find_map(|item| match item {
        Item::Delta(value) => Some(value),
        _ => None,
    });
    if let Some(value) = last {
        value["choices"][0]["finish_reason"] = json!("stop");
    }
}

/// The chunk with the finish reason says the whole message too.
pub(super) fn finish_with_message(items: &mut [Item], text: &str) {
    for value in values(items) {
        if value["choices"][0]["finish_reason"].is_string() {
            value["choices"][0]["message"] = json!({ "role": "assistant", "content": text });
        }
    }
}

/// The last delta has the whole message beside it.
pub(super) fn end_with_message(items: &mut [Item], text: &str) {
    let last = items.iter_mut().rev().find_map(|item| match item {
        Item::Delta(value) => Some(value),
        _ => None,
    });
    if let Some(value) = last {
        value["choices"][0]["message"] = json!({ "role": "assistant", "content": text });
    }
}

/// Errors that say nothing, in every chunk and in every choice.
pub(super) fn with_empty_errors(items: &mut [Item]) {
    let mut shapes = [json!(""), json!({}), json!({ "code": 0, "message": "" })]
        .into_iter()
        .cycle();
    for value in values(items) {
        value["error"] = shapes.next().unwrap_or_default();
        if let Some(choice) = value.pointer_mut("/choices/0") {
            choice["error"] = json!(false);
        }
    }
}
