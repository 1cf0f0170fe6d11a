//! IBAN: the country's length and ISO 7064's checksum.

use crate::anchor::structural;
use crate::checksum::mod97;
use crate::class::{ALNUM, UPNUM};
use crate::scan::{Found, Hit, Input};

const IBAN: u16 = structural("iban");

/// Total length of an IBAN by country.
const COUNTRIES: &[(&[u8; 2], u8)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// Two capitals and two digits.
pub(crate) fn may_begin(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 4), Some([a, b, c, d])
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
}

/// An IBAN that begins at `at`, in one or in groups of four.
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    if !may_begin(bytes, at) {
        return Found::None;
    }
    let Some(&(_, length)) = COUNTRIES
        .iter()
        .find(|(country, _)| country[..] == bytes[at..at + 2])
    else {
        return Found::None;
    };
    let length = usize::from(length);
    let mut text = [0u8; 34];
    let mut count = 0;
    let mut here = at;
    let mut group = 0;
    let separator = bytes
        .get(at + 4)
        .copied()
        .filter(|byte| matches!(byte, b' ' | b'-'));
    while count < length {
        match bytes.get(here) {
            None if !input.complete => return Found::More(at),
            Some(&byte) if UPNUM.has(byte) => {
                text[count] = byte;
                count += 1;
                group += 1;
            }
            Some(&byte) if Some(byte) == separator && group == 4 => group = 0,
            _ => break,
        }
        here += 1;
    }
    crate::count::steps(here - at);
    if here == bytes.len() && !input.complete {
        return Found::More(at);
    }
    if count != length
        || bytes.get(here).is_some_and(|&byte| ALNUM.has(byte))
        || !mod97(&text[..length])
        || input.rules.is_off(IBAN)
    {
        return Found::None;
    }
    Found::Hit(Hit {
        start: at,
        end: here,
        kind: IBAN,
        tail: None,
    })
}
