//! Chat-template injection: markers that separate messages in prompts, typed by a person.
//!
//! A marker alone may be a question about templates, so it decides only where it stands at the start
//! of a line or is followed by more of its kind; else it adds to what other rules see.

use super::{Hit, Points, TEMPLATE};

/// Markers in folded text, and points.
const MARKERS: [(&str, f32); 24] = [
    ("<|im_start|>", 40.0),
    ("<|im_end|>", 35.0),
    ("<|system|>", 45.0),
    ("<|user|>", 30.0),
    ("<|assistant|>", 35.0),
    ("<|endoftext|>", 40.0),
    ("<|eot_id|>", 40.0),
    ("<|start_header_id|>", 40.0),
    ("<|begin_of_text|>", 35.0),
    ("<<sys>>", 45.0),
    ("<</sys>>", 40.0),
    ("[/inst]", 35.0),
    ("<start_of_turn>", 40.0),
    ("<end_of_turn>", 40.0),
    ("[system](#", 50.0),
    ("### system", 40.0),
    ("### instruction", 25.0),
    ("### response", 25.0),
    ("\"role\": \"system\"", 35.0),
    ("\"role\":\"system\"", 35.0),
    ("<system>", 35.0),
    ("</system>", 35.0),
    ("[system]", 35.0),
    ("<system_prompt>", 35.0),
];

/// Line heads that speak for someone else.
const HEADS: [(&str, f32); 12] = [
    ("system:", 45.0),
    ("system prompt:", 35.0),
    ("system message:", 45.0),
    ("system instruction:", 45.0),
    ("[system message]", 45.0),
    ("assistant:", 20.0),
    ("new task for the assistant", 45.0),
    ("end of document", 40.0),
    ("end of input", 40.0),
    ("developer message:", 40.0),
    ("end of system prompt", 45.0),
    ("begin system prompt", 40.0),
];

pub(crate) fn review(folded: &str, points: &mut Points, hits: &mut Vec<Hit>) {
    let mut seen = [false; MARKERS.len()];
    let mut heads_line = true;
    for (at, byte) in folded.bytes().enumerate() {
        if matches!(byte, b'<' | b'[' | b'#' | b'"') {
            let rest = &folded[at..];
            for (number, (marker, amount)) in MARKERS.iter().enumerate() {
                if rest.as_bytes().get(1) == marker.as_bytes().get(1)
                    && !seen[number]
                    && rest.starts_with(marker)
                {
                    seen[number] = true;
                    add(
                        number,
                        if heads_line { amount + 10.0 } else { *amount },
                        points,
                        hits,
                    );
                }
            }
        }
        heads_line = byte == b'\n' || (heads_line && byte.is_ascii_whitespace());
    }
    for line in folded.lines() {
        let line = line.trim_start_matches([
            ' ', '\t', '#', '*', '-', '=', '>', '_', '(', ']', '}', '"', '\'',
        ]);
        for (number, (head, amount)) in HEADS.iter().enumerate() {
            if line.starts_with(head) {
                add(MARKERS.len() + number, *amount, points, hits);
            }
        }
    }
}

fn add(number: usize, amount: f32, points: &mut Points, hits: &mut Vec<Hit>) {
    points.add(TEMPLATE, amount);
    hits.push(Hit {
        rule: TEMPLATE,
        pattern: u16::try_from(number).unwrap_or(u16::MAX),
    });
}
