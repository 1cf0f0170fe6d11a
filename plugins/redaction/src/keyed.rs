//! Secrets that only the name beside them gives away: `password=…`, `"api_key": "…"`, `--token …`.
//!
//! A word that ends like a telling name is classified; then a separator and a value are parsed in the many
//! forms of logs and source: assignment, JSON at any escape level, YAML, Python, Rust's debug form, shell,
//! query strings, percent-encoding, XML, tables, prose. What the value looks like decides at the end, more
//! strictly the weaker the name and the looser the form.

use crate::class::{ALPHA, NAME, WORD};
use crate::kinds::keyed::PROVIDERS;
use crate::quote::Quote;
use crate::scan::{Found, Hit, Input, Tail, advance};
use crate::value::{self, Form, Separator};
use crate::{anchor, name};

/// Blanks that may stand around a separator.
const BLANKS: usize = 24;
/// A value is judged by this many bytes; what follows belongs to it.
pub(crate) const JUDGED: usize = 256;

/// What ends a value without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Blanks and quotes only: environment files, YAML.
    Word,
    /// Also the punctuation of lists and calls.
    Loose,
    /// Also what separates the parts of a query.
    Query,
    /// Also percent-encoded separators.
    Percent,
}

/// Looks for a telling name that ends at `end`, and for its value.
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    if !name::may_end_name(&bytes[at..end]) {
        return Found::None;
    }
    let start = name_start(input, at);
    let Some(strength) = name::classify(input, start, end) else {
        return Found::None;
    };
    match separator(input, start, end) {
        Parsed::None => Found::None,
        Parsed::More(hold) => Found::More(hold),
        Parsed::Value { at, form } => judge(input, start, end, at, form, strength),
    }
}

/// Whether a value can follow the word in `at..end` if that is a name, as far as two bytes tell.
pub(crate) fn may_follow(input: &Input<'_>, at: usize, end: usize) -> bool {
    let bytes = input.bytes;
    match bytes.get(end) {
        Some(b' ') => match bytes.get(end + 1) {
            // Running text: only `is`, `was`, or the value of a flag can follow.
            Some(byte) if WORD.has(*byte) => {
                matches!(byte, b'i' | b'I' | b'w' | b'W')
                    || input.before(at).is_some_and(|byte| NAME.has(byte))
            }
            _ => true,
        },
        Some(byte) => matches!(
            byte,
            b'=' | b':'
                | b'"'
                | b'\''
                | b'`'
                | b'\\'
                | b'%'
                | b'&'
                | b'\t'
                | 0x1b
                | b'>'
                | b'|'
                | b'('
        ),
        None => !input.complete,
    }
}

/// Where the name begins whose last word begins at `at`.
fn name_start(input: &Input<'_>, at: usize) -> usize {
    let least = input.floor.max(at.saturating_sub(64)).min(at);
    let mut start = at;
    while start > least && NAME.has(input.bytes[start - 1]) {
        start -= 1;
    }
    crate::count::steps(at - start + 1);
    while start < at && !WORD.has(input.bytes[start]) {
        start += 1;
    }
    start
}

enum Parsed {
    None,
    More(usize),
    Value { at: usize, form: Form },
}

struct Cursor<'a> {
    bytes: &'a [u8],
    complete: bool,
    at: usize,
}

