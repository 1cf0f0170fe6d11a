//! Lines of a body that each have something around them: a JSON record a line, colours, line ends spelled out,
//! the prefix of a log.

use std::ops::Range;

use super::body::Gap;
use crate::class::{BASE64, DIGIT, LOWER, Set, UPPER, run_end as class_end};

/// So many bytes of something else may stand between two lines of a body.
const REACH: usize = 512;
/// Runs of so many bytes are lines of a body, whatever stands around them.
const LONG: usize = 40;
/// A run is judged by so many bytes.
const JUDGED: usize = 96;
/// What is longer around a line is not remembered.
const WRAPPER: usize = 1000;

/// The end of a run of base64 in which `+`, `/` and `=` may be written as addresses and JSON write them.
pub(super) fn run_end(bytes: &[u8], from: usize, limit: usize) -> usize {
    let stop = from.saturating_add(limit);
    let mut at = from;
    loop {
        at = class_end(bytes, at, BASE64, stop - at);
        match escaped(&bytes[at..]) {
            Some(length) if at < stop => at += length,
            _ => return at,
        }
    }
}

/// The length of an escaped `+`, `/` or `=`.
fn escaped(rest: &[u8]) -> Option<usize> {
    let code = |code: &[u8]| {
        matches!(
            code,
            [b'2', b'b' | b'B' | b'f' | b'F', ..] | [b'3', b'd' | b'D', ..]
        )
    };
    match rest.first()? {
        b'%' => code(&rest[1..]).then_some(3),
        b'\\' => {
            let slashes = rest
                .iter()
                .take(8)
                .take_while(|&&byte| byte == b'\\')
                .count();
            match &rest[slashes..] {
                [b'/', ..] => Some(slashes + 1),
                [b'u', b'0', b'0', rest @ ..] if code(rest) => Some(slashes + 5),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether what is left may be the beginning of an escaped sign.
pub(super) fn is_cut(rest: &[u8]) -> bool {
    const FORMS: [&[u8]; 2] = [b"u002", b"u003"];
    match rest {
        [b'%'] | [b'%', b'2' | b'3'] => true,
        [b'\\', ..] if rest.len() < 13 => {
            let slashes = rest.iter().take_while(|&&byte| byte == b'\\').count();
            FORMS.iter().any(|form| form.starts_with(&rest[slashes..]))
        }
        _ => false,
    }
}

/// Where a body goes on behind what does not look like one: at a long run, or at the END line, before which its
/// last line stands.
pub(super) fn next(bytes: &[u8], from: usize, started: bool, complete: bool) -> Gap {
    const ENDS: [&[u8]; 2] = [b"-----END", b"---- END"];
    const OTHERS: [&[u8]; 3] = [b"-----BEGIN", b"---- BEGIN", b"Private-MAC"];
    let stop = bytes.len().min(from + REACH);
    let mut at = from;
    while at < stop {
        let rest = &bytes[at..];
        let is = |signs: &[&[u8]]| signs.iter().any(|sign| rest.starts_with(sign));
        if matches!(rest[0], b'-' | b'P') {
            if is(&OTHERS) || (is(&ENDS) && !started) {
                return Gap::Closed;
            }
            if is(&ENDS) {
                return Gap::To(at);
            }
            let mut signs = ENDS.iter().chain(&OTHERS);
            if !complete && signs.any(|sign| sign.starts_with(rest)) {
                return Gap::More;
            }
        }
        let end = run_end(bytes, at, JUDGED);
        if end == at {
            at += 1;
            crate::count::steps(1);
            continue;
        }
        if end - at < JUDGED && !complete && (end == bytes.len() || is_cut(&bytes[end..])) {
            return Gap::More;
        }
        if is_line(&bytes[at..end]) {
            return Gap::To(at);
        }
        at = end;
    }
    if at < from + REACH {
        Gap::More
    } else {
        Gap::Closed
    }
}

/// Whether a run is a line of a body by itself: long, of letters of both cases and digits, and no path.
fn is_line(run: &[u8]) -> bool {
    let has = |set: Set| run.iter().any(|&byte| set.has(byte));
    let slashes = run.iter().filter(|&&byte| byte == b'/').count();
    run.len() >= LONG && has(LOWER) && has(UPPER) && has(DIGIT) && slashes * 8 <= run.len()
}

/// What stands around a line of a body in its record. Digits are all one: a time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapper {
    /// Where the line begins.
    line: u16,
    hash: u32,
}

impl Wrapper {
    fn of(bytes: &[u8], line: Range<usize>) -> Option<Self> {
        let (before, after) = (&bytes[..line.start], &bytes[line.end..]);
        if before.len() + after.len() > WRAPPER {
            return None;
        }
        crate::count::steps(before.len() + after.len());
        // FNV-1a.
        let hash = before
            .iter()
            .chain(b"\0")
            .chain(after)
            .fold(0x811c_9dc5_u32, |hash, &byte| {
                let byte = if DIGIT.has(byte) { b'0' } else { byte };
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            });
        Some(Self {
            line: u16::try_from(line.start).ok()?,
            hash,
        })
    }
}

/// Where a key goes on in a record that begins inside it.
pub(crate) enum Start {
    /// With a line at this position, which has this around it.
    At(usize, Option<Wrapper>),
    /// Not in this one.
    Nowhere,
    /// The END line, or the beginning of something else.
    Ended,
}

/// Looks for the first line of a body in a record. A short one is known by what stands around it.
pub(crate) fn start(bytes: &[u8], known: Option<Wrapper>) -> Start {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"-----END ") || rest.starts_with(b"-----BEGIN ") {
            return Start::Ended;
        }
        let end = run_end(bytes, at, usize::MAX);
        if end - at >= LONG && is_line(&bytes[at..end]) {
            return Start::At(at, Wrapper::of(bytes, at..end));
        }
        let placed = known.is_some_and(|known| usize::from(known.line) == at);
        if end > at && placed && Wrapper::of(bytes, at..end) == known {
            return Start::At(at, None);
        }
        at = end.max(at + 1);
    }
    Start::Nowhere
}
