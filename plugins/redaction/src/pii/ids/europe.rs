//! Europe.

use super::Sure::{Alone, Announced, Anywhere, InParts};
use super::{Id, any, digits, is_date, number_of, value};
use crate::anchor::national as kind;
use crate::checksum::{luhn, remainder, weighted};

pub(super) const IDS: &[Id] = &[
    Id {
        kind: kind("es-nif"),
        forms: &["99999999A", "99999999-A"],
        sure: Anywhere,
        words: &["nif", "dni"],
        check: spain,
    },
    Id {
        kind: kind("es-nie"),
        forms: &["A9999999A", "A9999999-A", "A-9999999-A"],
        sure: Anywhere,
        words: &["nie", "extranjero"],
        check: spain_foreign,
    },
    Id {
        kind: kind("es-cif"),
        forms: &["A9999999*", "A-9999999*", "A-9999999-*"],
        sure: Announced,
        words: &["cif", "nif"],
        check: spain_company,
    },
    Id {
        kind: kind("passport-number"),
        forms: &["AAA999999"],
        sure: Announced,
        words: &["pasaporte", "passport", "passaporto"],
        check: any,
    },
    Id {
        kind: kind("fi-personal-id"),
        forms: &["999999+999*", "999999-999*", "999999A999*"],
        sure: Anywhere,
        words: &["hetu"],
        check: finland,
    },
    Id {
        kind: kind("it-fiscal-code"),
        forms: &["AAAAAA**A**A***A"],
        sure: Anywhere,
        words: &["fiscale"],
        check: italy,
    },
    Id {
        kind: kind("driver-license"),
        forms: &["AA9999999A", "u1******9A"],
        sure: Alone,
        words: &["patente", "driver", "guida"],
        check: |text| text.len() == 10,
    },
    Id {
        kind: kind("identity-card"),
        forms: &["AA99999AA"],
        sure: Alone,
        words: &["identità", "identita", "identity card", "id card"],
        check: |text| text[0] == b'C',
    },
    Id {
        kind: kind("identity-card"),
        forms: &["AA9999999", "AA 9999999"],
        sure: Announced,
        words: &["identità", "identita", "identity card", "id card"],
        check: any,
    },
    Id {
        kind: kind("uk-nino"),
        forms: &["AA999999A", "AA 99 99 99 A", "AA 999999 A", "AA-99-99-99-A"],
        sure: Anywhere,
        words: &["national insurance", "nino", "ni number"],
        check: nino,
    },
    Id {
        kind: kind("uk-driving-licence"),
        forms: &[
            "A****999999***AA",
            "A****999999** *AA",
            "A**** 999999 ** *AA",
            "A**** 999999 *** AA",
        ],
        sure: Anywhere,
        words: &["driving", "driver"],
        check: british_driver,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &["AA99 AAA"],
        sure: Alone,
        words: &["vehicle", "registration", "plate", "car", "reg"],
        check: british_plate,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &["AA99AAA", "A99?9? AAA", "AAA 99?9?A", "A999AAA", "AAA999A"],
        sure: Announced,
        words: &["vehicle", "registration", "plate", "car", "reg"],
        check: any,
    },
    Id {
        kind: kind("postal-code"),
        forms: &["AA?9 9AA", "AA?99 9AA", "AA?9A 9AA"],
        sure: Alone,
        words: &["postcode", "post code", "postal", "zip", "address"],
        check: british_postcode,
    },
    Id {
        kind: kind("postal-code"),
        forms: &["AA?99AA", "AA?999AA", "AA?9A9AA"],
        sure: Announced,
        words: &["postcode", "post code", "postal code"],
        check: british_postcode,
    },
    Id {
        kind: kind("postal-code"),
        forms: &["99999", "d-99999"],
        sure: Announced,
        words: &[
            "plz",
            "postleitzahl",
            "postal code",
            "postcode",
            "zip code",
            "code postal",
            "código postal",
        ],
        check: any,
    },
    Id {
        kind: kind("ie-pps"),
        forms: &["9999999AA?"],
        sure: Alone,
        words: &["pps", "ppsn"],
        check: ireland,
    },
    Id {
        kind: kind("pt-citizen-card"),
        forms: &["99999999 9 AA9", "999999999AA9"],
        sure: InParts,
        words: &["cidadão", "cidadao", "citizen"],
        check: portugal,
    },
    Id {
        kind: kind("vat-number"),
        forms: &["it99999999999", "it 99999999999"],
        sure: Anywhere,
        words: &["iva", "vat"],
        check: |text| luhn(&digits(text).collect::<Vec<u8>>()),
    },
    Id {
        kind: kind("vat-number"),
        forms: &["be9999999999", "be 9999.999.999"],
        sure: Anywhere,
        words: &["btw", "tva", "vat"],
        check: belgium,
    },
    Id {
        kind: kind("vat-number"),
        forms: &[
            "atu99999999",
            "fr**999999999",
            "nl999999999b99",
            "pl9999999999",
            "dk99999999",
            "se999999999999",
            "es*9999999*",
            "pt999999999",
            "fi99999999",
            "gb999999999",
            "lu99999999",
            "cz99999999",
        ],
        sure: Announced,
        words: &[
            "vat",
            "tva",
            "iva",
            "btw",
            "moms",
            "ust-id",
            "uid",
            "umsatzsteuer",
            "alv",
        ],
        check: any,
    },
];

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
    let (date, rest) = (&text[..6], &text[text.len() - 4..]);
    let number = value(date) * 1000 + value(&rest[..3]);
    (text.len() == 10 || matches!(text[6], b'A'..=b'F' | b'U'..=b'Y'))
        && is_date(value(&date[2..4]), value(&date[..2]))
        && value(&rest[..3]) >= 2
        && rest[3] == CHECK[(number % 31) as usize]
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