impl Cursor<'_> {
    fn blanks(&mut self) -> usize {
        let from = self.at;
        loop {
            let before = self.at;
            while self.at < self.bytes.len()
                && self.at - from < BLANKS
                && matches!(self.bytes[self.at], b' ' | b'\t')
            {
                self.at += 1;
            }
            if let Some(end) = escape_sequence(self.bytes, self.at) {
                self.at = end;
            }
            if self.at == before || self.at - from >= BLANKS * 2 {
                crate::count::steps(self.at - from + 1);
                return self.at - from;
            }
        }
    }

    fn quote(&mut self) -> Option<Quote> {
        let (quote, length) = Quote::open(self.bytes, self.at)?;
        self.at += length;
        Some(quote)
    }

    fn starved(&self) -> bool {
        !self.complete
            && (self.at >= self.bytes.len()
                || Quote::may_open(self.bytes, self.at)
                || self.escape_cut())
    }

    fn escape_cut(&self) -> bool {
        let rest = &self.bytes[self.at..];
        rest.len() < 12
            && (rest.first() == Some(&0x1b) || (rest.len() < 6 && b"\\u001b".starts_with(rest)))
            && escape_sequence(self.bytes, self.at).is_none()
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        let there = rest.len() > word.len()
            && rest[..word.len()].eq_ignore_ascii_case(word)
            && !WORD.has(rest[word.len()]);
        if there {
            self.at += word.len();
        }
        there
    }

    /// Whether `word` may stand here once more of the text is known.
    fn may_be(&self, word: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        !self.complete && rest.len() <= word.len() && word[..rest.len()].eq_ignore_ascii_case(rest)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// An escape sequence of a terminal at `at`, raw or as JSON and sources write it.
fn escape_sequence(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let head = if rest.first() == Some(&0x1b) {
        1
    } else if rest.starts_with(b"\\u001b") || rest.starts_with(b"\\u001B") {
        6
    } else if rest.starts_with(b"\\x1b") {
        4
    } else {
        return None;
    };
    ansi_sequence(bytes, at + head)
}

/// The end of a control sequence whose introducer ended at `at`.
pub(crate) fn ansi_sequence(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if *rest.first()? != b'[' {
        return None;
    }
    let digits = rest[1..]
        .iter()
        .take(10)
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b';'))
        .count();
    ALPHA.has(*rest.get(1 + digits)?).then_some(at + digits + 2)
}

/// Parses what stands between a name and its value.
fn separator(input: &Input<'_>, start: usize, end: usize) -> Parsed {
    let bytes = input.bytes;
    let mut cursor = Cursor {
        bytes,
        complete: input.complete,
        at: end,
    };
    let before = start
        .checked_sub(1)
        .filter(|&at| at >= input.floor)
        .map(|at| bytes[at]);
    let flag = before == Some(b'-');
    if cursor.starved() {
        return Parsed::More(end);
    }
    let key_quoted = cursor.quote().is_some();
    if key_quoted && cursor.peek() == Some(b']') {
        cursor.at += 1;
    }
    let blanks = cursor.blanks();
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    let Some(next) = cursor.peek() else {
        return Parsed::None;
    };
    let separator = match next {
        b'=' => {
            cursor.at += 1;
            match cursor.peek() {
                Some(b'=' | b'~') => return Parsed::None,
                Some(b'>') => cursor.at += 1,
                None if !input.complete => return Parsed::More(cursor.at),
                _ => {}
            }
            if blanks > 0 {
                Separator::SpacedEquals
            } else {
                Separator::Equals
            }
        }
        b':' => {
            cursor.at += 1;
            match cursor.peek() {
                Some(b':') => return Parsed::None,
                Some(b'=') => cursor.at += 1,
                None if !input.complete => return Parsed::More(cursor.at),
                _ => {}
            }
            Separator::Colon
        }
        b'%' => match bytes.get(cursor.at + 1..cursor.at + 3) {
            Some([b'3', b'D' | b'd' | b'A' | b'a']) => {
                cursor.at += 3;
                Separator::Percent
            }
            None if !input.complete => return Parsed::More(cursor.at),
            _ => return Parsed::None,
        },
        b'>' if before == Some(b'<') => {
            cursor.at += 1;
            Separator::Element
        }
        b'|' if blanks > 0 || key_quoted => {
            cursor.at += 1;
            Separator::Cell
        }
        b',' if key_quoted => {
            cursor.at += 1;
            cursor.blanks();
            if cursor.starved() {
                return Parsed::More(cursor.at);
            }
            if cursor.quote().is_none() {
                return Parsed::None;
            }
            if cursor.may_be(b"value") {
                return Parsed::More(cursor.at);
            }
            if !cursor.word(b"value") || cursor.quote().is_none() {
                return Parsed::None;
            }
            cursor.blanks();
            if cursor.starved() {
                return Parsed::More(cursor.at);
            }
            if cursor.peek() != Some(b':') {
                return Parsed::None;
            }
            cursor.at += 1;
            Separator::Colon
        }
        b'(' if !key_quoted => {
            cursor.at += 1;
            Separator::Call
        }
        b'\'' | b'"' if blanks > 0 && !key_quoted => {
            if flag {
                Separator::Flag
            } else {
                Separator::Call
            }
        }
        _ if blanks > 0 && key_quoted => {
            if cursor.may_be(b"value=") {
                return Parsed::More(cursor.at);
            }
            if !cursor.word(b"value") || cursor.peek() != Some(b'=') {
                return Parsed::None;
            }
            cursor.at += 1;
            Separator::Equals
        }
        _ if blanks > 0 && flag => Separator::Flag,
        _ if blanks > 0 => {
            if cursor.may_be(b"is ") || cursor.may_be(b"was ") {
                return Parsed::More(cursor.at);
            }
            if !(cursor.word(b"is") || cursor.word(b"was")) {
                return Parsed::None;
            }
            if cursor.peek() == Some(b':') {
                cursor.at += 1;
            }
            Separator::Prose
        }
        _ => return Parsed::None,
    };
    value_start(input, cursor, start, key_quoted, separator)
}

