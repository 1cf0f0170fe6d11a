//! Faults inside an event stream.

use serde_json::{Value, json};

use super::{altered, error_body};
use crate::Fault;
use crate::answer::{self, Chunks};
use crate::framing::Item;
use crate::record::Request;
use crate::script::{Script, Split, Usage};

/// Deltas before a stream goes wrong.
const DELTAS_BEFORE_FAULT: usize = 3;
const LARGE_EVENT_BYTES: usize = 200 * 1024;
const ENDLESS_EVENT_BYTES: usize = 4 << 20;
/// Ends after two of the three bytes of a character.
const HALF_AN_EVENT: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xe4\xbd";
/// Nobody can tell whether more of it was to come.
const ONLY_WORD: &str = "only-word";
const DONE: &str = "[DONE]";
const CONTROLS: &str = "red \u{1b}[31mtext\u{1b}[0m, title \u{1b}]0;pwned\u{7}, c1 \u{9b}2J, bidi \u{202e}txet\u{202c} end";

/// Two deltas.
const THOUGHT: &str = "Let me think.";

/// Everything the stream sends, in order.
pub(super) fn items(
    script: &Script,
    request: &Request,
    text: &str,
    chunks: &Chunks,
    usage: Usage,
) -> Vec<Item> {
    let text = altered_text(script.fault, text);
    let split = if matches!(script.fault, Some(Fault::LargeEvent)) {
        &Split::Whole
    } else {
        &script.split
    };
    let deltas = answer::deltas(&text, split);
    let mut items = opening(script, chunks);
    items.extend(body(script.fault, &deltas, chunks));
    items.extend(ending(script.fault, request, chunks, usage));
    match script.fault {
        Some(Fault::NullContent) => altered::with_nulls(&mut items),
        Some(Fault::PaddingFields) => altered::with_padding(&mut items),
        Some(Fault::SeveralDataLines) => altered::over_several_lines(&mut items),
        Some(Fault::UsageInEveryChunk) => altered::with_usage(&mut items, chunks, usage),
        Some(Fault::FinishWithText) => altered::finish_with_text(&mut items),
        Some(Fault::MessageAfterDeltas | Fault::MessageAtTheEnd) => {
            altered::finish_with_message(&mut items, &text);
        }
        Some(Fault::MessageBesideDelta) => altered::end_with_message(&mut items, &text),
        Some(Fault::EmptyErrors) => altered::with_empty_errors(&mut items),
        _ => {}
    }
    items
}

fn altered_text(fault: Option<Fault>, text: &str) -> String {
    match fault {
        Some(Fault::LineSeparatorInData) => format!("{text}\u{2028}after\u{85}end"),
        Some(Fault::LargeEvent) => "large ".repeat(LARGE_EVENT_BYTES / 6),
        Some(Fault::ControlsInText) => CONTROLS.to_owned(),
        Some(Fault::EmptyAnswer | Fault::ReasoningToTheLimit) => String::new(),
        Some(Fault::LengthInWord) => ONLY_WORD.to_owned(),
        _ => text.to_owned(),
    }
}

/// What comes before the first delta of the answer.
fn opening(script: &Script, chunks: &Chunks) -> Vec<Item> {
    let role = Item::Chunk(chunks.choice(
        0,
        &json!({ "role": "assistant", "content": "", "refusal": null }),
        None,
    ));
    let thought = script.thought.as_deref().unwrap_or(THOUGHT);
    let reasoning = |field: &str| -> Vec<Item> {
        thought
            .split_inclusive("me ")
            .map(|text| Item::Delta(chunks.choice(0, &json!({ field: text }), None)))
            .collect()
    };
    match script.fault {
        Some(Fault::ByteOrderMark) => vec![Item::Raw(b"\xef\xbb\xbf".to_vec()), role],
        Some(Fault::Comments) => vec![Item::Lines(": welcome\n:\n\n: keep-alive\n"), role],
        Some(Fault::UnknownFields) => vec![
            Item::Lines("id: 7\nretry: 10000\nevent: message\nfoo: bar\nbaz\n"),
            role,
        ],
        Some(Fault::EmptyChoices) => vec![Item::Chunk(chunks.bare()), role],
        Some(Fault::AzureFirstChunk) => vec![
            Item::Chunk(json!({
                "choices": [], "created": 0, "id": "", "model": "", "object": "",
                "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": {
                    "hate": { "filtered": false, "severity": "safe" } } }],
            })),
            role,
        ],
        Some(Fault::ReasoningContent | Fault::ReasoningToTheLimit) => std::iter::once(role)
            .chain(reasoning("reasoning_content"))
            .collect(),
        Some(Fault::ThinkingParts) => {
            let thinking = |text: &str| {
                json!({ "content": [
                    { "type": "thinking", "thinking": [{ "type": "text", "text": text }] },
                    { "type": "reference", "reference_ids": [1] },
                ] })
            };
            let deltas = ["Let me ", "think."]
                .map(|text| Item::Delta(chunks.choice(0, &thinking(text), None)));
            std::iter::once(role).chain(deltas).collect()
        }
        Some(Fault::Reasoning) => std::iter::once(role)
            .chain(reasoning("reasoning"))
            .collect(),
        Some(Fault::CutBeforeFirstDelta) => vec![Item::Lines(":\n"), Item::Cut],
        Some(Fault::StallAfterHeaders) => vec![Item::Stall],
        Some(Fault::ErrorFirst) => vec![Item::Chunk(server_error())],
        Some(Fault::StallBeforeFirstDelta) => vec![role, Item::Stall],
        _ => vec![role],
    }
}

