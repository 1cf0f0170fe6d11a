//! The lines of a body, one after another.

use super::{Pem, wrapped};
use crate::class::BASE64;
use crate::scan::{Advance, Tail};

/// Shorter runs are taken for a body only where they are a whole line.
const BODY: usize = 16;

/// Follows a body from `at` on. It stays open at the end of a complete text, too: the next record may go on.
pub(crate) fn advance(state: Pem, bytes: &[u8], at: usize, complete: bool) -> Advance {
    let Pem {
        mut started,
        mut inside,
        wrapper,
        ..
    } = state;
    let mut from = at;
    let mut to = at;
    let mut here = at;
    let open = loop {
        if inside {
            here = wrapped::run_end(bytes, here, usize::MAX);
            to = here;
            if here == bytes.len() || (!complete && wrapped::is_cut(&bytes[here..])) {
                inside = !complete;
                break true;
            }
            inside = false;
        }
        match line(bytes, here, started, complete) {
            Line::More => break true,
            Line::End => break false,
            Line::Strange => match wrapped::next(bytes, to, started, complete) {
                Gap::More => break true,
                Gap::Closed => break false,
                Gap::To(next) => {
                    // What stands between is hidden with it: nothing else looks at it.
                    if !started {
                        from = to;
                        started = true;
                    }
                    // A line may begin with an escaped sign.
                    inside = bytes[next] != b'-';
                    (here, to) = (next, next);
                    continue;
                }
            },
            Line::Long(start) => {
                inside = true;
                here = start;
            }
            Line::Short(start, end) => {
                here = start;
                to = end;
            }
        }
        if !started {
            from = here;
            started = true;
        }
        here = here.max(to);
    };
    let state = Pem {
        started,
        inside,
        apart: false,
        wrapper,
    };
    Advance {
        from: from.min(to),
        to,
        open,
        tail: Tail::Pem(state),
    }
}

pub(super) enum Gap {
    To(usize),
    Closed,
    More,
}

/// What stands at a place where a line may begin.
enum Line {
    /// At least [`BODY`] bytes of a body begin here.
    Long(usize),
    Short(usize, usize),
    /// The dashes of the END line.
    End,
    /// Nothing that a body has.
    Strange,
    More,
}

fn line(bytes: &[u8], from: usize, started: bool, complete: bool) -> Line {
    const SIGNS: [&[u8]; 3] = [b"-----END", b"---- END", b"-----BEGIN"];
    let (here, began) = match separators(bytes, from, complete) {
        Separators::More => return Line::More,
        Separators::Closed => return Line::Strange,
        Separators::To { next, began } => (next, began),
    };
    let rest = &bytes[here..];
    // What separates lines is judged again together with what follows.
    if rest.is_empty() {
        return Line::More;
    }
    if rest[0] == b'-' {
        return if SIGNS.iter().any(|sign| rest.starts_with(sign)) {
            Line::End
        } else if !complete && SIGNS.iter().any(|sign| sign.starts_with(rest)) {
            Line::More
        } else {
            Line::Strange
        };
    }
    let end = wrapped::run_end(bytes, here, usize::MAX);
    if end - here >= BODY {
        return Line::Long(here);
    }
    // The first line is a long one, unless it is a header.
    match short_line(bytes, here, end, complete, started && began) {
        Gap::More => Line::More,
        Gap::Closed => Line::Strange,
        Gap::To(end) => Line::Short(here, end),
    }
}

enum Separators {
    To {
        next: usize,
        /// A line begins there.
        began: bool,
    },
    Closed,
    More,
}

/// Passes line ends, indentation and the quotes of source and JSON around lines.
fn separators(bytes: &[u8], from: usize, complete: bool) -> Separators {
    let mut at = from;
    let mut began = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' => began = true,
            b' ' | b'\t' | b'>' | b'|' | b'+' if at - from < 200 => {}
            b'\\' => match bytes.get(at + 1) {
                Some(b'n' | b'r' | b't') => {
                    began = true;
                    at += 1;
                }
                Some(b'\\' | b'\n' | b'\r' | b'"') => {}
                None if !complete => return Separators::More,
                _ => return Separators::Closed,
            },
            b'"' | b'\'' | b',' => {
                let rest = &bytes[at + 1..bytes.len().min(at + 17)];
                let gap = rest
                    .iter()
                    .take_while(|&&byte| matches!(byte, b' ' | b',' | b'+' | b'"' | b'\'' | b'\\'))
                    .count();
                match rest.get(gap) {
                    _ if began => {}
                    Some(b'\n' | b'\r') => {}
                    None if !complete && gap == rest.len() && rest.len() < 16 => {
                        return Separators::More;
                    }
                    _ => return Separators::Closed,
                }
            }
            byte if BASE64.has(byte) || byte == b'-' => break,
            _ => return Separators::Closed,
        }
        at += 1;
    }
    crate::count::steps(at - from + 1);
    Separators::To { next: at, began }
}

/// A run too short to be taken for a body by itself: the last line, or a header such as `DEK-Info: …`.
fn short_line(bytes: &[u8], start: usize, end: usize, complete: bool, plain: bool) -> Gap {
    let rest = &bytes[end..];
    match rest.first() {
        Some(b'\n' | b'\r' | b'"' | b'\'' | b'\\') if !plain => return Gap::Closed,
        None if complete && !plain => return Gap::Closed,
        None if complete => return Gap::To(end),
        None => return Gap::More,
        Some(b'\n' | b'\r') => return Gap::To(end),
        // The name of a field ends no line.
        Some(b'"' | b'\'') => {
            return match rest.get(1) {
                Some(b':') => Gap::Closed,
                None if !complete => Gap::More,
                _ => Gap::To(end),
            };
        }
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
