//! Ids of letters and digits: IBAN and national ids with a checksum or an unmistakable structure.

use super::context::{Context, alone};
use super::national::PASSPORT;
use crate::anchor::{national, structural};
use crate::checksum::{mod97, weighted};
use crate::class::{ALNUM, UPNUM, WORD, run_end};
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

/// Shorter words are no id, unless it goes on behind them.
const SHORTEST: usize = 7;

/// An id that begins with the word in `at..end`.
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let bytes = input.bytes;
    if !input.lets(end - at >= SHORTEST || matches!(bytes.get(end), Some(b'-' | b'+' | b' '))) {
        return Found::None;
    }
    let joined = input
        .before(at)
        .is_some_and(|byte| matches!(byte, b'-' | b'.' | b'/' | b'+' | b'%' | b'#'));
    if joined && input.before(at - 1).is_some_and(|byte| ALNUM.has(byte)) {
        return Found::None;
    }
    let word = &bytes[at..end];
    if word[0].is_ascii_uppercase()
        && word.len() >= 4
        && word[1].is_ascii_uppercase()
        && word[2].is_ascii_digit()
        && word[3].is_ascii_digit()
    {
        match iban(input, at) {
            Found::None => {}
            found => return found,
        }
    }
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || end - at > 18 {
        return Found::None;
    }
    // One dash or sign may stand inside: `131052-308T`, `Y0000000-Z`.
    let mut stop = end;
    if matches!(bytes.get(end), Some(b'-' | b'+')) {
        stop = run_end(bytes, end + 1, ALNUM, 6);
        if stop == bytes.len() && !input.complete {
            return Found::More(at);
        }
        if bytes
            .get(stop)
            .is_some_and(|&byte| WORD.has(byte) || byte == b'-')
            || stop == end + 1
        {
            stop = end;
        }
    }
    let near = Context::new(input, at);
    for stop in [stop, end] {
        if let Some(kind) =
            kind_of(input, &near, at, stop).filter(|&kind| !input.rules.is_off(kind))
        {
            return Found::Hit(Hit {
                start: at,
                end: stop,
                kind,
                tail: None,
            });
        }
        if stop == end {
            break;
        }
    }
    Found::None
}

/// An IBAN, in one or in groups of four.
fn iban(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
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

/// How sure a structure is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// In running text.
    Anywhere,
    /// As the whole text, or announced by a word.
    Announced,
}

struct Id {
    kind: u16,
    /// `A` letter, `9` digit, `*` either, `-` the dash; others stand for themselves.
    shape: &'static [u8],
    sure: Sure,
    words: &'static [&'static str],
    check: fn(&[u8]) -> bool,
}

const fn id(
    kind: &str,
    shape: &'static [u8],
    sure: Sure,
    words: &'static [&'static str],
    check: fn(&[u8]) -> bool,
) -> Id {
    Id {
        kind: national(kind),
        shape,
        sure,
        words,
        check,
    }
}

