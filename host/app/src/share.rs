//! One share of what a filter read, judged by one redactor.

use std::borrow::Cow;
use std::ops::Range;

use mini_llm_chat_sandbox::{Fault, Hidden, Masked, Redactor, Text};

use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::filter::{self, Row};
use crate::json_text::JsonText;

/// Stands for a byte that is not UTF-8 while the line is judged: ASCII's own sign for a character that is
/// not known, and as long as what it stands for.
const SUBSTITUTE: u8 = 0x1A;

/// What a share became.
pub(crate) struct Answer {
    pub(crate) out: Vec<u8>,
    /// One for each text that a redactor failed on.
    pub(crate) faults: Vec<Fault>,
    /// A row that is no JSON; those before it are answered, so that output says how far it went.
    pub(crate) wrong: Option<Failure>,
}

/// The lines of one source.
pub(crate) fn lines(redactor: &mut Redactor, source: u32, rows: &[Row]) -> Answer {
    let judged: Vec<_> = rows.iter().map(|row| judged(&row.bytes)).collect();
    let texts: Vec<_> = judged
        .iter()
        .map(|content| Text { source, content })
        .collect();
    let mut found = redactor.find(&texts);
    let faults = faults(&mut found);
    let mut out = Vec::new();
    for (row, masked) in rows.iter().zip(found) {
        let Range { start, end } = row.shown;
        let mut from = start;
        for Hidden { range, marker } in &masked.hidden {
            if range.end > start && range.start < end || range.is_empty() {
                out.extend_from_slice(&row.bytes[from..range.start.max(from)]);
                out.extend_from_slice(marker.as_bytes());
                from = range.end.max(from).min(end);
            }
        }
        out.extend_from_slice(&row.bytes[from..end]);
        out.extend_from_slice(row.end);
    }
    Answer {
        out,
        faults,
        wrong: None,
    }
}

/// JSON strings, each a source of its own, counted from `first`: nothing goes on from one row to the next.
pub(crate) fn json_lines(redactor: &mut Redactor, first: u32, rows: &[Row]) -> Answer {
    let mut parsed = Vec::with_capacity(rows.len());
    let mut wrong = None;
    for row in rows {
        match parse(row) {
            Ok(text) => parsed.push(text),
            Err(failure) => {
                wrong = Some(failure);
                break;
            }
        }
    }
    let texts: Vec<_> = parsed
        .iter()
        .zip(0..)
        .map(|(text, count)| Text {
            source: first.wrapping_add(count),
            content: &text.text,
        })
        .collect();
    let mut found = redactor.find(&texts);
    let faults = faults(&mut found);
    let mut out = String::new();
    for (text, masked) in parsed.iter().zip(found) {
        out.push('"');
        let mut from = 0;
        for Hidden { range, marker } in &masked.hidden {
            text.escape_into(&mut out, from..range.start);
            out.push_str(marker);
            from = range.end;
        }
        text.escape_into(&mut out, from..text.text.len());
        out.push_str("\"\n");
    }
    Answer {
        out: out.into_bytes(),
        faults,
        wrong,
    }
}

fn faults(found: &mut [Masked]) -> Vec<Fault> {
    let faults = found.iter_mut().filter_map(|masked| masked.fault.take());
    faults.collect()
}

/// The line for judging, byte for byte as long as it is.
fn judged(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(SUBSTITUTE)));
    }
    Cow::Owned(text)
}

fn parse(row: &Row) -> Result<JsonText> {
    serde_json::from_slice(&row.bytes).map_err(|error| {
        Failure::new(
            Exit::Data,
            format_args!(
                "line {} of standard input is no JSON string: {}",
                row.number,
                filter::reason(&error)
            ),
        )
    })
}