/// Passes blanks, wrappers and the opening quote of a value.
fn value_start(
    input: &Input<'_>,
    mut cursor: Cursor<'_>,
    start: usize,
    key_quoted: bool,
    separator: Separator,
) -> Parsed {
    let bytes = input.bytes;
    let blanks = cursor.blanks();
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    for wrapper in [
        b"Some(".as_slice(),
        b"Ok(",
        b"String::from(",
        b"Secret(",
        b"SecretString(",
        b"[",
        b"b",
        b"u",
        b"r",
        b"f",
        b"@",
    ] {
        let rest = &bytes[cursor.at..];
        if !input.complete && rest.len() <= wrapper.len() && wrapper.starts_with(rest) {
            return Parsed::More(cursor.at);
        }
        if rest.starts_with(wrapper)
            && matches!(rest.get(wrapper.len()), Some(b'"' | b'\'' | b'\\'))
        {
            cursor.at += wrapper.len();
        }
    }
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    let quote = cursor.quote();
    for scheme in [b"Bearer".as_slice(), b"Basic", b"Token", b"ApiKey"] {
        if cursor.may_be(scheme) {
            return Parsed::More(cursor.at);
        }
        if cursor.word(scheme) && cursor.peek() == Some(b' ') {
            cursor.at += 1;
        }
    }
    if cursor.at >= bytes.len() {
        return if input.complete {
            Parsed::None
        } else {
            Parsed::More(cursor.at)
        };
    }
    let line = begins_line(input, start);
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let stop = match separator {
        Separator::Percent => Stop::Percent,
        Separator::Equals if matches!(before, Some(b'?' | b'&')) => Stop::Query,
        Separator::Equals if line && blanks == 0 => Stop::Word,
        Separator::Colon if line && !key_quoted => Stop::Word,
        Separator::Flag => Stop::Word,
        _ => Stop::Loose,
    };
    let spaced = blanks > 0;
    Parsed::Value {
        at: cursor.at,
        form: Form {
            separator,
            quote,
            key_quoted,
            stop,
            line,
            spaced,
        },
    }
}

/// Whether a name begins its line, or follows a word that introduces assignments.
fn begins_line(input: &Input<'_>, start: usize) -> bool {
    let least = input.floor.max(start.saturating_sub(48)).min(start);
    let before = &input.bytes[least..start];
    let line = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(before, |at| &before[at + 1..]);
    let cut = line.len() == before.len() && least > 0;
    let trimmed = line.trim_ascii();
    if !cut
        && trimmed
            .iter()
            .all(|&byte| matches!(byte, b'-' | b'+' | b'#' | b'/' | b'*' | b'$' | b'>'))
    {
        return true;
    }
    [
        b"export".as_slice(),
        b"ENV",
        b"set",
        b"-e",
        b"--env",
        b"env",
        b"declare",
        b"ARG",
        b"setx",
        b"\\n",
        b"\\nexport",
    ]
    .iter()
    .any(|word| trimmed.ends_with(word))
}