const IDS: &[Id] = &[
    id(
        "es-nif",
        b"99999999A",
        Sure::Anywhere,
        &["nif", "dni"],
        spain,
    ),
    id(
        "es-nif",
        b"99999999-A",
        Sure::Anywhere,
        &["nif", "dni"],
        spain,
    ),
    id(
        "es-nie",
        b"A9999999A",
        Sure::Anywhere,
        &["nie", "extranjero"],
        spain_foreign,
    ),
    id(
        "es-nie",
        b"A9999999-A",
        Sure::Anywhere,
        &["nie", "extranjero"],
        spain_foreign,
    ),
    id(
        "fi-personal-id",
        b"999999+999*",
        Sure::Anywhere,
        &["hetu"],
        finland,
    ),
    id(
        "fi-personal-id",
        b"999999-999*",
        Sure::Anywhere,
        &["hetu"],
        finland,
    ),
    id(
        "fi-personal-id",
        b"999999A999*",
        Sure::Anywhere,
        &["hetu"],
        finland,
    ),
    id(
        "it-fiscal-code",
        b"AAAAAA99A99A999A",
        Sure::Anywhere,
        &["fiscale"],
        italy,
    ),
    id(
        "in-gstin",
        b"99AAAAA9999A*Z*",
        Sure::Anywhere,
        &["gst"],
        gstin,
    ),
    id(
        "in-pan",
        b"AAAAA9999A",
        Sure::Announced,
        &["pan", "permanent account", "income tax"],
        pan,
    ),
    id(
        "uk-nino",
        b"AA999999A",
        Sure::Anywhere,
        &["national insurance", "nino", "ni number"],
        nino,
    ),
    id(
        "sg-nric",
        b"A9999999A",
        Sure::Anywhere,
        &["nric", "fin"],
        nric,
    ),
    id(
        "sg-uen",
        b"99999999A",
        Sure::Announced,
        &["uen"],
        not_uniform,
    ),
    id("sg-uen", b"999999999A", Sure::Announced, &["uen"], uen_year),
    id(
        "sg-uen",
        b"A99AA9999A",
        Sure::Announced,
        &["uen"],
        uen_other,
    ),
    id(
        "de-social-security",
        b"99999999A999",
        Sure::Anywhere,
        &["sozialversicherung", "rentenversicherung", "rvnr"],
        germany_pension,
    ),
    id(
        "de-health-insurance",
        b"A999999999",
        Sure::Announced,
        &["krankenversicher", "kvnr", "versichertennummer"],
        germany_health,
    ),
    id(
        "de-id-card",
        b"A********",
        Sure::Announced,
        &["personalausweis", "ausweis", "reisepass", "passport"],
        germany_card,
    ),
    id(
        "cn-resident-id",
        b"99999999999999999X",
        Sure::Anywhere,
        &["resident"],
        china,
    ),
    id(
        "kr-registration-number",
        b"999999-9999999",
        Sure::Anywhere,
        &["주민"],
        |_| false,
    ),
    id(
        "passport-number",
        b"A999A9999",
        Sure::Announced,
        PASSPORT,
        korea_passport,
    ),
];

fn kind_of(input: &Input<'_>, near: &Context<'_>, at: usize, end: usize) -> Option<u16> {
    let word = &input.bytes[at..end];
    let mut upper = [0u8; 24];
    if word.len() > upper.len() {
        return None;
    }
    for (to, byte) in upper.iter_mut().zip(word) {
        *to = byte.to_ascii_uppercase();
    }
    let upper = &upper[..word.len()];
    let lower = word.iter().any(u8::is_ascii_lowercase);
    crate::count::steps(word.len() * 2);
    for id in IDS {
        if id.shape.len() != upper.len() || !fits(upper, id.shape) || !(id.check)(upper) {
            continue;
        }
        let free = id.sure == Sure::Anywhere && !lower;
        if free || alone(input, at, end) || near.names(id.words) {
            return Some(id.kind);
        }
    }
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    if (7..=9).contains(&word.len())
        && digits >= 6
        && word.iter().all(|&byte| ALNUM.has(byte))
        && near.names(PASSPORT)
    {
        return Some(national("passport-number"));
    }
    None
}

fn fits(text: &[u8], shape: &[u8]) -> bool {
    text.iter().zip(shape).all(|(&byte, &kind)| match kind {
        b'A' => byte.is_ascii_uppercase(),
        b'9' => byte.is_ascii_digit(),
        b'*' => byte.is_ascii_alphanumeric(),
        exact => byte == exact,
    })
}

fn digits(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    text.iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| byte - b'0')
}

fn value(text: &[u8]) -> u64 {
    digits(text).fold(0, |value, digit| value * 10 + u64::from(digit))
}

fn not_uniform(text: &[u8]) -> bool {
    text.iter()
        .any(|&byte| byte.is_ascii_digit() && byte != text[0])
}

const SPAIN: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn spain(text: &[u8]) -> bool {
    text.last() == Some(&SPAIN[(value(text) % 23) as usize])
}

fn spain_foreign(text: &[u8]) -> bool {
    let first = match text[0] {
        b'X' => 0,
        b'Y' => 10_000_000,
        b'Z' => 20_000_000,
        _ => return false,
    };
    text.last() == Some(&SPAIN[((first + value(text)) % 23) as usize])
}

