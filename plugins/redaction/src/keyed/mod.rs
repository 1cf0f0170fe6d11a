//! Secrets that only the name beside them gives away: `password=…`, `"api_key": "…"`, `--token …`.
//!
//! A word that ends like a telling name is classified; then a separator and a value are parsed in the many
//! forms of logs and source: assignment, JSON at any escape level, YAML, Python, Rust's debug form, shell,
//! query strings, percent-encoding, XML, tables, prose. What the value looks like decides at the end, more
//! strictly the weaker the name and the looser the form.

mod cursor;
mod markup;
mod plain;
mod separator;

use crate::anchor;
use crate::class::{NAME, URL64, WORD, run_end};
use crate::kinds::keyed::PROVIDERS;
use crate::name::{self, Strength};
use crate::scan::{Found, Hit, Input, Tail, advance, scan_inner};
use crate::shape::is_uuid;
use crate::value::{self, Form};

pub(crate) use cursor::ansi_sequence;
pub(crate) use plain::{Stop, plain_closed, plain_end, trim_plain};
use separator::{BARE, Parsed, separator};

/// A value is judged by this many bytes; what follows belongs to it.
pub(crate) const JUDGED: usize = 256;

/// Looks for a telling name that ends at `end`, and for its value.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    if !name::may_end_name(&input.bytes[at..end]) {
        return Found::None;
    }
    let start = name_start(input, at);
    let Some(strength) = name::classify(input, start, end) else {
        return Found::None;
    };
    let found = match separator(input, start, end) {
        Parsed::None => Found::None,
        Parsed::More(hold) => Found::More(hold),
        Parsed::Value { at, form } => judge(input, start, end, at, form, strength),
    };
    match found {
        // Nothing else looks at the tags between: from a secret in one of them on all is hidden.
        Found::Hit(hit) => Found::Hit(Hit {
            start: first_secret(input, end, hit.start).unwrap_or(hit.start),
            ..hit
        }),
        // If it is no value, a telephone number may begin with the bracket, and anything inside of a tag.
        Found::More(hold) => {
            let passed = &input.bytes[end..hold.max(end)];
            let bracket = passed.iter().position(|byte| matches!(byte, b'(' | b'<'));
            Found::More(bracket.map_or(hold, |at| end + at))
        }
        found => found,
    }
}

/// Where the first secret begins in the tags of `from..to`, between a name and its value.
fn first_secret(input: &Input<'_>, from: usize, to: usize) -> Option<usize> {
    let between = input.bytes.get(from..to).unwrap_or_default();
    if input.depth > 0 || !between.contains(&b'<') || !between.contains(&b' ') {
        return None;
    }
    let (found, _) = scan_inner(input, between);
    found.first().map(|first| from + first.start)
}

/// Whether a value can follow the word in `at..end` if that is a name, as far as two bytes tell.
pub(crate) fn may_follow(input: &Input<'_>, at: usize, end: usize) -> bool {
    let bytes = input.bytes;
    match bytes.get(end) {
        Some(b' ') => match bytes.get(end + 1) {
            // Running text: only `is`, `was`, the value of a flag, a type or a long token can follow.
            Some(byte) if WORD.has(*byte) => {
                matches!(byte, b'i' | b'I' | b'w' | b'W' | b's' | b'S')
                    || input.before(at).is_some_and(|byte| NAME.has(byte))
                    || may_be_bare(input, end + 1)
            }
            _ => true,
        },
        Some(b'.' | b'+' | b'?') => bytes.get(end + 1).is_none_or(|&byte| byte == b'='),
        Some(b',') => bytes
            .get(end + 1)
            .is_none_or(|byte| matches!(byte, b' ' | b'"' | b'\'')),
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
                | b'<'
                | b'>'
                | b'|'
                | b'('
                | b'#'
                | b'^'
                | b'*'
        ),
        None => !input.complete,
    }
}

/// Whether so much stands in one at `at` that it may be a value without anything that separates it.
fn may_be_bare(input: &Input<'_>, at: usize) -> bool {
    let end = run_end(input.bytes, at, URL64, BARE);
    end - at == BARE || (end == input.bytes.len() && !input.complete)
}

/// Where the name begins whose last word begins at `at`.
fn name_start(input: &Input<'_>, at: usize) -> usize {
    let known = input.floor.max(input.edge);
    let least = known.max(at.saturating_sub(64)).min(at);
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

/// Decides over a value and finds its end.
fn judge(
    input: &Input<'_>,
    start: usize,
    end: usize,
    at: usize,
    form: Form,
    strength: Strength,
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
    let name = &bytes[start..end];
    let mut strength = strength;
    if strength == Strength::Weak && name.to_ascii_lowercase().ends_with(b"key") {
        // `heroku_key`: of a provider it is one, whatever it looks like.
        if provider(name).is_some_and(|provider| provider.leads) {
            strength = Strength::Key;
        }
    }
    if strength == Strength::Weak && form.stop == Stop::Query && is_key(name, value) {
        strength = Strength::Key;
    }
    if !value::is_secret(value, strength, form) {
        return Found::None;
    }
    let kind = kind_of(name, strength);
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

/// `?key=` with a UUID: what addresses call a key opens something, where a key of data has a name of its own.
fn is_key(name: &[u8], value: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"key") && is_uuid(value)
}

/// The kind that a name's provider or its class gives.
fn kind_of(name: &[u8], strength: Strength) -> u16 {
    let provider = match strength {
        Strength::Password => None,
        _ => provider(name),
    };
    provider.map_or(strength.kind(), |provider| provider.kind)
}

/// A provider whose name is in the name of a value.
struct Provider {
    kind: u16,
    /// The name begins with it, and it is no short one that others contain.
    leads: bool,
}

fn provider(name: &[u8]) -> Option<Provider> {
    let mut low = [0u8; 64];
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let mut length = 0;
    for (to, byte) in low.iter_mut().zip(letters) {
        *to = byte.to_ascii_lowercase();
        length += 1;
    }
    let low = &low[..length];
    PROVIDERS.iter().enumerate().find_map(|(at, (parts, _))| {
        let part = parts
            .iter()
            .find(|part| crate::shape::contains(low, part.as_bytes()))?;
        Some(Provider {
            kind: anchor::provider(at),
            leads: part.len() >= 4 && low.starts_with(part.as_bytes()),
        })
    })
}
