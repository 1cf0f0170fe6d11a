//! Germany.

use super::Sure::{Alone, Announced, Anywhere};
use super::{Id, any, digits, number_of, value};
use crate::anchor::national as kind;
use crate::checksum::mod11_10;

pub(super) const IDS: &[Id] = &[
    Id {
        kind: kind("de-social-security"),
        forms: &["99999999A999", "99 999999 A 999"],
        sure: Anywhere,
        words: &["sozialversicherung", "rentenversicherung", "rvnr"],
        check: germany_pension,
    },
    Id {
        kind: kind("de-health-insurance"),
        forms: &["A999999999"],
        sure: Alone,
        words: &["krankenversicher", "kvnr", "versichertennummer"],
        check: germany_health,
    },
    Id {
        kind: kind("de-id-card"),
        forms: &["A********", "A*********"],
        sure: Alone,
        words: GERMAN_CARD,
        check: germany_card,
    },
    Id {
        kind: kind("de-id-card"),
        forms: &["A********"],
        sure: Announced,
        words: GERMAN_CARD,
        check: german_letters,
    },
    Id {
        kind: kind("driver-license"),
        forms: &["A99*******9", "A99********"],
        sure: Announced,
        words: &["führerschein", "fuehrerschein", "fahrerlaubnis"],
        check: any,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &[
            "AA?A?-AA? 99?9?9?",
            "AA?A?-AA? 99?9?9?e",
            "AA?A?-AA? 99?9?9?h",
        ],
        sure: Alone,
        words: &["kennzeichen", "kfz", "plate", "fahrzeug", "auto"],
        check: |text| text.iter().any(u8::is_ascii_digit),
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &["AA?A? AA? 99?9?9?", "AA?A?-AA?-99?9?9?"],
        sure: Announced,
        words: &["kennzeichen", "kfz"],
        check: any,
    },
    Id {
        kind: kind("company-register-number"),
        forms: &[
            "hrb 99?9?9?9?9?",
            "hra 99?9?9?9?9?",
            "hrb999?9?9?9?",
            "hra999?9?9?9?",
        ],
        sure: Anywhere,
        words: &["handelsregister", "amtsgericht"],
        check: any,
    },
    Id {
        kind: kind("vat-number"),
        forms: &["de999999999", "de 999999999", "de 999 999 999"],
        sure: Anywhere,
        words: &["ust-id", "umsatzsteuer", "vat"],
        check: |text| mod11_10(&text[2..]),
    },
];

const GERMAN_CARD: &[&str] = &["personalausweis", "ausweis", "reisepass", "passport"];

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

/// The last place checks the others with the weights 7, 3 and 1.
fn germany_card(text: &[u8]) -> bool {
    let Some((&check, body)) = text.split_last() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .zip([7u32, 3, 1].into_iter().cycle())
        .map(|(&byte, weight)| number_of(byte) * weight)
        .sum();
    german_letters(text) && check.is_ascii_digit() && sum % 10 == number_of(check)
}

/// Vowels and letters that look like digits do not occur.
fn german_letters(text: &[u8]) -> bool {
    text.iter().all(|byte| {
        byte.is_ascii_digit()
            || matches!(byte, b'C' | b'F'..=b'H' | b'J'..=b'N' | b'P' | b'R' | b'T' | b'V'..=b'Z')
    })
}