fn finland(text: &[u8]) -> bool {
    const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (day, month) = (value(&text[..2]), value(&text[2..4]));
    let number = value(&text[..6]) * 1000 + value(&text[7..10]);
    matches!(text[6], b'+' | b'-' | b'A'..=b'F' | b'U'..=b'Y')
        && (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && value(&text[7..10]) >= 2
        && text[10] == CHECK[(number % 31) as usize]
}

/// The structure is unmistakable: the month's letter and the day's range stand for the check character.
fn italy(text: &[u8]) -> bool {
    matches!(
        text[8],
        b'A'..=b'E' | b'H' | b'L' | b'M' | b'P' | b'R' | b'S' | b'T'
    ) && matches!(value(&text[9..11]), 1..=31 | 41..=71)
}

fn pan(text: &[u8]) -> bool {
    matches!(
        text[3],
        b'A' | b'B' | b'C' | b'F' | b'G' | b'H' | b'J' | b'L' | b'P' | b'T'
    )
}

fn gstin(text: &[u8]) -> bool {
    (1..=38).contains(&value(&text[..2])) && text[12] != b'0'
}

fn nino(text: &[u8]) -> bool {
    !matches!(text[0], b'D' | b'F' | b'I' | b'Q' | b'U' | b'V')
        && !matches!(text[1], b'D' | b'F' | b'I' | b'O' | b'Q' | b'U' | b'V')
        && !matches!(
            &text[..2],
            b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ"
        )
        && matches!(text[8], b'A'..=b'D')
}

fn nric(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(text).collect();
    let sum = weighted(&numbers, &[2, 7, 6, 5, 4, 3, 2]);
    let check = |table: &[u8; 11], extra: u32| text[8] == table[((sum + extra) % 11) as usize];
    match text[0] {
        b'S' => check(b"JZIHGFEDCBA", 0),
        b'T' => check(b"JZIHGFEDCBA", 4),
        b'F' => check(b"XWUTRQPNMLK", 0),
        b'G' => check(b"XWUTRQPNMLK", 4),
        b'M' => check(b"KLJNPQRTUWX", 3),
        _ => false,
    }
}

fn uen_year(text: &[u8]) -> bool {
    (1800..=2050).contains(&value(&text[..4]))
}

fn uen_other(text: &[u8]) -> bool {
    matches!(text[0], b'R' | b'S' | b'T')
}

/// Each digit of the product counts for itself.
fn germany_pension(text: &[u8]) -> bool {
    let letter = text[8] - b'A' + 1;
    let numbers: Vec<u8> = digits(&text[..8])
        .chain([letter / 10, letter % 10])
        .chain(digits(&text[9..11]))
        .collect();
    let sum: u32 = numbers
        .iter()
        .zip([2u32, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    u64::from(sum % 10) == value(&text[11..])
        && (1..=31).contains(&(value(&text[2..4])))
        && (1..=12).contains(&value(&text[4..6]))
}

fn germany_health(text: &[u8]) -> bool {
    let letter = text[0] - b'A' + 1;
    let sum: u32 = [letter / 10, letter % 10]
        .into_iter()
        .chain(digits(&text[1..9]))
        .zip([1u32, 2].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    u64::from(sum % 10) == value(&text[9..])
}

fn germany_card(text: &[u8]) -> bool {
    let numeric = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - b'A') + 10,
    };
    let allowed = |byte: &u8| {
        byte.is_ascii_digit()
            || matches!(byte, b'C' | b'F'..=b'H' | b'J'..=b'N' | b'P' | b'R' | b'T' | b'V'..=b'Z')
    };
    let sum: u32 = text[..8]
        .iter()
        .zip([7u32, 3, 1].into_iter().cycle())
        .map(|(&byte, weight)| numeric(byte) * weight)
        .sum();
    text.iter().all(allowed) && text[8].is_ascii_digit() && sum % 10 == numeric(text[8])
}

fn china(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(&text[..17]).collect();
    (weighted(
        &numbers,
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    ) + 10)
        % 11
        == 1
}

fn korea_passport(text: &[u8]) -> bool {
    matches!(text[0], b'M' | b'S' | b'R' | b'O' | b'D' | b'G')
}
