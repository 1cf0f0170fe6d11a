//! Numbers written in groups: payment cards, US SSN, and the entry to phone numbers and national ids.

use super::context::{Context, alone};
use super::{card, identifier, ip, national, phone};
use crate::anchor::structural;
use crate::class::{ALNUM, DIGIT, WORD};
use crate::scan::{Found, Hit, Input};
use crate::word::Word;

const SSN: u16 = structural("us-ssn");
/// Fewer digits are no number that says anything.
pub(crate) const SHORTEST: usize = 7;
const MOST_GROUPS: usize = 8;
const MOST_DIGITS: usize = 24;

/// What separates two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    None,
    Blank,
    Dash,
    Dot,
    Slash,
    /// Parentheses, possibly with a blank.
    Bracket,
}

/// Digits in groups.
#[derive(Debug)]
pub(crate) struct Groups {
    digits: [u8; MOST_DIGITS],
    /// Digits up to and including each group.
    counts: [u8; MOST_GROUPS],
    ends: [usize; MOST_GROUPS],
    /// What stands before each group.
    before: [Group; MOST_GROUPS],
    groups: usize,
    /// A letter, or another number, follows the last digit directly.
    pub(crate) joined: bool,
}

impl Groups {
    pub(crate) fn len(&self) -> usize {
        self.groups
    }

    /// Digits in the first `groups` groups.
    pub(crate) fn digit_count(&self, groups: usize) -> u8 {
        groups.checked_sub(1).map_or(0, |at| self.counts[at])
    }

    /// The first `count` digits, fewer if there are fewer.
    pub(crate) fn digits(&self, count: usize) -> &[u8] {
        &self.digits[..count.min(usize::from(self.digit_count(self.groups)))]
    }

    pub(crate) fn all(&self) -> &[u8] {
        self.digits(MOST_DIGITS)
    }

    /// Where the first `groups` groups end.
    pub(crate) fn end(&self, groups: usize) -> usize {
        self.ends[groups.min(self.groups) - 1]
    }

    pub(crate) fn lengths(&self) -> impl Iterator<Item = u8> + '_ {
        (0..self.groups)
            .map(|at| self.counts[at] - at.checked_sub(1).map_or(0, |at| self.counts[at]))
    }

    pub(crate) fn separated_by(&self, with: &[Group]) -> bool {
        self.groups > 1
            && self.before[1..self.groups]
                .iter()
                .all(|separator| with.contains(separator))
    }

    /// The same one of `with` separates the first `groups` groups, at least two.
    pub(crate) fn joined_alike(&self, groups: usize, with: &[Group]) -> bool {
        let between = &self.before[1..groups];
        between.windows(2).all(|pair| pair[0] == pair[1]) && with.contains(&between[0])
    }

    /// `(415) …`: the first group stands in parentheses.
    pub(crate) fn closes_first(&self) -> bool {
        self.groups > 1 && self.before[1] == Group::Bracket
    }

    /// The groups' lengths, then zeros.
    pub(crate) fn shape(&self) -> [u8; MOST_GROUPS] {
        let mut shape = [0; MOST_GROUPS];
        for (to, length) in shape.iter_mut().zip(self.lengths()) {
            *to = length;
        }
        shape
    }
}

