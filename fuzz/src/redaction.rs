//! The redaction rules over any text: as records of one source, and as a stream that comes in pieces.
#![no_main]

use std::sync::LazyLock;

use mini_llm_chat_redaction_rules::{Match, Options, Rules, SourceState, Stream};

static RULES: LazyLock<Rules> = LazyLock::new(|| match Rules::new(&Options::default()) {
    Ok(rules) => rules,
    Err(problems) => panic!("the defaults are valid: {problems:?}"),
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&first, text)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let mut state = SourceState::default();
    let mut found = Vec::new();
    for record in text.lines() {
        found.clear();
        RULES.find(record, &mut state, &mut found);
        check(record, &found);
    }
    let whole = streamed(&text, text.len().max(1));
    let pieces = streamed(&text, usize::from(first % 16) + 1);
    assert_eq!(whole, pieces, "what is shown depends on how the text came");
});

/// Sorted, disjoint, on character boundaries.
fn check(text: &str, found: &[Match]) {
    let mut end = 0;
    for one in found {
        assert!(one.start >= end && one.start < one.end && text.get(one.start..one.end).is_some());
        end = one.end;
    }
}

/// A part of a text that is shown, or that a kind hides.
#[derive(Debug, PartialEq)]
enum Part {
    Shown(String),
    Hidden(u16),
}

/// What a reader sees of a text that comes in pieces of `step` characters.
fn streamed(text: &str, step: usize) -> Vec<Part> {
    let letters: Vec<char> = text.chars().collect();
    let (mut stream, mut masks, mut pending) = (Stream::new(), Vec::new(), String::new());
    let mut parts = Vec::new();
    let mut pieces = letters.chunks(step);
    loop {
        let piece = pieces.next();
        let released = match piece {
            Some(piece) => {
                let piece: String = piece.iter().collect();
                pending.push_str(&piece);
                stream.push(&RULES, &piece, &mut masks)
            }
            None => stream.end(&RULES, true, &mut masks),
        };
        check(&pending[..released], &masks);
        let mut from = 0;
        for mask in masks.drain(..) {
            show(&mut parts, &pending[from..mask.start]);
            // Touching masks of one kind are one marker, also where they came apart.
            if parts.last() != Some(&Part::Hidden(mask.kind)) {
                parts.push(Part::Hidden(mask.kind));
            }
            from = mask.end;
        }
        show(&mut parts, &pending[from..released]);
        pending.drain(..released);
        if piece.is_none() {
            assert!(pending.is_empty());
            return parts;
        }
    }
}

fn show(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Shown(shown)) => shown.push_str(text),
        _ => parts.push(Part::Shown(text.to_owned())),
    }
}