/// Decides over a value and finds its end.
fn judge(
    input: &Input<'_>,
    start: usize,
    end: usize,
    at: usize,
    form: Form,
    strength: name::Strength,
) -> Found {
    let bytes = input.bytes;
    // A token that gives itself away keeps its own name.
    match anchor::find(input, at) {
        Found::None => {}
        found => return found,
    }
    let (limit, ended) = match form.quote {
        Some(quote) => quote.end(bytes, at, JUDGED, input.complete),
        None => {
            let limit = plain_end(bytes, at, form.stop, JUDGED);
            (
                limit,
                limit < bytes.len().min(at + JUDGED) && plain_closed(bytes, limit, input.complete),
            )
        }
    };
    if !ended && !input.complete && bytes.len() - at < JUDGED + 8 {
        return Found::More(at);
    }
    let value_end = if form.quote.is_none() {
        trim_plain(bytes, at, limit)
    } else {
        limit
    };
    let value = &bytes[at..value_end];
    if !value::is_secret(value, strength, form) {
        return Found::None;
    }
    let kind = kind_of(&bytes[start..end], strength);
    if input.rules.is_off(kind) {
        return Found::None;
    }
    let tail = match form.quote {
        Some(quote) => Tail::Quoted(quote),
        None => Tail::Plain(form.stop),
    };
    let done = advance(tail, bytes, at, input.complete);
    Found::Hit(Hit {
        start: at,
        end: done.to,
        kind,
        tail: done.open.then_some(tail),
    })
}

/// The kind that a name's provider or its class gives.
fn kind_of(name: &[u8], strength: name::Strength) -> u16 {
    if !matches!(strength, name::Strength::Password) {
        let mut low = [0u8; 64];
        let mut length = 0;
        for byte in name
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .take(64)
        {
            low[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        let low = &low[..length];
        if let Some(at) = PROVIDERS.iter().position(|(parts, _)| {
            parts
                .iter()
                .any(|part| crate::shape::contains(low, part.as_bytes()))
        }) {
            return anchor::provider(at);
        }
    }
    strength.kind()
}

/// The end of a value without quotes.
pub(crate) fn plain_end(bytes: &[u8], from: usize, stop: Stop, limit: usize) -> usize {
    let last = bytes.len().min(from.saturating_add(limit));
    let mut at = from;
    while at < last {
        let ends = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | 0x1b | 0 => true,
            b'\\' => match stop {
                Stop::Word => matches!(
                    bytes.get(at + 1),
                    None | Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')
                ),
                _ => true,
            },
            b',' | b';' | b')' | b']' | b'}' | b'>' | b'|' => !matches!(stop, Stop::Word),
            b'&' | b'#' => matches!(stop, Stop::Query | Stop::Percent),
            b'%' => matches!(stop, Stop::Percent) && percent_ends(&bytes[at..]),
            _ => false,
        };
        if ends {
            break;
        }
        at += 1;
    }
    crate::count::steps(at - from + 1);
    // A limit may fall into a character.
    while at > from && at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}

/// Whether a value really ends at `end`: not where a separator may just be cut.
pub(crate) fn plain_closed(bytes: &[u8], end: usize, complete: bool) -> bool {
    complete
        || (end < bytes.len() && (bytes.len() - end >= 3 || !matches!(bytes[end], b'%' | b'\\')))
}

/// `%26`, `%22`, `%2C`, `%20`, `%0A`, `%7D`, or the beginning of one.
fn percent_ends(rest: &[u8]) -> bool {
    match rest {
        [b'%', b'2', digit, ..] => matches!(digit, b'6' | b'2' | b'C' | b'c' | b'0' | b'7'),
        [b'%', b'0' | b'7', ..] => true,
        [_, _, _, ..] => false,
        _ => true,
    }
}

/// Punctuation after a value belongs to the sentence or the list.
pub(crate) fn trim_plain(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && matches!(bytes[end - 1], b'.' | b',' | b';' | b':' | b'?') {
        end -= 1;
    }
    end
}