/// The groups that begin at `at`; none where more of the text is needed.
#[inline(never)]
pub(crate) fn groups(bytes: &[u8], at: usize, complete: bool) -> Option<Groups> {
    let mut found = Groups {
        digits: [0; MOST_DIGITS],
        counts: [0; MOST_GROUPS],
        ends: [0; MOST_GROUPS],
        before: [Group::None; MOST_GROUPS],
        groups: 0,
        joined: false,
    };
    let mut here = at;
    let mut count = 0usize;
    let mut before = Group::None;
    if bytes[here] == b'+' {
        here += 1;
    }
    if bytes.get(here) == Some(&b'(') {
        here += 1;
    }
    loop {
        let from = here;
        let start = count;
        while here < bytes.len() && DIGIT.has(bytes[here]) {
            if count == MOST_DIGITS {
                found.joined = true;
                break;
            }
            found.digits[count] = bytes[here] - b'0';
            count += 1;
            here += 1;
        }
        crate::count::steps(here - from + 1);
        if here == bytes.len() && !complete {
            return None;
        }
        let letter = bytes.get(here).is_some_and(|&byte| WORD.has(byte));
        if letter || found.joined {
            // The last group belongs to a longer word.
            found.joined = found.groups == 0;
            return Some(found);
        }
        if count > start {
            found.counts[found.groups] = count as u8;
            found.ends[found.groups] = here;
            found.before[found.groups] = before;
            found.groups += 1;
        }
        if found.groups == MOST_GROUPS {
            return Some(found);
        }
        let rest = &bytes[here..];
        let (separator, length) = match rest {
            [b')', b' ' | b'-', ..] | [b' ', b'(', ..] => (Group::Bracket, 2),
            [b')' | b'(', ..] => (Group::Bracket, 1),
            [b' ', ..] => (Group::Blank, 1),
            [b'-', ..] => (Group::Dash, 1),
            [b'.', ..] => (Group::Dot, 1),
            [b'/', ..] => (Group::Slash, 1),
            _ => return Some(found),
        };
        match rest.get(length) {
            Some(&byte) if DIGIT.has(byte) => {}
            None if !complete => return None,
            _ => return Some(found),
        }
        before = separator;
        here += length;
    }
}

/// Whether a number or an id may begin with the word in `at..end`.
#[inline(always)]
pub(crate) fn may_begin(bytes: &[u8], at: usize, end: usize) -> bool {
    end - at >= SHORTEST || may_go_on(bytes, end)
}

/// What the number that begins with `word` is.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, word: Word) -> Found {
    let (bytes, end) = (input.bytes, word.end);
    let length = end - at;
    if !input.lets(may_begin(bytes, at, end)) || joined(input, at) {
        return Found::None;
    }
    if length <= 3 && bytes.get(end) == Some(&b'.') {
        match ip::find_v4(input, at) {
            Found::None => {}
            found => return found,
        }
    }
    if word.digits < length || !input.lets(length >= SHORTEST || digit_follows(bytes, end)) {
        return identifier::find(input, at, word);
    }
    let Some(found) = groups(bytes, at, input.complete) else {
        return Found::More(at);
    };
    let total = found.digit_count(found.len());
    if found.joined || usize::from(total) < SHORTEST {
        return identifier::find(input, at, word);
    }
    match grouped(input, at, &found) {
        Grouped::Found(found) => found,
        Grouped::Counts => Found::None,
        // A letter right after the separator that ended the groups may belong to an id, as in `131052-308T`.
        Grouped::None => identifier::find(input, at, word),
    }
}

enum Grouped {
    None,
    /// It counts something, and is nothing else.
    Counts,
    Found(Found),
}

/// What enough digits in groups are.
#[inline(never)]
fn grouped(input: &Input<'_>, at: usize, found: &Groups) -> Grouped {
    let hit = |(end, kind)| {
        Grouped::Found(Found::Hit(Hit {
            start: at,
            end,
            kind,
            tail: None,
        }))
    };
    let near = Context::new(input, at, found.end(found.len()));
    if let Some(one) = card::find(input, &near, at, found).or_else(|| ssn(input, &near, found)) {
        return hit(one);
    }
    if counts_something(input, at) {
        return Grouped::Counts;
    }
    if let Some(one) = phone::national(input, &near, at, found) {
        return hit(one);
    }
    match national::grouped(input, &near, at, found) {
        Found::None => Grouped::None,
        found => Grouped::Found(found),
    }
}

/// Whether another group of digits, or the second half of an id, may follow a short word that ends at `end`.
#[inline]
pub(crate) fn may_go_on(bytes: &[u8], end: usize) -> bool {
    matches!(
        bytes.get(end),
        Some(b' ' | b'-' | b'.' | b'/' | b')' | b'(' | b'+') | None
    ) && bytes
        .get(end + 1)
        .is_none_or(|&byte| ALNUM.has(byte) || matches!(byte, b' ' | b'-' | b'('))
}

