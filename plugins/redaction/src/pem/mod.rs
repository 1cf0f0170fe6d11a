//! Private keys in armour: everything between the BEGIN and the END line.
//!
//! The body is followed line by line (`body`), so that a key may come in pieces: over several records of one
//! source, or in a stream, where what is surely part of it is masked as it arrives. Lines that each have
//! something around them, such as a JSON record or colours, are found behind it (`wrapped`).

mod body;
mod wrapped;

use crate::anchor::structural;
use crate::scan::{Found, Hit, Input, Tail, advance as follow};
use crate::shape::contains;

pub(crate) use body::advance;
pub(crate) use wrapped::Start;
use wrapped::Wrapper;

const PRIVATE: u16 = structural("private-key");
const PGP: u16 = structural("pgp-private-key");
const PUTTY: u16 = structural("putty-private-key");

/// How a BEGIN line begins, whatever stands for the blank behind it.
const HEADS: [&[u8]; 2] = [b"-----BEGIN", b"---- BEGIN"];
/// The longest label between `BEGIN` and the dashes.
const LABEL: usize = 72;

/// Whether a label is that of a secret key, however its words are separated.
fn is_private(label: &[u8]) -> bool {
    let at = label.windows(7).position(|part| part == b"PRIVATE");
    at.is_some_and(|at| contains(&label[at..], b"KEY")) || contains(label, b"OpenVPN Static key")
}

/// Where in a key a text ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pem {
    /// Some of the body was seen: what separates lines belongs to it.
    started: bool,
    /// In the middle of a long run.
    inside: bool,
    /// At the beginning of a text that began inside the key: what stands before its first line is no part of it.
    apart: bool,
    /// What stood around the last line in its text.
    wrapper: Option<Wrapper>,
}

impl Pem {
    /// At the beginning of another text, which may go on with the body.
    pub(crate) fn next_text(self) -> Self {
        Self {
            inside: false,
            apart: true,
            ..self
        }
    }

    /// See [`Self::next_text`].
    pub(crate) fn is_apart(self) -> bool {
        self.apart
    }

    /// Where the body goes on in a text that is apart. `next`: the text before had a line of it, or its beginning.
    pub(crate) fn start(self, bytes: &[u8], next: bool) -> Start {
        let least = if self.started { 1 } else { wrapped::SHORT };
        wrapped::start(bytes, self.wrapper, next.then_some(least))
    }

    /// At a line that has `wrapper` around it.
    pub(crate) fn at_line(wrapper: Option<Wrapper>) -> Self {
        Self {
            started: true,
            inside: true,
            apart: false,
            wrapper,
        }
    }
}

/// A BEGIN line at `at`, where two dashes stand.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let rest = &input.bytes[at..];
    for head in HEADS {
        if rest.len() < head.len() {
            if !input.complete && head.starts_with(rest) {
                return Found::More(at);
            }
            continue;
        }
        if !rest.starts_with(head) {
            continue;
        }
        let window = &rest[head.len()..rest.len().min(head.len() + LABEL)];
        crate::count::steps(window.len());
        let line = window.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let line = &window[..line.unwrap_or(window.len())];
        let Some(dashes) = line.windows(4).position(|part| part == b"----") else {
            return if !input.complete && line.len() == window.len() && line.len() < LABEL {
                Found::More(at)
            } else {
                Found::None
            };
        };
        let label = &line[..dashes];
        if !is_private(label) {
            return Found::None;
        }
        let kind = if contains(label, b"PGP") {
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
    let tail = Tail::Pem(Pem::default());
    let done = follow(tail, input.bytes, body, input.complete);
    Found::Hit(Hit {
        start: done.from,
        end: done.to,
        kind,
        tail: done.open.then_some(done.tail),
    })
}
