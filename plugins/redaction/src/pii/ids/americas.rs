//! The Americas.

use super::Sure::{Alone, Announced, Anywhere, InParts};
use super::{Id, digits, is_date, value};
use crate::anchor::national as kind;

pub(super) const IDS: &[Id] = &[
    Id {
        kind: kind("us-mbi"),
        forms: &["9A*9A*9AA99", "9A*9-A*9-AA99"],
        sure: Anywhere,
        words: &["medicare", "mbi", "beneficiary"],
        check: medicare,
    },
    Id {
        kind: kind("us-dea-number"),
        forms: &["A*9999999"],
        sure: Alone,
        words: &["dea", "prescriber", "medical license", "medical licence"],
        check: dea,
    },
    Id {
        kind: kind("mx-curp"),
        forms: &["AAAA999999AAAAAA*9"],
        sure: Anywhere,
        words: &["curp"],
        check: curp,
    },
    Id {
        kind: kind("mx-rfc"),
        forms: &["AAAA999999***", "AAA999999***"],
        sure: Announced,
        words: &["rfc"],
        check: rfc,
    },
    Id {
        kind: kind("cl-rut"),
        forms: &[
            "99?.999.999-9",
            "99?.999.999-k",
            "9999999?9-9",
            "9999999?9-k",
        ],
        sure: InParts,
        words: &["rut", "run"],
        check: rut,
    },
    Id {
        kind: kind("vehicle-id"),
        forms: &["*****************"],
        sure: Announced,
        words: &["vin", "chassis", "fahrgestell", "vehicle identification"],
        check: vin,
    },
];

/// Letters that cannot be taken for digits, at the second, fifth, eighth and ninth place.
fn medicare(text: &[u8]) -> bool {
    let letter = |byte: u8| {
        byte.is_ascii_uppercase() && !matches!(byte, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z')
    };
    let either = |byte: u8| byte.is_ascii_digit() || letter(byte);
    text[0] != b'0'
        && [1, 4, 7, 8].iter().all(|&at| letter(text[at]))
        && [2, 5].iter().all(|&at| either(text[at]))
}

/// The registrant's type, the surname's letter, and a check digit.
fn dea(text: &[u8]) -> bool {
    let d: Vec<u64> = digits(&text[2..]).map(u64::from).collect();
    matches!(text[0], b'A'..=b'H' | b'J'..=b'M' | b'P' | b'R' | b'S' | b'T' | b'U' | b'X')
        && (text[1].is_ascii_uppercase() || text[1] == b'9')
        && (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]
}

fn curp(text: &[u8]) -> bool {
    is_date(value(&text[6..8]), value(&text[8..10])) && matches!(text[10], b'H' | b'M' | b'X')
}

fn rfc(text: &[u8]) -> bool {
    let date = text.len() - 9;
    is_date(
        value(&text[date + 2..date + 4]),
        value(&text[date + 4..date + 6]),
    )
}

/// A sum with the weights 2 to 7 from the right; 10 is written `K`.
fn rut(text: &[u8]) -> bool {
    let (check, body) = match text.split_last() {
        Some((check, body)) => (*check, body),
        None => return false,
    };
    let sum: u32 = body
        .iter()
        .rev()
        .zip((2..=7).cycle())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    check
        == match 11 - sum % 11 {
            11 => b'0',
            10 => b'K',
            digit => b'0' + digit as u8,
        }
}

/// The ninth sign checks the others; `I`, `O` and `Q` do not occur.
fn vin(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let number = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'R' => u32::from(byte - b'J') + 1,
        _ => u32::from(byte - b'S') + 2,
    };
    if text.iter().any(|byte| matches!(byte, b'I' | b'O' | b'Q')) {
        return false;
    }
    let sum: u32 = text
        .iter()
        .zip(WEIGHTS)
        .map(|(&byte, weight)| number(byte) * weight)
        .sum();
    let check = match sum % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    text[8] == check
}