/// The deltas, with what a fault puts between them or after the first few.
fn body(fault: Option<Fault>, deltas: &[String], chunks: &Chunks) -> Vec<Item> {
    let mut items = Vec::new();
    for (index, text) in deltas.iter().enumerate() {
        if index == DELTAS_BEFORE_FAULT.min(deltas.len() - 1) && index > 0 {
            items.extend(midway(fault, chunks));
        }
        if fault == Some(Fault::ThinkingBetween) {
            items.push(Item::Delta(chunks.choice(
                0,
                &json!({ "reasoning": "Hm. " }),
                None,
            )));
        }
        match fault {
            Some(Fault::MessageAtTheEnd) => {
                items.push(Item::Delta(chunks.choice(0, &json!({}), None)));
            }
            Some(Fault::MessageBesideDelta) if index >= DELTAS_BEFORE_FAULT => {}
            Some(Fault::RefusalAfterText) if index < DELTAS_BEFORE_FAULT => {
                items.push(Item::Delta(chunks.text(text)));
            }
            Some(Fault::Refusal | Fault::RefusalAfterText) => items.push(Item::Delta(chunks.choice(
                0,
                &json!({ "refusal": text }),
                None,
            ))),
            Some(Fault::ToolCalls) => {
                let call = json!({ "index": 0, "id": "call_mock", "type": "function",
                    "function": { "name": "lookup", "arguments": text } });
                items.push(Item::Delta(chunks.choice(
                    0,
                    &json!({ "tool_calls": [call] }),
                    None,
                )));
            }
            Some(Fault::FunctionCall) => items.push(Item::Delta(chunks.choice(
                0,
                &json!({ "content": null, "function_call": { "name": "lookup", "arguments": text } }),
                None,
            ))),
            Some(Fault::ChoiceText) => items.push(Item::Delta(json!({
                "object": "text_completion",
                "choices": [{ "index": 0, "text": text, "finish_reason": null }],
            }))),
            Some(Fault::TextBesideDelta) => {
                let mut chunk = chunks.text(text);
                chunk["choices"][0]["text"] = json!(text);
                items.push(Item::Delta(chunk));
            }
            Some(Fault::ContentParts) => items.push(Item::Delta(chunks.choice(
                0,
                &json!({ "content": [{ "type": "text", "text": text }] }),
                None,
            ))),
            _ => items.push(Item::Delta(chunks.text(text))),
        }
        if fault == Some(Fault::SecondChoice) {
            items.push(Item::Chunk(chunks.choice(
                1,
                &json!({ "content": "the other choice " }),
                None,
            )));
        }
    }
    if fault == Some(Fault::SecondChoice) {
        items.push(Item::Chunk(chunks.choice(1, &json!({}), Some("length"))));
    }
    items
}

