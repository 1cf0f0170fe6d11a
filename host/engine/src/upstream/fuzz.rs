//! Property tests of the stream's parser: bytes and chunks that no server should send.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;

use bytes::Bytes;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::bare;
use super::base_url::BaseUrl;
use super::chunk::Reading;
use super::classify::Blame;
use super::event::{Event, FinishReason};
use super::frames::Frames;
use super::target;

const EVENT_BYTES: usize = 4096;

/// Bytes that are often on the edge of meaning something.
fn stream_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            &b"\n"[..], b"\r", b"\r\n", b":", b"data: ", b"data:", b"data", b"event: error", b"id: 1",
            b"retry: 1", b"[DONE]", b"\xef\xbb\xbf", b"{\"choices\":[]}", b"\xe4\xbd", b"\xe2\x80\xa8",
        ]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..8),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The events of these pieces and the end, or that one is too large.
fn events(pieces: &[&[u8]]) -> Option<Vec<(String, String)>> {
    let mut frames = Frames::new(EVENT_BYTES);
    let mut found = Vec::new();
    let mut drain = |frames: &mut Frames| {
        while let Some(event) = frames.next().ok()? {
            found.push((event.event.to_string(), event.data.to_string()));
        }
        Some(())
    };
    for piece in pieces {
        frames.push(Bytes::copy_from_slice(piece));
        drain(&mut frames)?;
    }
    frames.end();
    drain(&mut frames)?;
    Some(found)
}

/// JSON with the keys that the parser looks for, in places and of types that it does not expect.
fn chunk() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "choices",
        "delta",
        "message",
        "content",
        "finish_reason",
        "usage",
        "error",
        "object",
        "type",
        "index",
        "reasoning",
        "refusal",
        "prompt_tokens",
        "completion_tokens",
        "text",
        "code",
        "param",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["", "stop", "error", "length", "text"]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

fn blame() -> Blame {
    Blame::new(&BaseUrl::parse("http://localhost").unwrap(), None)
}

#[test]
fn a_cut_answer_stays_one_whatever_follows() {
    for cut in ["length", "content_filter"] {
        let mut reading = Reading::default();
        for word in [cut, "stop"] {
            let data = json!({ "choices": [{ "delta": {}, "finish_reason": word }] });
            let read = reading.json(&data.to_string(), &blame(), &mut VecDeque::new());
            read.unwrap();
        }
        assert_eq!(reading.finish, Some(FinishReason::parse(cut)));
    }
}

#[test]
fn an_error_field_is_an_event_of_its_own_and_nothing_after_it_is_quoted() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = format!("data: a{end}error: boom{end}data: Hello{end}{end}");
        let found = events(&[stream.as_bytes()]).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].1, "a");
        assert_eq!(found[1].0, "error");
        for data in [&*found[1].1, "{\"message\":\"boom\"}\nHello"] {
            let error = blame().named_error(data);
            assert_eq!(error.detail().unwrap().foreign(), "boom");
        }
    }
}

#[test]
fn an_error_in_a_choice_is_no_success() {
    for error in [
        json!({ "code": 502, "message": "the provider is down" }),
        json!("down"),
        json!(true),
    ] {
        let data = json!({ "choices": [{ "delta": { "content": "a" }, "error": error, "finish_reason": "stop" }] });
        let read = Reading::default().json(&data.to_string(), &blame(), &mut VecDeque::new());
        assert!(read.is_err(), "{data}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn where_bytes_are_split_never_matters(bytes in stream_bytes(), at in any::<prop::sample::Index>(), every in 1_usize..7) {
        let whole = events(&[&bytes]);
        let (head, tail) = bytes.split_at(at.index(bytes.len() + 1));
        prop_assert_eq!(&events(&[head, tail]), &whole);
        let pieces: Vec<&[u8]> = bytes.chunks(every).collect();
        prop_assert_eq!(&events(&pieces), &whole);
    }

    #[test]
    fn splitting_changes_nothing_of_what_is_read(bytes in stream_bytes(), split in any::<u8>()) {
        target::stream(&[&[split][..], &bytes].concat());
    }

    #[test]
    fn splitting_changes_nothing_of_whole_chunks(chunks in vec(chunk(), 0..5), split in any::<u8>()) {
        let lines: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        target::stream(&[&[split][..], lines.as_bytes()].concat());
    }

    #[test]
    fn no_event_is_longer_than_its_cap(bytes in stream_bytes(), fill in 0..3 * EVENT_BYTES) {
        let long = [&bytes[..], b"\n\ndata: ", &vec![b'x'; fill], b"\n\n"].concat();
        for (_, data) in events(&[&long]).unwrap_or_default() {
            // What is not UTF-8 takes three bytes where it took one.
            prop_assert!(data.len() <= 3 * EVENT_BYTES);
        }
    }

    #[test]
    fn any_chunk_is_read_or_refused_and_only_a_finish_reason_finishes(value in chunk()) {
        let (mut reading, mut out) = (Reading::default(), VecDeque::new());
        let read = reading.json(&value.to_string(), &blame(), &mut out);
        if !value.is_object() {
            prop_assert!(read.is_err());
        }
        let reasons = value["choices"].as_array().into_iter().flatten();
        let has_reason = reasons.clone().any(|one| one["finish_reason"].as_str().is_some_and(|word| !word.is_empty()));
        prop_assert!(reading.finish.is_none() || has_reason);
        for event in &out {
            if let Event::Delta { text, .. } = event {
                prop_assert!(!text.is_empty());
            }
        }
    }

    #[test]
    fn any_text_as_data_is_read_or_refused(text in any::<String>()) {
        let _ = Reading::default().json(&text, &blame(), &mut VecDeque::new());
        let _ = blame().named_error(&text);
        let _ = blame().status(400, text.as_bytes(), None);
    }

    #[test]
    fn an_error_of_any_shape_is_no_success_unless_it_says_nothing(error in chunk()) {
        let data = json!({ "error": error, "choices": [{ "finish_reason": "stop", "delta": {} }] });
        let read = Reading::default().json(&data.to_string(), &blame(), &mut VecDeque::new());
        prop_assert_eq!(read.is_err(), !bare::says_nothing(&error), "{}", data);
    }
}
