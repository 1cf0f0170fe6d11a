//! Private keys in armour: everything between the BEGIN and the END line.
//!
//! The body is followed line by line, so that a key may come in pieces: over several records of one source,
//! or in a stream, where what is surely part of it is masked as it arrives. A text that does not look like
//! armour ends a key that was cut.

use crate::anchor::structural;
use crate::class::{BASE64, run_end};
use crate::scan::{Advance, Found, Hit, Input, Tail, advance as follow};

const PRIVATE: u16 = structural("private-key");
const PGP: u16 = structural("pgp-private-key");
const PUTTY: u16 = structural("putty-private-key");
/// Shorter runs are taken for a body only where they are a whole line.
const BODY: usize = 16;

/// Where in a key a text ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pem {
    /// Some of the body was seen: what separates lines belongs to it.
    started: bool,
    /// In the middle of a long run.
    inside: bool,
    /// The last bytes ended a line, or nothing was seen yet.
    fresh: bool,
}

impl Pem {
    /// At the beginning of another text, which begins a line.
    pub(crate) fn next_text(self) -> Self {
        Self {
            inside: false,
            fresh: true,
            ..self
        }
    }
}

/// A BEGIN line at `at`, where two dashes stand.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let rest = &input.bytes[at..];
    for head in [b"-----BEGIN ".as_slice(), b"---- BEGIN "] {
        if rest.len() < head.len() {
            if !input.complete && head.starts_with(rest) {
                return Found::More(at);
            }
            continue;
        }
        if !rest.starts_with(head) {
            continue;
        }
        let window = &rest[head.len()..rest.len().min(head.len() + 64)];
        crate::count::steps(window.len());
        let Some(dashes) = window.windows(4).position(|part| part == b"----") else {
            let labelled = window.iter().all(|&byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
            });
            return if !input.complete && window.len() < 64 && labelled {
                Found::More(at)
            } else {
                Found::None
            };
        };
        let label = &window[..dashes];
        if !crate::shape::contains(label, b"PRIVATE KEY") {
            return Found::None;
        }
        let kind = if label.starts_with(b"PGP") {
            PGP
        } else {
            PRIVATE
        };
        let mut body = at + head.len() + dashes;
        let stop = body + 5;
        while body < input.bytes.len() && body < stop && input.bytes[body] == b'-' {
            body += 1;
        }
        if body == input.bytes.len() && body < stop && !input.complete {
            return Found::More(at);
        }
        return begin(input, body, kind);
    }
    crate::header::long_flag(input, at)
}

/// `Private-Lines: N` of PuTTY's format, whose last word's end is `end`.
pub(crate) fn putty(input: &Input<'_>, end: usize) -> Found {
    let rest = &input.bytes[end..];
    let head = b"-Lines: ";
    if rest.len() < head.len() + 4
        && !input.complete
        && head.starts_with(&rest[..rest.len().min(head.len())])
    {
        return Found::More(end);
    }
    if !rest.starts_with(head) {
        return Found::None;
    }
    let digits = rest[head.len()..]
        .iter()
        .take(3)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    begin(input, end + head.len() + digits, PUTTY)
}

fn begin(input: &Input<'_>, body: usize, kind: u16) -> Found {
    if input.rules.is_off(kind) {
        return Found::None;
    }
    let tail = Tail::Pem(Pem {
        fresh: true,
        ..Pem::default()
    });
    let done = follow(tail, input.bytes, body, input.complete);
    Found::Hit(Hit {
        start: done.from,
        end: done.to,
        kind,
        tail: done.open.then_some(done.tail),
    })
}

/// Follows a body from `at` on. It stays open at the end of a complete text, too: the next record may go on.
pub(crate) fn advance(state: Pem, bytes: &[u8], at: usize, complete: bool) -> Advance {
    let Pem {
        mut started,
        mut inside,
        mut fresh,
    } = state;
    let mut from = at;
    let mut to = at;
    let mut here = at;
    let open = loop {
        if inside {
            here = run_end(bytes, here, BASE64, usize::MAX);
            to = here;
            fresh = false;
            if here == bytes.len() {
                inside = !complete;
                break true;
            }
            inside = false;
        }
        match separators(bytes, here, fresh, complete) {
            Gap::More => break true,
            Gap::Closed => break false,
            Gap::To(next) => here = next,
        }
        let rest = &bytes[here..];
        if rest.is_empty() {
            // What separates lines is judged again together with what follows.
            break true;
        }
        if rest[0] == b'-' {
            break !complete && rest.len() < 4 && rest.iter().all(|&byte| byte == b'-');
        }
        let end = run_end(bytes, here, BASE64, usize::MAX);
        let line_end = if end - here >= BODY {
            inside = true;
            here
        } else {
            match short_line(bytes, here, end, complete) {
                Gap::More => break true,
                Gap::Closed => break false,
                Gap::To(line_end) => line_end,
            }
        };
        if !started {
            from = here;
            started = true;
        }
        here = line_end;
        to = line_end;
        fresh = false;
    };
    let state = Pem {
        started,
        inside,
        fresh: fresh || complete,
    };
    Advance {
        from: from.min(to),
        to,
        open,
        tail: Tail::Pem(state),
    }
}