/// What happens after the first deltas.
fn midway(fault: Option<Fault>, chunks: &Chunks) -> Vec<Item> {
    match fault {
        Some(Fault::Comments) => vec![Item::Lines(": keep-alive\n\n")],
        Some(Fault::UnknownFields) => vec![Item::Lines("event: message\nid: 8\n")],
        Some(Fault::EmptyChoices) => vec![Item::Chunk(chunks.bare())],
        Some(Fault::AzureFirstChunk) => vec![Item::Chunk(json!({
            "choices": [{ "index": 0, "finish_reason": null, "content_filter_offsets": { "check_offset": 0 },
                "content_filter_results": { "hate": { "filtered": false } } }],
            "created": 0, "id": "", "model": "", "object": "",
        }))],
        Some(Fault::CutMidStream | Fault::GzipCut) => vec![Item::Cut],
        Some(Fault::NotUtf8) => vec![Item::Raw(
            b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff \"}}]}\n\n".to_vec(),
        )],
        Some(Fault::StallMidStream) => vec![Item::Stall],
        Some(Fault::KeepAlivesOnly) => vec![Item::KeepAlives],
        Some(Fault::GarbageData) => vec![Item::Data(
            "{\"choices\": [{\"delta\": {\"content\": ".to_owned(),
        )],
        Some(Fault::WrongJson) => vec![Item::Data("[1, 2]".to_owned())],
        Some(Fault::ErrorData) => vec![Item::Chunk(server_error())],
        Some(Fault::ErrorEvent) => vec![Item::Named("error", server_error().to_string())],
        Some(Fault::ErrorField) => vec![Item::Raw(
            format!("error: {}\n\n", server_error()["error"]).into_bytes(),
        )],
        Some(Fault::EmptyErrorEvent) => vec![Item::Raw(b"event: error\n\n".to_vec())],
        Some(Fault::DetailChunk) => vec![Item::Chunk(json!({ "detail": "The engine died." }))],
        Some(Fault::ErrorsChunk) => {
            let error = json!({ "message": "The engine died." });
            vec![Item::Chunk(json!({ "errors": [error] }))]
        }
        Some(Fault::CodeChunk) => vec![Item::Chunk(
            json!({ "code": 500, "msg": "The engine died." }),
        )],
        Some(Fault::StatusChunk) => vec![Item::Chunk(json!({ "status": "error" }))],
        Some(Fault::FailureBesideUsage) => {
            let mut chunk = chunks.usage(Usage {
                prompt: 1,
                completion: 1,
            });
            chunk["status"] = json!("failed");
            vec![Item::Chunk(chunk)]
        }
        Some(Fault::EmptyErrors) => vec![Item::Chunk(
            json!({ "type": "ping", "message": "keep-alive" }),
        )],
        Some(Fault::NumberContent) => vec![Item::Chunk(chunks.choice(
            0,
            &json!({ "content": 42 }),
            None,
        ))],
        Some(Fault::UnknownPart) => {
            let parts = json!([{ "type": "image_url", "image_url": { "url": "data:," } }]);
            vec![Item::Chunk(chunks.choice(
                0,
                &json!({ "content": parts }),
                None,
            ))]
        }
        Some(Fault::ErrorBesideChoices) => {
            let mut chunk = chunks.choice(0, &json!({ "content": "" }), Some("error"));
            chunk["error"] = json!({ "code": 502, "message": "Provider disconnected" });
            vec![Item::Chunk(chunk)]
        }
        Some(Fault::EndlessEvent) => {
            let mut bytes = b"data: ".to_vec();
            bytes.resize(ENDLESS_EVENT_BYTES, b'x');
            vec![Item::Raw(bytes), Item::Stall]
        }
        _ => Vec::new(),
    }
}

fn server_error() -> Value {
    error_body(
        "The server had an error while processing your request.",
        "server_error",
        None,
    )
}

/// Finish reason, usage and `[DONE]`.
fn ending(fault: Option<Fault>, request: &Request, chunks: &Chunks, usage: Usage) -> Vec<Item> {
    let reason = match fault {
        Some(Fault::Length | Fault::LengthInWord | Fault::ReasoningToTheLimit) => "length",
        Some(Fault::ContentFilter) => "content_filter",
        Some(Fault::ToolCalls | Fault::ToolCallsAfterText) => "tool_calls",
        Some(Fault::FunctionCall) => "function_call",
        Some(Fault::UnknownFinish) => "flagged",
        Some(Fault::VendorFinish) => "eos",
        Some(Fault::ErrorFinish) => "ERROR",
        _ => "stop",
    };
    let finish = Item::Chunk(chunks.finish(reason));
    let done = Item::Data(DONE.to_owned());
    let wants_usage = request.json()["stream_options"]["include_usage"] == Value::Bool(true);
    let usage =
        (wants_usage && fault != Some(Fault::NoUsage)).then(|| Item::Chunk(chunks.usage(usage)));
    match fault {
        Some(Fault::EndMidStream | Fault::GzipCutBadSum) => Vec::new(),
        Some(Fault::EndInEvent) => vec![Item::Raw(HALF_AN_EVENT.to_vec())],
        Some(Fault::CutInCharacter) => vec![Item::Raw(HALF_AN_EVENT.to_vec()), Item::Cut],
        Some(Fault::CutAfterFinish) => std::iter::once(finish)
            .chain(usage)
            .chain([Item::Cut])
            .collect(),
        Some(Fault::ErrorAfterFinish) => vec![finish, Item::Chunk(server_error())],
        Some(Fault::TextAfterDone) => std::iter::once(finish)
            .chain(usage)
            .chain([done, Item::Chunk(chunks.text("after the end"))])
            .collect(),
        Some(Fault::FinishWithText) => usage.into_iter().chain([done]).collect(),
        Some(Fault::NoFinishReason) => vec![done],
        Some(Fault::NoDone) => std::iter::once(finish).chain(usage).collect(),
        Some(Fault::NoFinalBlankLine) => {
            let last = format!("data: {}\n", chunks.finish(reason));
            usage
                .into_iter()
                .chain([Item::Raw(last.into_bytes())])
                .collect()
        }
        Some(Fault::StallAfterFinish) => std::iter::once(finish)
            .chain(usage)
            .chain([Item::Stall])
            .collect(),
        Some(Fault::ChunksAfterUsage) => std::iter::once(finish)
            .chain(usage)
            .chain([Item::Chunk(chunks.bare()), done])
            .collect(),
        _ => std::iter::once(finish).chain(usage).chain([done]).collect(),
    }
}