/// Whether a digit, or the end of what is there, comes one or two bytes behind `end`.
fn digit_follows(bytes: &[u8], end: usize) -> bool {
    let digit = |at: usize| bytes.get(at).is_none_or(|&byte| DIGIT.has(byte));
    digit(end + 1) || digit(end + 2)
}

/// Whether the number is the rest of a longer one, of a version, of a name.
fn joined(input: &Input<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1).filter(|&at| at >= input.floor) else {
        return false;
    };
    let further = input.before(before);
    match input.bytes[before] {
        b'.' | b'-' | b',' | b'/' | b'+' => further.is_some_and(|byte| ALNUM.has(byte)),
        b':' => further.is_some_and(|byte| DIGIT.has(byte)),
        b'#' | b'$' | b'~' => true,
        _ => false,
    }
}

/// A counter, a size, a time: numbers that only look like something else.
pub(super) fn counts_something(input: &Input<'_>, at: usize) -> bool {
    let from = input.floor.max(at.saturating_sub(20)).min(at);
    let before = &input.bytes[from..at];
    let spaced = before.ends_with(b" ");
    let mut end = before.len();
    while end > 0
        && (matches!(before[end - 1], b'=' | b':' | b'"' | b'\'')
            || (spaced && before[end - 1] == b' '))
    {
        end -= 1;
    }
    let name = &before[..end];
    let words: &[&[u8]] = match name.last().map(u8::to_ascii_lowercase) {
        Some(b'c') => &[b"crc"],
        Some(b'd') => &[b"id"],
        Some(b'e') => &[b"size", b"time"],
        Some(b'g') => &[b"lag"],
        Some(b'h') => &[b"epoch", b"length"],
        Some(b'p') => &[b"stamp"],
        Some(b'q') => &[b"seq", b"req"],
        Some(b'r') => &[b"order"],
        Some(b's') => &[b"ts", b"bytes", b"rows"],
        Some(b't') => &[b"offset", b"count", b"port"],
        _ => return false,
    };
    words.iter().any(|word| {
        name.len() >= word.len() && name[name.len() - word.len()..].eq_ignore_ascii_case(word)
    })
}

/// Three, two and four digits of the ranges that are given out.
fn ssn(input: &Input<'_>, near: &Context<'_>, found: &Groups) -> Option<(usize, u16)> {
    let digits = found.digits(9);
    if digits.len() != 9 || input.rules.is_off(SSN) {
        return None;
    }
    let value = |part: &[u8]| {
        part.iter()
            .fold(0u32, |value, &digit| value * 10 + u32::from(digit))
    };
    let (area, group, serial) = (
        value(&digits[..3]),
        value(&digits[3..5]),
        value(&digits[5..]),
    );
    if matches!(area, 0 | 666 | 900..) || group == 0 || serial == 0 {
        return None;
    }
    let shape = found.shape();
    // A fourth group before a colon begins an address, which is not of this number.
    let behind = near.byte_behind();
    let ends = found.len() == 3 || (found.len() == 4 && behind == Some(b':'));
    let dashed = matches!(shape[..3], [3, 2, 4]) && ends && found.joined_alike(3, &[Group::Dash]);
    let announced = || {
        near.names(&[
            "ssn",
            "social security",
            "social-security",
            "social_security",
            "socialsecurity",
        ])
    };
    let loose = (found.len() == 1 || matches!(shape[..3], [3, 2, 4]))
        && found.digit_count(found.len().min(3)) == 9
        && announced();
    (dashed || loose).then(|| (found.end(if found.len() == 1 { 1 } else { 3 }), SSN))
}

/// Whether the number is the whole text.
pub(crate) fn is_alone(input: &Input<'_>, at: usize, found: &Groups) -> bool {
    alone(input, at, found.end(found.len()))
}
