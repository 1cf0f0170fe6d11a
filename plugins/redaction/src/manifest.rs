//! Data of a Kubernetes Secret: values under whatever names, in a block that the format gives away.
//!
//! `data` holds base64, and other objects have it, too: the values have to look like it. `stringData` holds plain
//! text and only a Secret has it. Both are read as YAML, by their lines, and as JSON, by their braces.

use crate::anchor::structural;
use crate::class::{BASE64, NAME, run_end};
use crate::keyed::Stop;
use crate::quote::Quote;
use crate::scan::{BEHIND, Found, Hit, Input, Tail, advance};
use crate::shape::{PROBE, contains, is_placeholder};
use crate::token;
use crate::url::is_template;

const KIND: u16 = structural("kubernetes-secret");
/// A kind of its own, because what follows such a value in its block is plain text, too.
const TEXT: u16 = structural("kubernetes-string-data");
/// Shorter values are words.
const SHORTEST: usize = 8;
/// The same for plain text.
const SHORTEST_TEXT: usize = 6;
/// How long the name of an entry may be.
const LONGEST_NAME: usize = 64;

/// Whether a word may open a block of data.
#[inline(always)]
pub(crate) fn opens(word: &[u8]) -> bool {
    match word.len() {
        4 => word == b"data",
        10 => word == b"stringData",
        _ => false,
    }
}

/// The value of an entry whose name ends at `end`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    if at < input.floor {
        return Found::None;
    }
    match input.bytes.get(end) {
        Some(b':') => in_lines(input, at, end),
        Some(b'"' | b'\\') => in_braces(input, at, end),
        _ => Found::None,
    }
}

/// An entry of YAML: its name is the first thing on its line.
fn in_lines(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
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
    let from = end + 1 + blanks;
    let quote = Quote::open(bytes, from).filter(|(quote, _)| matches!(quote, Quote::Plain(_)));
    match (block, quote) {
        (Block::Text, Some((quote, length))) => quoted_text(input, from + length, quote),
        (Block::Text, None) => line_of_text(input, from),
        (_, quote) => encoded(input, from + quote.map_or(0, |(_, length)| length), block),
    }
}

/// An entry of JSON, which may stand in a string itself: its name is in quotes.
fn in_braces(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    let Some((quote @ (Quote::Plain(b'"') | Quote::Escaped(b'"', _)), length)) =
        Quote::open(bytes, end)
    else {
        let cut = !input.complete && Quote::may_open(bytes, end);
        return if cut { Found::More(end) } else { Found::None };
    };
    let mark = &bytes[end..end + length];
    let least = input.floor.max(at.saturating_sub(LONGEST_NAME)).min(at);
    let mut start = at;
    while start > least && NAME.has(bytes[start - 1]) {
        start -= 1;
    }
    crate::count::steps(at - start + 1);
    let Some(block) = bytes[..start]
        .strip_suffix(mark)
        .filter(|before| before.len() >= input.floor)
        .and_then(|before| braced_block(input, before.len(), mark))
    else {
        return Found::None;
    };
    let mut from = end + length;
    let mut colon = false;
    while let Some(&byte) = bytes.get(from) {
        match byte {
            b':' if !colon => colon = true,
            b' ' if from - end < 16 => {}
            _ => break,
        }
        from += 1;
    }
    if from == bytes.len() && !input.complete {
        return Found::More(end);
    }
    let rest = &bytes[from.min(bytes.len())..];
    if !rest.starts_with(mark) {
        let cut = !input.complete && mark.starts_with(rest);
        return if cut { Found::More(end) } else { Found::None };
    }
    match block {
        _ if !colon => Found::None,
        Block::Text => quoted_text(input, from + length, quote),
        _ => encoded(input, from + length, block),
    }
}

