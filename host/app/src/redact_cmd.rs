//! `mini-llm-chat redact`: hides secrets in any log, from standard input to standard output.
//!
//! A plain log is one source: a key over many lines is hidden as a whole. With `--jsonl` each line is a text
//! of its own. What was not hidden leaves as the bytes that came in, valid UTF-8 or not.

use mini_llm_chat_sandbox::{Fault, Hidden, Masked, Redactor, Text};

use crate::cli::RedactArguments;
use crate::config::FilterSettings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::filter::{self, Longest, Row, Rows, Sink};
use crate::json_text::JsonText;
use crate::terminal;

/// A longer line of a plain log is judged in parts.
const LINE_BYTES: usize = 16 << 20;

/// A longer JSON string is refused: it cannot be cut without being read whole.
const JSON_LINE_BYTES: usize = 64 << 20;

/// Stands for a byte that is not UTF-8 while the line is judged: ASCII's own sign for a character that is
/// not known, and as long as what it stands for.
const SUBSTITUTE: u8 = 0x1A;

/// Filters until input ends or output is closed. Needs no key, database or login.
///
/// # Errors
/// When a plugin is refused or failed, output is closed, or a line is no JSON string.
pub(crate) fn run(settings: &FilterSettings, arguments: &RedactArguments) -> Result<Exit> {
    let set = filter::plugins(settings)?;
    let mut filter = Filter {
        redactor: set.redactor(),
        faults: 0,
        next_source: 0,
    };
    let longest = if arguments.jsonl {
        Longest::Refused(JSON_LINE_BYTES)
    } else {
        Longest::Parts(LINE_BYTES)
    };
    let mut rows = Rows::standard_input(longest);
    let mut output = Sink::standard_output();
    loop {
        let batch = rows.batch()?;
        if batch.is_empty() {
            return filter.end();
        }
        if arguments.jsonl {
            filter.json_lines(&batch, &mut output)?;
        } else {
            output.write(&filter.lines(batch))?;
        }
    }
}

struct Filter {
    redactor: Redactor,
    /// Texts that no redactor judged.
    faults: u64,
    next_source: u32,
}

impl Filter {
    fn lines(&mut self, rows: Vec<Row>) -> Vec<u8> {
        let judged: Vec<String> = rows.iter().map(|row| judged(&row.bytes)).collect();
        let texts: Vec<_> = judged
            .iter()
            .map(|content| Text { source: 0, content })
            .collect();
        let mut out = Vec::new();
        for (row, masked) in rows.into_iter().zip(self.find(&texts)) {
            let mut from = 0;
            for Hidden { range, marker } in &masked.hidden {
                out.extend_from_slice(&row.bytes[from..range.start]);
                out.extend_from_slice(marker.as_bytes());
                from = range.end;
            }
            out.extend_from_slice(&row.bytes[from..]);
            out.extend_from_slice(row.end);
        }
        out
    }

    /// Rows before one that is no JSON are answered, so that output says how far it went.
    fn json_lines(&mut self, rows: &[Row], output: &mut Sink) -> Result<()> {
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
            .map(|text| {
                // A source of its own: nothing goes on from one row to the next.
                self.next_source = self.next_source.wrapping_add(1);
                Text {
                    source: self.next_source,
                    content: &text.text,
                }
            })
            .collect();
        let mut out = String::new();
        for (text, masked) in parsed.iter().zip(self.find(&texts)) {
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
        output.write(out.as_bytes())?;
        wrong.map_or(Ok(()), Err)
    }

    fn find(&mut self, texts: &[Text<'_>]) -> Vec<Masked> {
        let found = self.redactor.find(texts);
        for fault in found.iter().filter_map(|masked| masked.fault.as_ref()) {
            self.note(fault);
        }
        found
    }

    fn note(&mut self, fault: &Fault) {
        if self.faults == 0 {
            terminal::notice(format_args!("{fault}; what it could not judge is hidden"));
        }
        self.faults += 1;
    }

    fn end(&self) -> Result<Exit> {
        if self.faults == 0 {
            return Ok(Exit::Done);
        }
        Err(Failure::new(
            Exit::Internal,
            format_args!("{} texts are hidden because a redactor failed", self.faults),
        ))
    }
}

/// The line for judging, byte for byte as long as it is.
fn judged(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(SUBSTITUTE)));
    }
    text
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
