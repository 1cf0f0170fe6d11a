//! Which forms a word can begin, by its length and a look at some of its bytes and at those behind it.
//!
//! Every set of forms here may hold too many, never too few: [`super::form::fit`] decides.

use super::{COUNT, FORMS, form};

const LENGTHS: usize = form::MOST + 1;
/// By the length of a word and whether it begins with a digit.
static STARTS: [[u128; 2]; LENGTHS] = starts();
/// By the class of the second and of the last byte.
static SECOND: [u128; CLASSES] = by_part(Part::Second);
static LAST: [u128; CLASSES] = by_part(Part::Last);
/// By the class of each of the bytes behind the word.
static BEHIND: [[u128; CLASSES]; PLACES] = behind_it();
/// So many show nearly always that a number is no id.
const PLACES: usize = 6;

/// Classes of bytes: digits, letters, the signs that join parts, and the rest.
const CLASSES: usize = 7;
static CLASS: [u8; 256] = classes();
const DIGIT: usize = 0;
const LETTER: usize = 1;
const REST: usize = 6;

const fn class(byte: u8) -> usize {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'A'..=b'Z' | b'a'..=b'z' => LETTER,
        b' ' => 2,
        b'-' => 3,
        b'.' => 4,
        b'/' => 5,
        _ => REST,
    }
}

const fn classes() -> [u8; 256] {
    let (mut table, mut at) = ([0; 256], 0);
    while at < 256 {
        table[at] = class(at as u8) as u8;
        at += 1;
    }
    table
}

/// The classes that a sign of a form stands for, as bits.
const fn meant(sign: u8) -> u8 {
    match sign {
        b'A' => 1 << LETTER,
        b'9' => 1 << DIGIT,
        b'*' => 1 << LETTER | 1 << DIGIT,
        exact => 1 << class(exact),
    }
}

/// The forms that begin with a word as long as that in `at..end`, by its first byte.
pub(super) fn by_length(bytes: &[u8], at: usize, end: usize) -> u128 {
    let starts = STARTS.get(end - at);
    starts.map_or(0, |starts| starts[usize::from(bytes[at].is_ascii_digit())])
}

/// The forms that fit what stands in the word in `at..end` and behind it. Where nothing stands all do.
pub(super) fn by_signs(bytes: &[u8], at: usize, end: usize) -> u128 {
    let of = |table: &[u128; CLASSES], at: usize| {
        bytes.get(at).map_or(u128::MAX, |&byte| {
            table[usize::from(CLASS[usize::from(byte)])]
        })
    };
    let mut left = of(&LAST, end - 1);
    if end - at > 1 {
        left &= of(&SECOND, at + 1);
    }
    for (place, table) in BEHIND.iter().enumerate() {
        if left == 0 {
            break;
        }
        left &= of(table, end + place);
    }
    left
}

const fn starts() -> [[u128; 2]; LENGTHS] {
    let mut starts = [[0u128; 2]; LENGTHS];
    let mut at = 0;
    while at < COUNT {
        let form = FORMS[at].form.as_bytes();
        let (least, most) = form::first_part(form);
        let mut length = least;
        while length <= most {
            if form[0] != b'9' {
                starts[length][0] |= 1 << at;
            }
            if matches!(form[0], b'9' | b'*') {
                starts[length][1] |= 1 << at;
            }
            length += 1;
        }
        at += 1;
    }
    starts
}

/// A byte of a word, or one behind it.
#[derive(Clone, Copy)]
enum Part {
    Second,
    Last,
    Behind(usize),
}

const fn behind_it() -> [[u128; CLASSES]; PLACES] {
    let mut tables = [[0; CLASSES]; PLACES];
    let mut place = 0;
    while place < PLACES {
        tables[place] = by_part(Part::Behind(place));
        place += 1;
    }
    tables
}

const fn by_part(part: Part) -> [u128; CLASSES] {
    let mut table = [0; CLASSES];
    let mut at = 0;
    while at < COUNT {
        let meant = meant_by(FORMS[at].form.as_bytes(), part);
        let mut class = 0;
        while class < CLASSES {
            if meant >> class & 1 == 1 {
                table[class] |= 1 << at;
            }
            class += 1;
        }
        at += 1;
    }
    table
}

/// The classes that a form lets stand at a part, as bits.
const fn meant_by(form: &[u8], part: Part) -> u8 {
    let first_end = first_part_end(form);
    match part {
        // Where the first sign may be missing it is not the second byte.
        Part::Second => reachable(form, 1, 0, first_end),
        Part::Last => last_of(form, first_end),
        Part::Behind(place) => behind(form, place, first_end),
    }
}

const EVERY: u8 = (1 << CLASSES) - 1;

/// Where the signs of the first part end.
const fn first_part_end(form: &[u8]) -> usize {
    let mut at = 0;
    while at < form.len() && (form[at].is_ascii_alphanumeric() || matches!(form[at], b'*' | b'?')) {
        at += 1;
    }
    at
}

const fn is_optional(form: &[u8], at: usize) -> bool {
    at + 1 < form.len() && form[at + 1] == b'?'
}

/// What can stand at the place `wanted` of the signs in `from..end`, as bits.
const fn reachable(form: &[u8], wanted: usize, from: usize, end: usize) -> u8 {
    let (mut at, mut least, mut most, mut found) = (from, 0, 0, 0);
    while at < end {
        if least <= wanted && wanted <= most {
            found |= meant(form[at]);
        }
        most += 1;
        if is_optional(form, at) {
            at += 2;
        } else {
            least += 1;
            at += 1;
        }
    }
    found
}

/// What can be the last of the first part.
const fn last_of(form: &[u8], end: usize) -> u8 {
    let (mut at, mut last) = (0, 0);
    while at < end {
        if is_optional(form, at) {
            last |= meant(form[at]);
            at += 2;
        } else {
            last = meant(form[at]);
            at += 1;
        }
    }
    last
}

/// What can stand at a place behind the first part; anything where the form may be over.
const fn behind(form: &[u8], place: usize, first_end: usize) -> u8 {
    let (mut at, mut least) = (first_end, 0);
    while at < form.len() {
        if is_optional(form, at) {
            at += 2;
        } else {
            least += 1;
            at += 1;
        }
    }
    if least <= place {
        return EVERY;
    }
    reachable(form, place, first_end, form.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_can_stand_where() {
        let form = b"A9?A 9AA";
        let end = first_part_end(form);
        assert_eq!(meant_by(form, Part::Second), 1 << DIGIT | 1 << LETTER);
        assert_eq!(last_of(form, end), 1 << LETTER);
        assert_eq!(behind(form, 0, end), 1 << class(b' '));
        assert_eq!(behind(form, 1, end), 1 << DIGIT);
        assert_eq!(behind(form, 3, end), 1 << LETTER);
        assert_eq!(behind(form, 4, end), EVERY);
        assert_eq!(behind(b"99 A?9?", 2, 2), 1 << DIGIT | EVERY);
        assert_eq!(behind(b"99 A?99", 1, 2), 1 << DIGIT | 1 << LETTER);
    }
}
