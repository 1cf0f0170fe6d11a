//! Tokens that their structure gives away: JWT, base64 around another secret, ids joined by dots or colons.

use crate::anchor::structural;
use crate::class::{BASE64_ANY, DIGIT, HEX, URL64, URL64_DOT, URL64_DOT_EQ, run_end, trim_tail};
use crate::scan::{Found, Hit, Input, LAYERS, Tail, advance, scan_inner};
use crate::shape::{PROBE, all, contains, letters, mixed};

const JWT: u16 = structural("jwt");
const WRAPPED: u16 = structural("base64-secret");
const AZURE: u16 = structural("azure-client-secret");
const TERRAFORM: u16 = structural("terraform-token");
const TELEGRAM: u16 = structural("telegram-bot-token");
const DISCORD: u16 = structural("discord-bot-token");
const MAILCHIMP: u16 = structural("mailchimp-api-key");
const MAXMIND: u16 = structural("maxmind-license-key");
const NEW_RELIC: u16 = structural("new-relic-license-key");
/// How much of a base64 run is decoded.
const DECODED: usize = 1024;
/// Shorter runs hide nothing that a rule could find.
const SHORTEST: usize = 20;
/// What is decoded first, to see whether it is text.
pub(crate) const SHORTEST_RUN: usize = 12;

/// Whether something else than an inner part of a run can begin with a short word that a sign of such runs follows.
#[inline(always)]
pub(crate) fn may_be_joined(input: &Input<'_>, at: usize, end: usize) -> bool {
    !is_inside_run(input, at) || input.bytes[at] == b'e' || input.bytes[end] == b'~'
}

/// Whether base64 that goes on at `at` began before it.
#[inline(always)]
fn is_inside_run(input: &Input<'_>, at: usize) -> bool {
    at > input.floor
        && at != input.edge
        && BASE64_ANY.has(input.bytes[at - 1])
        && input.bytes[at - 1] != b'='
}

/// The structural rules at the word in `at..end`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    let word = &bytes[at..end];
    let next = bytes.get(end).copied();
    if word.starts_with(b"eyJ") {
        match jwt(input, at) {
            Found::None => {}
            found => return found,
        }
    }
    match (word.len(), next) {
        (14, Some(b'.')) if bytes[end..].starts_with(b".atlasv1.") => {
            return run(input, at, end + 9, URL64, 40, TERRAFORM, mixed);
        }
        (23..=28, Some(b'.' | b'-')) if matches!(word[0], b'M' | b'N' | b'O') => {
            return discord(input, at);
        }
        (14, Some(b'.')) | (_, Some(b'.')) if word.len() == 14 && input_short(input, end, 9) => {
            return Found::More(at);
        }
        (32, Some(b'-')) if all(word, HEX) => {
            let rest = &bytes[end..bytes.len().min(end + 5)];
            if rest.len() < 5 && !input.complete {
                return Found::More(at);
            }
            if rest.starts_with(b"-us") && rest.len() >= 4 && DIGIT.has(rest[3]) {
                return closed(input, at, run_end(bytes, end + 3, DIGIT, 3), MAILCHIMP);
            }
        }
        (40, _) if word.ends_with(b"_mmk") && word[6] == b'_' => {
            return closed(input, at, end, MAXMIND);
        }
        (40, _) if word.ends_with(b"NRAL") && mixed(word) => {
            return closed(input, at, end, NEW_RELIC);
        }
        (_, Some(b':')) if (8..=13).contains(&word.len()) && DIGIT.has(word[word.len() - 1]) => {
            let digits = if word.starts_with(b"bot") { 3 } else { 0 };
            if all(&word[digits..], DIGIT) && word.len() - digits <= 10 {
                return match run(input, end + 1, end + 1, URL64, 33, TELEGRAM, telegram) {
                    // If it is none, the id may be a number that another rule hides.
                    Found::More(_) => Found::More(at),
                    found => found,
                };
            }
        }
        (5.., Some(b'~')) | (3.., Some(b'~'))
            if word.len() <= 5 && word.ends_with(b"Q") && DIGIT.has(word[word.len() - 2]) =>
        {
            return run(input, at, end + 1, AZURE_BODY, 28, AZURE, letters);
        }
        _ => {}
    }
    wrapped(input, at)
}

const AZURE_BODY: crate::class::Set = crate::class::TOKEN68;

fn input_short(input: &Input<'_>, at: usize, needed: usize) -> bool {
    !input.complete
        && input.bytes.len() - at < needed
        && b".atlasv1.".starts_with(&input.bytes[at..])
}

fn telegram(body: &[u8]) -> bool {
    body.starts_with(b"AA") && letters(body)
}

fn closed(input: &Input<'_>, start: usize, end: usize, kind: u16) -> Found {
    if input.rules.is_off(kind) {
        Found::None
    } else {
        Found::Hit(Hit {
            start,
            end,
            kind,
            tail: None,
        })
    }
}

/// A run of `set` of at least `min` bytes from `body` on.
fn run(
    input: &Input<'_>,
    start: usize,
    body: usize,
    set: crate::class::Set,
    min: usize,
    kind: u16,
    check: fn(&[u8]) -> bool,
) -> Found {
    let bytes = input.bytes;
    let end = run_end(bytes, body, set, PROBE);
    let trimmed = trim_tail(bytes, body, end);
    if trimmed - body >= min && check(&bytes[body..trimmed]) {
        if input.rules.is_off(kind) {
            return Found::None;
        }
        let tail = Tail::Run(set);
        let done = advance(tail, bytes, body, input.complete);
        return Found::Hit(Hit {
            start,
            end: done.to,
            kind,
            tail: done.open.then_some(tail),
        });
    }
    if end == bytes.len() && !input.complete && end - body < PROBE {
        Found::More(start)
    } else {
        Found::None
    }
}

