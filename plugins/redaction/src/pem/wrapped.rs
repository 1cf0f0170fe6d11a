//! Lines of a body that each have something around them: a JSON record a line, colours, line ends spelled out,
//! the prefix of a log.

use super::body::Gap;
use crate::class::{BASE64, DIGIT, LOWER, Set, UPPER, run_end as class_end};

/// So many bytes of something else may stand between two lines of a body.
const REACH: usize = 512;
/// Runs of so many bytes are lines of a body, whatever stands around them.
const LONG: usize = 32;
/// A run is judged by so many bytes.
const JUDGED: usize = 96;
/// A line of less is the last one.
pub(super) const SHORT: usize = 16;
/// What is longer around a line is not remembered.
const WRAPPER: usize = 1000;

/// The end of a run of base64 in which `+`, `/` and `=` may be written as addresses and JSON write them.
pub(super) fn run_end(bytes: &[u8], from: usize, limit: usize) -> usize {
    let stop = from.saturating_add(limit);
    let mut at = from;
    while at < stop {
        at = class_end(bytes, at, BASE64, stop - at);
        match escaped(&bytes[at..]) {
            Some(length) if at < stop => at += length,
            _ => break,
        }
    }
    at
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

/// What ends a body, or begins another.
const SIGNS: [&[u8]; 5] = [
    b"-----END",
    b"---- END",
    b"-----BEGIN",
    b"---- BEGIN",
    b"Private-MAC",
];
/// How many of them are ends.
const ENDS: usize = 2;

/// Where a body goes on behind what does not look like one: at a long run, or at the END line, before which its
/// last line stands.
pub(super) fn next(bytes: &[u8], from: usize, started: bool, complete: bool) -> Gap {
    let padded = started && from > 0 && bytes[from - 1] == b'=';
    let stop = bytes.len().min(from + REACH);
    let mut at = from;
    let (mut lines, mut named) = (false, false);
    while at < stop {
        let rest = &bytes[at..];
        match rest[0] {
            b'-' | b'P' => {
                if let Some(sign) = SIGNS.iter().position(|sign| rest.starts_with(sign)) {
                    let ends = sign < ENDS && started && !padded;
                    return if ends { Gap::To(at) } else { Gap::Closed };
                }
                if !complete && SIGNS.iter().any(|sign| sign.starts_with(rest)) {
                    return Gap::More;
                }
            }
            b'\n' => lines = true,
            b'"' => named |= rest.get(1) == Some(&b':'),
            _ => {}
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
        // The value of another field of the same record is none.
        if !padded && (lines || !named) && is_line(bytes, at, end) {
            return Gap::To(at);
        }
        at = end;
    }
    // In a log the next record may go on with it, however long this one is.
    if at < from + REACH || complete {
        Gap::More
    } else {
        Gap::Closed
    }
}

/// Whether a run is a line of a body by itself: long, of letters of both cases and digits, no path, and not
/// called a digest or a public key.
fn is_line(bytes: &[u8], from: usize, end: usize) -> bool {
    const OTHERS: [&[u8]; 7] = [
        b"sha256-",
        b"sha384-",
        b"sha512-",
        b"SHA256:",
        b"ssh-rsa ",
        b"ssh-ed25519 ",
        b"base64,",
    ];
    let run = &bytes[from..end];
    let has = |set: Set| run.iter().any(|&byte| set.has(byte));
    let slashes = || run.iter().filter(|&&byte| byte == b'/').count();
    run.len() >= LONG
        && has(LOWER)
        && has(UPPER)
        && has(DIGIT)
        && slashes() * 8 <= run.len()
        && !OTHERS.iter().any(|other| bytes[..from].ends_with(other))
}

/// What stands around a line of a body in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapper {
    before: u32,
    after: u32,
}

impl Wrapper {
    fn of(before: Around, after: &[u8]) -> Option<Self> {
        let mut behind = Around::default();
        behind.pass(after);
        let fits = before.length + after.len() <= WRAPPER;
        fits.then_some(Self {
            before: before.hash,
            after: behind.hash,
        })
    }
}

/// A hash (FNV-1a) in which any number is the same: a time goes on, and may lose its last digits.
#[derive(Clone, Copy, Default)]
struct Around {
    hash: u32,
    digit: bool,
    length: usize,
}

impl Around {
    fn pass(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        if self.length > WRAPPER {
            return;
        }
        crate::count::steps(bytes.len());
        for &byte in bytes {
            let digit = DIGIT.has(byte);
            if !(digit && self.digit) {
                let byte = if digit { b'0' } else { byte };
                self.hash = (self.hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
            self.digit = digit;
        }
    }
}

/// Where a key goes on in a record that begins inside it.
pub(crate) enum Start {
    /// With a line.
    At {
        line: usize,
        wrapper: Option<Wrapper>,
        /// It is the last one.
        last: bool,
    },
    /// Not in this one.
    Nowhere,
    /// The END line, or the beginning of something else.
    Ended,
}

/// Looks for the first line of a body in a record. A short one is known by what stands around it, which is
/// `known`, or because it is all there is and the record before belongs to the key: then it has at least `alone`
/// bytes. The rest of a line that the text before was cut in is the first line of this one.
pub(crate) fn start(bytes: &[u8], known: Option<Wrapper>, alone: Option<usize>) -> Start {
    let mut around = Around::default();
    let all = bytes.trim_ascii().len();
    crate::count::steps(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if SIGNS.iter().any(|sign| rest.starts_with(sign)) {
            return Start::Ended;
        }
        let end = run_end(bytes, at, usize::MAX);
        if end == at {
            around.pass(&bytes[at..=at]);
            at += 1;
            continue;
        }
        let wrapper = || Wrapper::of(around, &bytes[end..]);
        let padded = bytes[end - 1] == b'=';
        if is_line(bytes, at, end) {
            return Start::At {
                line: at,
                wrapper: wrapper(),
                last: padded,
            };
        }
        let cut = at == 0 && end >= SHORT && matches!(bytes.get(end), Some(b'\n' | b'\r'));
        let length = end - at;
        let alone = alone.is_some_and(|least| (cut || all == length) && length >= least);
        let placed = known.is_some_and(|known| known.before == around.hash);
        if alone || (placed && wrapper() == known) {
            return Start::At {
                line: at,
                wrapper: wrapper(),
                last: padded || end - at < SHORT,
            };
        }
        around.pass(&bytes[at..end]);
        at = end;
    }
    Start::Nowhere
}
