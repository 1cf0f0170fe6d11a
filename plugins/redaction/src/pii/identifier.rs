//! Entry to ids of letters and digits: IBAN, ids of countries, and values that a word announces.

use super::{announced, iban, ids};
use crate::class::{ALNUM, UPNUM};
use crate::scan::{Found, Input};
use crate::word::Word;

/// Whether an id may begin with a word of capitals that has no digit: one follows behind it.
pub(crate) fn may_begin(bytes: &[u8], at: usize, end: usize) -> bool {
    end - at <= 5
        && bytes[at].is_ascii_uppercase()
        && matches!(bytes.get(end), Some(b' ' | b'-'))
        && bytes.get(end + 1).is_none_or(|&byte| UPNUM.has(byte))
}

/// An id that begins with `word`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, word: Word) -> Found {
    let bytes = input.bytes;
    let forms = ids::starting(input, at, word);
    let iban = input.lets(iban::may_begin(bytes, at));
    let announced = word.digits > 0 && input.lets(announced::may_begin(bytes, at, word));
    if forms == 0 && !iban && !announced {
        return Found::None;
    }
    let joined = input
        .before(at)
        .is_some_and(|byte| matches!(byte, b'-' | b'.' | b'/' | b'+' | b'%' | b'#'));
    if joined && input.before(at - 1).is_some_and(|byte| ALNUM.has(byte)) {
        return Found::None;
    }
    if iban {
        match iban::find(input, at) {
            Found::None => {}
            found => return found,
        }
    }
    match ids::find(input, at, forms) {
        Found::None if announced => announced::find(input, at),
        found => found,
    }
}