/// The legal form, seven digits, and a control that is a digit, a letter, or either by the form.
fn spain_company(text: &[u8]) -> bool {
    let d: Vec<u32> = digits(&text[1..8]).map(u32::from).collect();
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let odd: u32 = [0, 2, 4, 6].iter().map(|&at| doubled(d[at])).sum();
    let control = (10 - (odd + d[1] + d[3] + d[5]) % 10) % 10;
    let letter = text[8] == b"JABCDEFGHI"[control as usize];
    let digit = text[8] == b'0' + control as u8;
    match text[0] {
        b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => letter,
        b'A' | b'B' | b'E' | b'H' => digit,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => letter || digit,
        _ => false,
    }
}

/// Letters replace digits where two people share a code; the month's letter and the day stand for a check.
fn italy(text: &[u8]) -> bool {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        _ => b"LMNPQRSTUV"
            .iter()
            .position(|&letter| letter == byte)
            .map(|at| at as u64),
    };
    let number = |at: usize| Some(digit(text[at])? * 10 + digit(text[at + 1])?);
    let place = text[12..15].iter().all(|&byte| digit(byte).is_some());
    number(6).is_some()
        && place
        && matches!(
            text[8],
            b'A'..=b'E' | b'H' | b'L' | b'M' | b'P' | b'R' | b'S' | b'T'
        )
        && matches!(number(9), Some(1..=31 | 41..=71))
        && text[11].is_ascii_uppercase()
}

/// Five places of the surname, then the date of birth with its decade first; women have 5 added to the month.
fn british_driver(text: &[u8]) -> bool {
    let surname = &text[..5];
    let padded = surname
        .iter()
        .skip_while(|byte| byte.is_ascii_uppercase())
        .all(|&byte| byte == b'9');
    let month = value(&text[6..8]);
    padded
        && is_date(
            if month > 50 { month - 50 } else { month },
            value(&text[8..10]),
        )
        && (text[11].is_ascii_uppercase() || text[11] == b'9')
        && (text[12].is_ascii_uppercase() || text[12] == b'9')
}

/// The age identifier is a year, or a year and 50.
fn british_plate(text: &[u8]) -> bool {
    matches!(value(&text[2..4]), 2..=29 | 51..=79)
        && !text.iter().any(|byte| matches!(byte, b'I' | b'Q'))
}

fn british_postcode(text: &[u8]) -> bool {
    let (outward, inward) = text.split_at(text.len() - 3);
    let rare = |byte: &u8| matches!(byte, b'C' | b'I' | b'K' | b'M' | b'O' | b'V');
    !matches!(outward[0], b'Q' | b'V' | b'X')
        && !matches!(outward[1], b'I' | b'J' | b'Z')
        && !inward[1..].iter().any(rare)
}

/// A letter by the remainder of the weighted sum; a second letter counts nine times.
fn ireland(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(text).collect();
    let second = text.get(8).map_or(0, |&byte| match byte {
        b'W' => 0,
        byte => number_of(byte) - 9,
    });
    let rest = (weighted(&numbers, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
    text[7] == b"WABCDEFGHIJKLMNOPQRSTUV"[rest as usize]
}

/// Every second place is doubled, from the right.
fn portugal(text: &[u8]) -> bool {
    let sum: u32 = text
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &byte)| match number_of(byte) {
            number if at % 2 == 0 => number,
            number if number >= 5 => number * 2 - 9,
            number => number * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The last two digits complement the others to 97.
fn belgium(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(text).collect();
    numbers[0] <= 1 && 97 - remainder(&numbers[..8], 97) == remainder(&numbers[8..], 100)
}
