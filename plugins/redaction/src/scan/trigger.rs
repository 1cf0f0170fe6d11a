//! Punctuation marks that a rule begins at, or that a word may hide behind.

use super::{Found, Hit, Input};
use crate::class::{HEX, NAME, WORD, run_end};
use crate::{header, keyed, pem, pii, url};

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
            [b':'] | [b':', b'/'] if !input.complete => Triggered::Found(Found::More(at + 1)),
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
        0x1b => ansi(input, at),
        _ => Triggered::Found(Found::None),
    }
}

/// A marker of an earlier redaction stays as it is.
fn marker(input: &Input<'_>, at: usize) -> Triggered {
    const HEAD: &[u8] = b"[redacted:";
    let rest = &input.bytes[at..];
    if rest.len() < HEAD.len() {
        let open = !input.complete && HEAD.starts_with(rest);
        return Triggered::Found(if open { Found::More(at) } else { Found::None });
    }
    if !rest.starts_with(HEAD) {
        return Triggered::Found(Found::None);
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

/// An escaped character in JSON or source: the word begins after it.
fn escape(input: &Input<'_>, at: usize) -> Triggered {
    match input.bytes.get(at + 1) {
        Some(b'n' | b't' | b'r') => Triggered::Skip(at + 2),
        Some(b'u') => match input.bytes.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(|&byte| HEX.has(byte)) => {
                let after = at + 6;
                if digits == b"001b" || digits == b"001B" {
                    ansi_end(input, after)
                } else {
                    Triggered::Skip(after)
                }
            }
            None if !input.complete => Triggered::Found(Found::More(at)),
            _ => Triggered::Found(Found::None),
        },
        Some(b'x') if input.bytes[at + 2..].starts_with(b"1b") => ansi_end(input, at + 4),
        None if !input.complete => Triggered::Found(Found::More(at)),
        _ => Triggered::Found(Found::None),
    }
}

fn ansi(input: &Input<'_>, at: usize) -> Triggered {
    ansi_end(input, at + 1)
}

/// Past a control sequence whose introducer ended at `at`.
fn ansi_end(input: &Input<'_>, at: usize) -> Triggered {
    match keyed::ansi_sequence(input.bytes, at) {
        Some(end) if end <= input.bytes.len() => Triggered::Skip(end),
        None if !input.complete && input.bytes.len() - at.min(input.bytes.len()) < 12 => {
            Triggered::Found(Found::More(at - 1))
        }
        _ => Triggered::Found(Found::None),
    }
}
