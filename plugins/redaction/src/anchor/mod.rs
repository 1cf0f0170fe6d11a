//! The multi-pattern pass: which rows can begin at a word.
//!
//! The first bytes of a word index tables that are computed at compile time, so that a rule set costs
//! nothing to instantiate and a word that begins no anchor costs one look-up.

mod table;
#[cfg(test)]
pub(crate) mod tests;

use crate::class::{BASE64, WORD, run_end};
use crate::scan::{Found, Hit, Input, Tail, advance};
use crate::shape::PROBE;
use table::{BUCKETS, CHAIN, HEADS, KIND_OF_ROW, ROWS, SYMBOLS, bucket};

pub(crate) use table::{kind_names, national, provider, structural};

/// Whether a token may begin at `at`: a glance at four bytes.
#[inline(always)]
pub(crate) fn may_begin(bytes: &[u8], at: usize) -> bool {
    match bytes[at..].first_chunk() {
        Some(&head) => table::may_begin(head),
        None => true,
    }
}

/// A token whose first bytes are an anchor, at a word's start.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    match input.bytes.get(at..at + 2) {
        Some(&[first, second]) => match BUCKETS[bucket(&SYMBOLS, first, second)] {
            0 => Found::None,
            first => find_in(input, at, first),
        },
        _ if input.complete => Found::None,
        _ => Found::More(at),
    }
}

/// The rows of one bucket, of which `next` is the first, plus one.
fn find_in(input: &Input<'_>, at: usize, mut next: u16) -> Found {
    let bytes = input.bytes;
    let there = match bytes.get(at..at + 4) {
        Some(&[first, second, third, fourth]) => {
            Some(u32::from_le_bytes([first, second, third, fourth]))
        }
        _ => None,
    };
    while next != 0 {
        let row = usize::from(next) - 1;
        crate::count::steps(1);
        let (head, mask) = HEADS[row];
        let fits = there.is_some_and(|there| there & mask == head);
        if !input.lets(fits || there.is_none()) {
            next = CHAIN[row];
            continue;
        }
        match try_row(input, at, row, fits) {
            Found::None => next = CHAIN[row],
            found => return found,
        }
    }
    Found::None
}

/// One row; `fits` says that the first four bytes are its anchor's.
fn try_row(input: &Input<'_>, at: usize, index: usize, fits: bool) -> Found {
    let row = &ROWS[index];
    let anchor = row.anchor.as_bytes();
    let bytes = input.bytes;
    crate::count::steps(anchor.len());
    let there = &bytes[at..bytes.len().min(at + anchor.len())];
    if there.len() < anchor.len() {
        let open = !input.complete && anchor.starts_with(there);
        return if open { Found::More(at) } else { Found::None };
    }
    let differs = !(fits && anchor.len() <= 4) && there != anchor;
    if differs || input.rules.is_off(KIND_OF_ROW[index]) {
        return Found::None;
    }
    // A weak anchor counts only where nothing is joined on before it.
    if row.max > 0
        && at > input.floor + 1
        && matches!(bytes[at - 1], b'-' | b'.' | b'/' | b'+')
        && WORD.has(bytes[at - 2])
    {
        return Found::None;
    }
    if anchor.len() <= 6 && is_plain(anchor) && inside_base64(input, at) {
        return Found::None;
    }
    let body = at + anchor.len();
    // Where its last needed byte is none of its set, it is too short.
    let last = bytes.get(body + usize::from(row.min) - 1);
    if !input.lets(last.is_none_or(|&byte| row.set.has(byte))) {
        return Found::None;
    }
    let limit = if row.max > 0 {
        usize::from(row.max) + 1
    } else {
        PROBE
    };
    let end = run_end(bytes, body, row.set, limit);
    let cut = end == bytes.len() && !input.complete && end - body < limit;
    let end = crate::class::trim_tail(bytes, body, end);
    let length = end - body;
    if row.max > 0 && cut && length <= usize::from(row.max) {
        return Found::More(at);
    }
    let fits = length >= usize::from(row.min) && (row.max == 0 || length <= usize::from(row.max));
    if fits && (row.check)(&bytes[body..end]) {
        let tail = Tail::Run(row.set);
        let done = advance(tail, bytes, body, input.complete);
        return Found::Hit(Hit {
            start: at,
            end: done.to,
            kind: KIND_OF_ROW[index],
            tail: done.open.then_some(tail),
        });
    }
    if cut { Found::More(at) } else { Found::None }
}

/// Letters and digits only: base64 has such by chance.
fn is_plain(anchor: &[u8]) -> bool {
    anchor.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether a word begins behind a sign of a long run of base64.
fn inside_base64(input: &Input<'_>, at: usize) -> bool {
    const LONG: usize = 40;
    if !matches!(input.before(at), Some(b'+' | b'/')) {
        return false;
    }
    let least = input.floor.max(at.saturating_sub(LONG)).min(at);
    let run = &input.bytes[least..at];
    crate::count::steps(run.len());
    run.len() == LONG && run.iter().all(|&byte| BASE64.has(byte))
}
