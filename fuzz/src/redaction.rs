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

/// What a reader sees of a text that comes in pieces of `step` characters, and the kinds that stand in it.
fn streamed(text: &str, step: usize) -> (String, Vec<u16>) {
    let letters: Vec<char> = text.chars().collect();
    let (mut stream, mut masks, mut pending) = (Stream::new(), Vec::new(), String::new());
    let (mut shown, mut kinds) = (String::new(), Vec::new());
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
            if from < mask.start {
                shown.push_str(&pending[from..mask.start]);
            }
            // Touching masks of one kind are one marker, also where they came apart.
            if !shown.ends_with('\0') || kinds.last() != Some(&mask.kind) {
                shown.push('\0');
                kinds.push(mask.kind);
            }
            from = mask.end;
        }
        shown.push_str(&pending[from..released]);
        pending.drain(..released);
        if piece.is_none() {
            assert!(pending.is_empty());
            return (shown, kinds);
        }
    }
}
