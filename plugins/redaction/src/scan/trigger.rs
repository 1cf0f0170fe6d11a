//! Punctuation marks that a rule begins at, or that a word may hide behind.

use super::{Found, Hit, Input, LONGEST_WORD};
use crate::class::{HEX, NAME, WORD, run_end};
use crate::{anchor, header, keyed, pem, pii, token, url};

pub(super) enum Triggered {
    Found(Found),
    /// Nothing here, and the next word begins at this position.
    Skip(usize),
}

/// The rules that can begin at a punctuation mark.
pub(super) fn trigger(input: &Input<'_>, at: usize) -> Triggered {
    let bytes = input.bytes;
    let rest = &bytes[at..];
    match bytes[at] {
        b'-' if rest.len() == 1 && !input.complete => Triggered::Found(Found::More(at)),
        b'-' if rest.len() >= 2 && rest[1] == b'-' => Triggered::Found(pem::find(input, at)),
        b'-' if !input.before(at).is_some_and(|byte| NAME.has(byte)) => {
            Triggered::Found(header::short_flag(input, at))
        }
        b':' => match rest {
            [b':', b'/', b'/', ..] => Triggered::Found(url::find(input, at)),
            [b':', b':', ..] if !input.before(at).is_some_and(|byte| WORD.has(byte)) => {
                Triggered::Found(pii::ip::find_v6(input, at))
            }
            [b':'] | [b':', b'/'] if !input.complete => {
                // An address may begin with two of them.
                let joined = input.before(at).is_some_and(|byte| WORD.has(byte));
                Triggered::Found(Found::More(at + usize::from(joined)))
            }
            _ => Triggered::Found(Found::None),
        },
        b'+' | b'(' => Triggered::Found(pii::phone::find(input, at)),
        b'[' => marker(input, at),
        b'\\' => escape(input, at),
        b'%' => match rest {
            [_, high, low, ..] if HEX.has(*high) && HEX.has(*low) => Triggered::Skip(at + 3),
            [_] | [_, _] if !input.complete => Triggered::Found(Found::More(at)),
            _ => Triggered::Found(Found::None),
        },
        b'#' => octal(input, at),
        0x1b => sequence(input, at, at + 1),
        // The second byte of U+009B, which introduces a control sequence.
        0x9b => colour(input, at + 1).unwrap_or(Triggered::Found(Found::None)),
        _ => Triggered::Found(Found::None),
    }
}

/// A marker of an earlier redaction stays as it is.
fn marker(input: &Input<'_>, at: usize) -> Triggered {
    const HEAD: &[u8] = b"[redacted:";
    let rest = &input.bytes[at..];
    if rest.len() < HEAD.len() && !input.complete && HEAD.starts_with(rest) {
        return Triggered::Found(Found::More(at));
    }
    if !rest.starts_with(HEAD) {
        return colour(input, at + 1).unwrap_or(Triggered::Found(Found::None));
    }
    let end = run_end(rest, HEAD.len(), crate::class::LOWNUM_DASH, 41);
    match rest.get(end) {
        // An empty match ends the context, as the secret that stood here did.
        Some(b']') => Triggered::Found(Found::Hit(Hit {
            start: at + end + 1,
            end: at + end + 1,
            kind: 0,
            tail: None,
        })),
        None if !input.complete => Triggered::Found(Found::More(at)),
        _ => Triggered::Found(Found::None),
    }
}

/// `[31m` and the like, whatever spells the escape before it: `\033`, `\e`, `#033`, `^[`.
fn colour(input: &Input<'_>, from: usize) -> Option<Triggered> {
    let rest = &input.bytes[from..];
    let codes = rest
        .iter()
        .take(24)
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'))
        .count();
    match rest.get(codes) {
        Some(b'm') if codes > 0 => Some(Triggered::Skip(from + codes + 1)),
        None if !input.complete && codes < 24 => Some(Triggered::Found(Found::More(from - 1))),
        _ => None,
    }
}

/// An escaped character in JSON or source: the word begins after it.
fn escape(input: &Input<'_>, at: usize) -> Triggered {
    let rest = &input.bytes[at + 1..];
    let short = |needed: usize| !input.complete && rest.len() < needed;
    match rest {
        [b'n' | b't' | b'r', ..] => Triggered::Skip(at + 2),
        [b'u', digits @ ..] => match digits.get(..4) {
            Some(b"001b" | b"001B") => sequence(input, at, at + 6),
            Some(digits) if digits.iter().all(|&byte| HEX.has(byte)) => Triggered::Skip(at + 6),
            None if !input.complete => Triggered::Found(Found::More(at)),
            _ => Triggered::Found(Found::None),
        },
        [b'x', b'1', b'b', ..] => sequence(input, at, at + 4),
        [b'x', high, low, ..] if HEX.has(*high) && HEX.has(*low) => hidden(input, at, at + 4),
        [b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', ..] => hidden(input, at, at + 4),
        [b'x' | b'0'..=b'3', ..] if short(3) => Triggered::Found(Found::More(at)),
        // In a path or a pattern these are letters of the word.
        [b'0' | b'a' | b'b' | b'e' | b'f' | b'v', ..] => hidden(input, at, at + 2),
        [] if !input.complete => Triggered::Found(Found::More(at)),
        _ => Triggered::Found(Found::None),
    }
}

/// A control character as the system logger writes it, `#011`: it may as well be part of a number.
fn octal(input: &Input<'_>, at: usize) -> Triggered {
    match &input.bytes[at + 1..] {
        [b'0', b'0'..=b'3', b'0'..=b'7', ..] => hidden(input, at, at + 4),
        [] | [b'0'] | [b'0', b'0'..=b'3'] if !input.complete => Triggered::Found(Found::More(at)),
        _ => Triggered::Found(Found::None),
    }
}

/// A token or a key that begins at `from`, behind what may be an escaped character at `at`.
fn hidden(input: &Input<'_>, at: usize, from: usize) -> Triggered {
    let input = Input {
        edge: from,
        ..*input
    };
    let end = run_end(input.bytes, from.min(input.bytes.len()), WORD, LONGEST_WORD);
    let mut found = anchor::find(&input, from);
    if matches!(found, Found::None) && end > from {
        found = token::find(&input, from, end);
    }
    if matches!(found, Found::None) && input.bytes[from..end] == *b"Private" {
        found = pem::putty(&input, end);
    }
    Triggered::Found(match found {
        // If it is none, a word begins before it.
        Found::More(_) => Found::More(at),
        found => found,
    })
}

/// Past a control sequence that begins at `at` and whose introducer ended at `from`.
fn sequence(input: &Input<'_>, at: usize, from: usize) -> Triggered {
    match keyed::ansi_sequence(input.bytes, from) {
        Some(end) if end <= input.bytes.len() => Triggered::Skip(end),
        None if !input.complete && input.bytes.len() - from.min(input.bytes.len()) < 24 => {
            Triggered::Found(Found::More(at))
        }
        _ => Triggered::Found(Found::None),
    }
}