/// base64 from `value` on.
fn encoded(input: &Input<'_>, value: usize, block: Block) -> Found {
    let bytes = input.bytes;
    let stop = run_end(bytes, value, BASE64, PROBE);
    if stop == bytes.len() && stop - value < PROBE && !input.complete {
        return Found::More(value.min(bytes.len()));
    }
    let ended = matches!(
        bytes.get(stop),
        None | Some(b'\n' | b'\r' | b'"' | b'\'' | b' ' | b'\\')
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

/// Text in quotes from `value` on.
fn quoted_text(input: &Input<'_>, value: usize, quote: Quote) -> Found {
    let (end, closed) = quote.end(input.bytes, value, PROBE, input.complete);
    text(input, value, end, closed, Tail::Quoted(quote))
}

/// Text to the end of the line, without a remark behind it.
fn line_of_text(input: &Input<'_>, value: usize) -> Found {
    let rest = &input.bytes[value..];
    let rest = &rest[..rest.len().min(PROBE)];
    let line = rest.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
    let text_end = |line: &[u8]| {
        let remark = line.windows(2).position(|pair| pair == b" #");
        line[..remark.unwrap_or(line.len())].trim_ascii_end().len()
    };
    crate::count::steps(rest.len());
    // `|` and `>` announce lines of text, which are not read.
    if matches!(rest.first(), Some(b'|' | b'>' | b'&' | b'*' | b'{' | b'[')) {
        return Found::None;
    }
    let closed = line.is_some() || input.complete || rest.len() == PROBE;
    let mut end = value + text_end(&rest[..line.unwrap_or(rest.len())]);
    while end < input.bytes.len() && input.bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    text(input, value, end, closed, Tail::Plain(Stop::Word))
}

fn text(input: &Input<'_>, value: usize, end: usize, closed: bool, tail: Tail) -> Found {
    if !closed && end - value + 8 < PROBE {
        return Found::More(value);
    }
    let text = &input.bytes[value..end];
    if text.len() < SHORTEST_TEXT
        || input.rules.is_off(TEXT)
        || is_placeholder(text)
        || is_template(text)
    {
        return Found::None;
    }
    Found::Hit(Hit {
        start: value,
        end,
        kind: TEXT,
        tail: (!closed).then_some(tail),
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
    /// Plain text of a Secret.
    Text,
}

impl Block {
    /// The block that goes on behind a value of this kind.
    fn of(kind: Option<u16>) -> Option<Self> {
        match kind {
            Some(KIND) => Some(Self::Secret),
            Some(TEXT) => Some(Self::Text),
            _ => None,
        }
    }
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
            let entry = least == input.floor;
            return Block::of(input.last.filter(|_| entry));
        }
        if let Some(head) = text.strip_suffix(b"stringData:") {
            return (!head.last().is_some_and(|&byte| NAME.has(byte))).then_some(Block::Text);
        }
        if text == b"data:" {
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

/// The block of braces that an entry stands in whose quoted name begins at `start`; `mark` is its quote.
fn braced_block(input: &Input<'_>, start: usize, mark: &[u8]) -> Option<Block> {
    let least = input.floor.max(start.saturating_sub(BEHIND)).min(start);
    let before = &input.bytes[least..start];
    crate::count::steps(before.len());
    let joins = |byte: &u8| matches!(byte, b'"' | b'\\' | b',' | b' ' | b'\n' | b'\r' | b'n');
    if least == input.floor && before.len() <= 16 && before.iter().all(joins) {
        return Block::of(input.last);
    }
    let brace = before
        .iter()
        .rposition(|byte| matches!(byte, b'{' | b'}'))
        .filter(|&at| before[at] == b'{')?;
    let head = before[..brace].trim_ascii_end().strip_suffix(b":")?;
    let head = head.trim_ascii_end().strip_suffix(mark)?;
    if let Some(head) = head.strip_suffix(b"stringData") {
        return head.ends_with(mark).then_some(Block::Text);
    }
    let head = head.strip_suffix(b"data")?.strip_suffix(mark)?;
    if contains(head, b"Secret") {
        Some(Block::Secret)
    } else {
        // What is printed by name has its kind behind the data, which the version of the format precedes.
        contains(head, b"apiVersion").then_some(Block::Data)
    }
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
            Block::Secret | Block::Text => printable && text.is_ascii() || mixed,
        }
}
