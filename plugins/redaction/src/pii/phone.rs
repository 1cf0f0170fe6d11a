//! Phone numbers: international ones by country code and length, national ones by their grouping or a word.

use super::context::{Context, alone};
use super::number::{Group, groups};
use crate::anchor::structural;
use crate::class::{DIGIT, WORD};
use crate::scan::{Found, Hit, Input};

const PHONE: u16 = structural("phone-number");
const WORDS: &[&str] = &[
    "phone",
    "tel",
    "mobile",
    "cell",
    "fax",
    "call",
    "whatsapp",
    "sms",
    "telefon",
    "telephone",
    "handy",
    "numero",
    "telepono",
    "contact",
    "text me",
    "telefono",
    "celular",
    "mobil",
    "gsm",
    "ring",
    "msisdn",
    "dial",
];

/// A number that begins with `+` or `(`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let glued = input
        .before(at)
        .is_some_and(|byte| WORD.has(byte) || matches!(byte, b'+' | b'(' | b')'));
    if input.rules.is_off(PHONE) || glued {
        return Found::None;
    }
    let plus = bytes[at] == b'+';
    let next = at + 1 + usize::from(plus && bytes.get(at + 1) == Some(&b'('));
    match bytes.get(next) {
        None if !input.complete => return Found::More(at),
        Some(byte) if DIGIT.has(*byte) => {}
        _ => return Found::None,
    }
    let found = groups(bytes, at, input.complete);
    let Some(found) = found else {
        return Found::More(at);
    };
    if found.joined {
        return Found::None;
    }
    let count = found.digit_count(found.len());
    if plus {
        // The longest run of groups that makes a number: what follows may be another one.
        for take in (1..=found.len()).rev() {
            let digits = found.digit_count(take);
            let length = usize::from(digits);
            if (8..=15).contains(&length) && national_length(found.digits(length)) {
                return Found::Hit(Hit {
                    start: at,
                    end: found.end(take),
                    kind: PHONE,
                    tail: None,
                });
            }
        }
        return Found::None;
    }
    // `(415) 555-0132`
    let digits = found.digits(usize::from(count.min(10)));
    let american = matches!(found.shape()[..3], [3, 3, 4]) && nanp(digits) && found.closes_first();
    let near = Context::new(input, at, found.end(found.len()));
    let national = found.closes_first() && (8..=12).contains(&count) && near.names(WORDS);
    if american {
        return Found::Hit(Hit {
            start: at,
            end: found.end(3),
            kind: PHONE,
            tail: None,
        });
    }
    if national {
        return Found::Hit(Hit {
            start: at,
            end: found.end(found.len()),
            kind: PHONE,
            tail: None,
        });
    }
    Found::None
}

/// A number without `+`, from the groups that begin with the word at `at`.
pub(crate) fn national(
    input: &Input<'_>,
    near: &Context<'_>,
    at: usize,
    found: &super::number::Groups,
) -> Option<(usize, u16)> {
    if input.rules.is_off(PHONE) {
        return None;
    }
    let shape = found.shape();
    let lengths = &shape[..found.len().min(6)];
    let count = found.digit_count(found.len());
    let separated = |with: &[Group]| found.separated_by(with);
    // 415-555-0132, 415.555.0132, 1-800-555-0199
    if matches!(lengths, [3, 3, 4])
        && nanp(found.digits(10))
        && (separated(&[Group::Dash]) || separated(&[Group::Dot]))
    {
        return Some((found.end(3), PHONE));
    }
    if matches!(lengths, [1, 3, 3, 4]) && found.digits(1) == [1] && nanp(&found.digits(11)[1..]) {
        return Some((found.end(4), PHONE));
    }
    // 532-123-45-67, the grouping of Turkey and Russia.
    if matches!(lengths, [3, 3, 2, 2]) && (separated(&[Group::Dash]) || separated(&[Group::Dot])) {
        return Some((found.end(4), PHONE));
    }
    let alone = alone(input, at, found.end(found.len()));
    // 0044 20 …: an international prefix written out.
    if found.digits(2) == [0, 0]
        && (10..=17).contains(&count)
        && national_length(&found.digits(usize::from(count))[2..])
        && (alone || near.names(WORDS))
    {
        return Some((found.end(found.len()), PHONE));
    }
    // 0917 123 4567: a trunk prefix and enough digits; alone or announced.
    if found.digits(1) == [0]
        && found.digits(2) != [0, 0]
        && (10..=12).contains(&count)
        && (alone && count == 11 || near.names(WORDS))
    {
        return Some((found.end(found.len()), PHONE));
    }
    let years = matches!(lengths, [4, 4]) && matches!(found.digits(2), [1, 9] | [2, 0]);
    if years {
        return None;
    }
    // A word is looked for last: that costs most.
    if (7..=12).contains(&count)
        && found.len() >= 2
        && lengths.iter().all(|&length| (2..=5).contains(&length))
        && near.names(WORDS)
    {
        return Some((found.end(found.len()), PHONE));
    }
    if (9..=12).contains(&count)
        && found.len() == 1
        && near.names(&[
            "phone", "tel", "mobile", "cell", "whatsapp", "telefon", "celular", "msisdn",
        ])
    {
        return Some((found.end(1), PHONE));
    }
    None
}

/// Area code and exchange of the North American plan begin with 2 to 9; `N11` is no area code.
fn nanp(digits: &[u8]) -> bool {
    digits.len() == 10 && digits[0] >= 2 && digits[3] >= 2 && !(digits[1] == 1 && digits[2] == 1)
}

/// Whether the country that `digits` begin with has numbers of this length.
fn national_length(digits: &[u8]) -> bool {
    let rest = |code: usize| digits.len() - code;
    match digits {
        [1, ..] => digits.len() == 11 && nanp(&digits[1..]),
        [7, ..] => digits.len() == 11,
        [2, 0 | 7, ..] => (8..=10).contains(&rest(2)),
        [3, 0 | 1 | 2 | 3 | 4 | 6 | 9, ..] => (8..=11).contains(&rest(2)),
        [4, 0 | 1 | 3 | 4 | 5 | 6 | 7 | 8 | 9, ..] => (7..=12).contains(&rest(2)),
        [5, 1..=8, ..] => (7..=11).contains(&rest(2)),
        [6, 0..=6, ..] => (7..=11).contains(&rest(2)),
        [8, 1 | 2 | 4 | 6, ..] => (8..=11).contains(&rest(2)),
        [9, 0..=5 | 8, ..] => (8..=11).contains(&rest(2)),
        // Three digits of country code.
        [2 | 3 | 4 | 5 | 6 | 8 | 9, ..] => digits.len() >= 9 && (6..=11).contains(&rest(3)),
        _ => false,
    }
}