enum Gap {
    To(usize),
    Closed,
    More,
}

/// Passes line ends, indentation and the quotes of source and JSON around lines.
fn separators(bytes: &[u8], from: usize, fresh: bool, complete: bool) -> Gap {
    let mut at = from;
    let mut line_began = fresh;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' => line_began = true,
            b' ' | b'\t' | b'>' | b'|' | b'+' if at - from < 200 => {}
            b'\\' => match bytes.get(at + 1) {
                Some(b'n' | b'r' | b't') => {
                    line_began = true;
                    at += 1;
                }
                Some(b'\\' | b'\n' | b'\r' | b'"') => {}
                None if !complete => return Gap::More,
                _ => return Gap::Closed,
            },
            b'"' | b'\'' | b',' => {
                let rest = &bytes[at + 1..bytes.len().min(at + 17)];
                let gap = rest
                    .iter()
                    .take_while(|&&byte| matches!(byte, b' ' | b',' | b'+' | b'"' | b'\'' | b'\\'))
                    .count();
                match rest.get(gap) {
                    _ if line_began => {}
                    Some(b'\n' | b'\r') => {}
                    None if !complete && gap == rest.len() && rest.len() < 16 => return Gap::More,
                    _ => return Gap::Closed,
                }
            }
            byte if BASE64.has(byte) || byte == b'-' => break,
            _ => return Gap::Closed,
        }
        at += 1;
    }
    crate::count::steps(at - from + 1);
    Gap::To(at)
}

/// A run too short to be taken for a body by itself: the last line, or a header such as `DEK-Info: …`.
fn short_line(bytes: &[u8], start: usize, end: usize, complete: bool) -> Gap {
    let rest = &bytes[end..];
    match rest.first() {
        None if complete => return Gap::To(end),
        None => return Gap::More,
        Some(b'\n' | b'\r' | b'"' | b'\'') => return Gap::To(end),
        Some(b'\\') => {
            return match rest.get(1) {
                Some(b'n' | b'r' | b'"') => Gap::To(end),
                None if !complete => Gap::More,
                _ => Gap::Closed,
            };
        }
        _ => {}
    }
    const HEADERS: [&[u8]; 6] = [
        b"Proc-Type",
        b"DEK-Info",
        b"Version",
        b"Comment",
        b"Hash",
        b"Charset",
    ];
    let line = &bytes[start..bytes.len().min(start + 120)];
    for name in HEADERS {
        if line.len() < name.len() + 1 {
            if !complete && name.starts_with(line) {
                return Gap::More;
            }
            continue;
        }
        if line.starts_with(name) && line[name.len()] == b':' {
            let stop = line
                .iter()
                .position(|&byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"'));
            crate::count::steps(line.len());
            return match stop {
                Some(stop) => Gap::To(start + stop),
                None if !complete && line.len() < 120 => Gap::More,
                None => Gap::To(start + line.len()),
            };
        }
    }
    Gap::Closed
}

/// Masks what looks like a body in a text that begins inside a key but has something else around it,
/// such as the prefix of a log line. Returns whether the key ended.
pub(crate) fn interleaved(bytes: &[u8], mut note: impl FnMut(usize, usize)) -> (bool, bool) {
    let mut at = 0;
    let mut any = false;
    while at < bytes.len() {
        if BASE64.has(bytes[at]) {
            let end = run_end(bytes, at, BASE64, usize::MAX);
            if end - at >= 40 {
                note(at, end);
                any = true;
            }
            at = end;
        } else if bytes[at..].starts_with(b"-----END ") {
            return (true, true);
        } else {
            at += 1;
        }
    }
    (false, any)
}
