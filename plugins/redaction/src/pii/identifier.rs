//! Entry to ids of letters and digits: IBAN, ids of countries, and values that a word announces.

use super::{announced, iban, ids};
use crate::class::{ALNUM, DIGIT, UPNUM};
use crate::scan::{Found, Input};

/// Whether an id may begin with a word of capitals that has no digit: one follows behind it.
pub(crate) fn may_begin(bytes: &[u8], at: usize, end: usize) -> bool {
    end - at <= 5
        && bytes[at].is_ascii_uppercase()
        && matches!(bytes.get(end), Some(b' ' | b'-'))
        && bytes.get(end + 1).is_none_or(|&byte| UPNUM.has(byte))
}

/// An id that begins with the word in `at..end`.
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    let may_begin = ids::may_begin(bytes, at, end)
        || iban::may_begin(bytes, at)
        || announced::may_begin(bytes, at, end);
    if !input.lets(may_begin) {
        return Found::None;
    }
    let joined = input
        .before(at)
        .is_some_and(|byte| matches!(byte, b'-' | b'.' | b'/' | b'+' | b'%' | b'#'));
    if joined && input.before(at - 1).is_some_and(|byte| ALNUM.has(byte)) {
        return Found::None;
    }
    match iban::find(input, at) {
        Found::None => {}
        found => return found,
    }
    match ids::find(input, at, end) {
        Found::None => {}
        found => return found,
    }
    if bytes[at..end].iter().any(|&byte| DIGIT.has(byte)) {
        return announced::find(input, at);
    }
    Found::None
}