/// Three parts joined by dots, of which the first is the bot's id in base64.
fn discord(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let end = run_end(bytes, at, URL64_DOT, 100);
    if end == bytes.len() && !input.complete && end - at < 100 {
        return Found::More(at);
    }
    let end = trim_tail(bytes, at, end);
    let mut parts = bytes[at..end].split(|&byte| byte == b'.');
    let (Some(id), Some(time), Some(code), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Found::None;
    };
    let mut text = [0u8; 24];
    let length = decode(id, &mut text);
    if (5..=7).contains(&time.len())
        && code.len() >= 25
        && all(&text[..length], DIGIT)
        && length >= 16
    {
        return closed(input, at, end, DISCORD);
    }
    Found::None
}

/// A header that decodes to a JSON object with an algorithm, a dot, and a payload.
fn jwt(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let header = run_end(bytes, at, URL64, PROBE);
    let more = |hold| {
        if input.complete {
            Found::None
        } else {
            Found::More(hold)
        }
    };
    match bytes.get(header) {
        None => {
            return if header - at < PROBE {
                more(at)
            } else {
                Found::None
            };
        }
        Some(b'.') => {}
        Some(_) => return Found::None,
    }
    let mut text = [0u8; 400];
    let length = decode(&bytes[at..header], &mut text);
    let text = &text[..length];
    if ![b"\"alg\"".as_slice(), b"\"typ\"", b"\"enc\"", b"\"kid\""]
        .iter()
        .any(|claim| contains(text, claim))
    {
        return Found::None;
    }
    let payload = run_end(bytes, header + 1, URL64, 8);
    if payload - header <= 8 {
        return if payload == bytes.len() {
            more(at)
        } else {
            Found::None
        };
    }
    if input.rules.is_off(JWT) {
        return Found::None;
    }
    let tail = Tail::Run(URL64_DOT_EQ);
    let done = advance(tail, bytes, header + 1, input.complete);
    Found::Hit(Hit {
        start: at,
        end: done.to,
        kind: JWT,
        tail: done.open.then_some(tail),
    })
}

/// base64 of a text that holds a secret.
fn wrapped(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    if input.depth >= LAYERS || is_inside_run(input, at) {
        return Found::None;
    }
    if !input.lets(may_be_text(&bytes[at..])) {
        return Found::None;
    }
    let short = run_end(bytes, at, BASE64_ANY, SHORTEST_RUN);
    if short - at < SHORTEST_RUN {
        return if short == bytes.len() && !input.complete {
            Found::More(at)
        } else {
            Found::None
        };
    }
    let mut text = [0u8; DECODED];
    let length = decode(&bytes[at..short], &mut text);
    if length < 9 || !is_text(&text[..length]) {
        return Found::None;
    }
    let end = run_end(bytes, at, BASE64_ANY, DECODED);
    if end == bytes.len() && !input.complete && end - at < DECODED {
        return Found::More(at);
    }
    if end - at < SHORTEST || input.rules.is_off(WRAPPED) {
        return Found::None;
    }
    let length = decode(&bytes[at..end], &mut text);
    // What follows may be padding, half a character, or another token that a dash joined on.
    let readable = text[..length]
        .iter()
        .take_while(|&&byte| is_text(&[byte]))
        .count();
    if readable < SHORTEST * 3 / 4 || !holds_secret(input, &text[..readable]) {
        return Found::None;
    }
    let tail = Tail::Run(BASE64_ANY);
    let done = advance(tail, bytes, at, input.complete);
    Found::Hit(Hit {
        start: at,
        end: done.to,
        kind: WRAPPED,
        tail: done.open.then_some(tail),
    })
}

fn holds_secret(input: &Input<'_>, text: &[u8]) -> bool {
    const AUTHS: &[u8] = b"{\"auths\"";
    if text.starts_with(AUTHS) {
        return true;
    }
    let (found, open) = scan_inner(input, text);
    open || found
        .iter()
        .any(|found| !crate::pii::is_personal(found.kind))
}

/// Whether the first four bytes are base64 of three bytes of text, or are not all there.
fn may_be_text(bytes: &[u8]) -> bool {
    let Some(head) = bytes.get(..4) else {
        return true;
    };
    let bits = head.iter().fold(0u32, |bits, &byte| {
        bits << 6 | u32::from(VALUES[usize::from(byte)])
    });
    head.iter().any(|&byte| VALUES[usize::from(byte)] > 63) || is_text(&bits.to_be_bytes()[1..])
}

fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
}

/// What a byte stands for in base64 of either alphabet; 64 for the others.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut table = [64; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 64,
        };
        at += 1;
    }
    table
}

/// Decodes base64 of either alphabet until something else comes; returns the length. Unfit room is left alone.
pub(crate) fn decode(from: &[u8], to: &mut [u8]) -> usize {
    let mut bits = 0u32;
    let mut count = 0;
    let mut length = 0;
    for &byte in from {
        let value = VALUES[usize::from(byte)];
        if value > 63 {
            break;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            for shift in [16, 8, 0] {
                if let Some(slot) = to.get_mut(length) {
                    *slot = (bits >> shift) as u8;
                    length += 1;
                }
            }
            bits = 0;
            count = 0;
        }
    }
    for shift in (0..3).take(match count {
        2 => 1,
        3 => 2,
        _ => 0,
    }) {
        if let Some(slot) = to.get_mut(length) {
            *slot = (bits << (6 * (4 - count)) >> (16 - 8 * shift)) as u8;
            length += 1;
        }
    }
    crate::count::steps(from.len());
    length
}
