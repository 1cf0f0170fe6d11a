//! From events to bytes on the wire.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::script::Framing;

/// One thing of an event stream, before it is framed.
#[derive(Debug)]
pub(crate) enum Item {
    /// A delta: waits for the script's delay and gate, then is sent as data.
    Delta(Value),
    /// Sent as data at once.
    Chunk(Value),
    /// Data that is not JSON of ours; may hold line ends, each line its own `data`.
    Data(String),
    /// Data under an event name.
    Named(&'static str, String),
    /// Lines as they are (a comment, a field), without the blank line.
    Lines(&'static str),
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// Nothing more, with the connection open.
    Stall,
    /// Comments for ever.
    KeepAlives,
    /// The connection breaks.
    Cut,
}

/// One step of writing a body.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// One HTTP chunk.
    Bytes(Bytes),
    /// Waits for the script's delay and gate.
    Pace,
    /// Never ends.
    Stall,
    /// These bytes again and again, with a wait before each.
    Repeat(Bytes, Duration),
    /// The connection breaks here.
    Cut,
}

/// Often enough that a client which takes comments for life never notices a stall by itself.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_millis(5);

/// Frames the items.
pub(crate) fn render(items: Vec<Item>, framing: Framing) -> Vec<Step> {
    let mut steps = Vec::with_capacity(items.len() * 2);
    for item in items {
        match item {
            Item::Delta(value) => {
                steps.push(Step::Pace);
                chunk(
                    &mut steps,
                    event(None, &value.to_string(), framing),
                    framing,
                );
            }
            Item::Chunk(value) => chunk(
                &mut steps,
                event(None, &value.to_string(), framing),
                framing,
            ),
            Item::Data(data) => chunk(&mut steps, event(None, &data, framing), framing),
            Item::Named(name, data) => {
                chunk(&mut steps, event(Some(name), &data, framing), framing)
            }
            Item::Lines(lines) => {
                let text: String = lines
                    .lines()
                    .flat_map(|line| [line, framing.line_end])
                    .collect();
                chunk(&mut steps, text.into_bytes(), framing);
            }
            Item::Raw(bytes) => chunk(&mut steps, bytes, framing),
            Item::Stall => steps.push(Step::Stall),
            Item::KeepAlives => {
                let comment = format!(": keep-alive{0}{0}", framing.line_end);
                steps.push(Step::Repeat(comment.into(), KEEP_ALIVE_INTERVAL));
            }
            Item::Cut => steps.push(Step::Cut),
        }
    }
    steps
}

/// The bytes of one event.
fn event(name: Option<&str>, data: &str, framing: Framing) -> Vec<u8> {
    let space = if framing.space { " " } else { "" };
    let mut text = String::with_capacity(data.len() + 16);
    if let Some(name) = name {
        text.extend(["event:", space, name, framing.line_end]);
    }
    for line in data.split('\n') {
        text.extend(["data:", space, line, framing.line_end]);
    }
    text.push_str(framing.line_end);
    text.into_bytes()
}

fn chunk(steps: &mut Vec<Step>, bytes: Vec<u8>, framing: Framing) {
    let bytes = Bytes::from(bytes);
    let size = framing.chunk_bytes.unwrap_or(bytes.len()).max(1);
    steps.extend(
        (0..bytes.len())
            .step_by(size)
            .map(|at| Step::Bytes(bytes.slice(at..bytes.len().min(at + size)))),
    );
}
