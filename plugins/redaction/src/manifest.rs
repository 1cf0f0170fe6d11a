//! Data of a Kubernetes Secret: base64 under whatever names, in a block that is known by its lines.

use crate::anchor::structural;
use crate::class::{BASE64, run_end};
use crate::scan::{BEHIND, Found, Hit, Input, Tail, advance};
use crate::shape::{PROBE, contains};
use crate::token;

const KIND: u16 = structural("kubernetes-secret");
/// Shorter values are words.
const SHORTEST: usize = 8;

/// The value of an entry whose name ends at `end`.
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    if bytes.get(end) != Some(&b':') || at < input.floor {
        return Found::None;
    }
    let Some(line) = line_of(input, at) else {
        return Found::None;
    };
    let Some(block) = block_of(input, line) else {
        return Found::None;
    };
    let rest = &bytes[end + 1..];
    let blanks = rest
        .iter()
        .take(4)
        .take_while(|&&byte| byte == b' ')
        .count();
    if blanks == rest.len() && blanks < 4 && !input.complete {
        return Found::More(end + 1);
    }
    if blanks == 0 {
        return Found::None;
    }
    let quote = usize::from(matches!(rest.get(blanks), Some(b'"' | b'\'')));
    let value = end + 1 + blanks + quote;
    let stop = run_end(bytes, value, BASE64, PROBE);
    if stop == bytes.len() && stop - value < PROBE && !input.complete {
        return Found::More(value.min(bytes.len()));
    }
    let ended = matches!(
        bytes.get(stop),
        None | Some(b'\n' | b'\r' | b'"' | b'\'' | b' ')
    );
    let long = stop - value == PROBE;
    if !(ended || long) || input.rules.is_off(KIND) || !is_data(&bytes[value..stop], block, long) {
        return Found::None;
    }
    let tail = Tail::Run(BASE64);
    let done = advance(tail, bytes, value, input.complete);
    Found::Hit(Hit {
        start: value,
        end: done.to,
        kind: KIND,
        tail: done.open.then_some(tail),
    })
}

/// Where the line begins in which a name at `at` is the first thing; none where it is not indented.
fn line_of(input: &Input<'_>, at: usize) -> Option<usize> {
    let least = input.floor.max(at.saturating_sub(80)).min(at);
    let before = &input.bytes[least..at];
    let line = before.iter().rposition(|&byte| byte == b'\n')? + 1;
    let blanks = before[line..]
        .iter()
        .take_while(|&&byte| byte == b' ')
        .count();
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (blanks > 0 && before[line + blanks..].iter().all(name)).then_some(least + line)
}

/// How sure it is that lines before belong to the data of a Secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// A block of data; what holds it is not known.
    Data,
    Secret,
}

/// The block that the line at `line` stands in: only indented lines between it and `data:`.
fn block_of(input: &Input<'_>, line: usize) -> Option<Block> {
    let least = input.floor.max(line.saturating_sub(BEHIND)).min(line);
    let before = &input.bytes[least..line];
    crate::count::steps(before.len());
    let mut end = before.len();
    while end > 0 {
        let from = before[..end - 1]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let text = &before[from..end - 1];
        if from == 0 && least > 0 {
            // The line of the last match, if that was an entry of the same block.
            let entry = least == input.floor && input.last == Some(KIND);
            return entry.then_some(Block::Secret);
        }
        if matches!(text, b"data:" | b"stringData:") {
            let secret = contains(&before[..from], b"kind: Secret");
            return Some(if secret { Block::Secret } else { Block::Data });
        }
        if !text.starts_with(b" ") {
            return None;
        }
        end = from;
    }
    None
}

/// base64 of a text, or in a Secret of anything, that is no certificate.
fn is_data(value: &[u8], block: Block, long: bool) -> bool {
    let mut text = [0u8; PROBE];
    let length = token::decode(value, &mut text);
    let text = &text[..length];
    let printable = text
        .iter()
        .all(|&byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t') || byte >= 0x80);
    let mixed = value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
        && value
            .iter()
            .any(|byte| byte.is_ascii_digit() || *byte == b'=');
    value.len() >= SHORTEST
        && (long || value.len().is_multiple_of(4))
        && !text.starts_with(b"-----BEGIN CERTIFICATE")
        && match block {
            Block::Data => printable && text.is_ascii() && text.len() >= 6,
            Block::Secret => printable && text.is_ascii() || mixed,
        }
}
