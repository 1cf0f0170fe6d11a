//! Asia and Africa.

use super::Sure::{Alone, Announced, Anywhere};
use super::{Id, any, digits, number_of, value};
use crate::anchor::national as kind;
use crate::checksum::weighted;

pub(super) const IDS: &[Id] = &[
    Id {
        kind: kind("in-gstin"),
        forms: &["99AAAAA9999A*z*"],
        sure: Anywhere,
        words: &["gst"],
        check: gstin,
    },
    Id {
        kind: kind("in-pan"),
        forms: &["AAAAA9999A"],
        sure: Alone,
        words: &["pan", "permanent account", "income tax"],
        check: pan,
    },
    Id {
        kind: kind("voter-id"),
        forms: &["AAA9999999"],
        sure: Announced,
        words: &["voter", "epic", "electoral", "election"],
        check: any,
    },
    Id {
        kind: kind("passport-number"),
        forms: &["A99 99999", "A9999999"],
        sure: Announced,
        words: &["passport", "पासपोर्ट"],
        check: any,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &[
            "AA99AA?A?9999",
            "AA9AA?A?9999",
            "AA 99 AA?A? 9999",
            "AA-99-AA?A?-9999",
            "AA99 AA?A? 9999",
        ],
        sure: Alone,
        words: &["vehicle", "registration", "plate", "reg no", "rto"],
        check: india_plate,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &["AAA-999AA", "AAA 999 ?AA"],
        sure: Alone,
        words: &["vehicle", "registration", "plate"],
        check: any,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &["AAA999AA"],
        sure: Announced,
        words: &["vehicle", "registration", "plate"],
        check: any,
    },
    Id {
        kind: kind("vehicle-plate"),
        forms: &[
            "99 A 9999?9?",
            "99 AA 9999?",
            "99 AAA 999?9?",
            "99A9999?9?",
            "99AA9999?",
            "99AAA999?9?",
        ],
        sure: Alone,
        words: &["plaka", "plate"],
        check: turkey_plate,
    },
    Id {
        kind: kind("sg-nric"),
        forms: &["A9999999A"],
        sure: Anywhere,
        words: &["nric", "fin"],
        check: nric,
    },
    Id {
        kind: kind("sg-uen"),
        forms: &["99999999A"],
        sure: Alone,
        words: &["uen"],
        check: uen_business,
    },
    Id {
        kind: kind("sg-uen"),
        forms: &["999999999A"],
        sure: Alone,
        words: &["uen"],
        check: uen_company,
    },
    Id {
        kind: kind("sg-uen"),
        forms: &["A99AA9999A"],
        sure: Alone,
        words: &["uen"],
        check: |text| matches!(text[0], b'R' | b'S' | b'T'),
    },
    Id {
        kind: kind("hk-id"),
        forms: &["A999999(9)", "A999999(a)", "AA999999(9)", "AA999999(a)"],
        sure: Anywhere,
        words: &["hkid"],
        check: hong_kong,
    },
    Id {
        kind: kind("tw-id"),
        forms: &["A999999999"],
        sure: Announced,
        words: &["身分證", "身份證", "taiwan"],
        check: taiwan,
    },
    Id {
        kind: kind("cn-resident-id"),
        forms: &["99999999999999999x"],
        sure: Anywhere,
        words: &["resident"],
        check: china,
    },
    Id {
        kind: kind("passport-number"),
        forms: &["A999A9999"],
        sure: Alone,
        words: &["passport", "여권"],
        check: |text| matches!(text[0], b'M' | b'S' | b'R' | b'O' | b'D' | b'G'),
    },
];

fn pan(text: &[u8]) -> bool {
    matches!(
        text[3],
        b'A' | b'B' | b'C' | b'F' | b'G' | b'H' | b'J' | b'L' | b'P' | b'T'
    )
}

fn gstin(text: &[u8]) -> bool {
    (1..=38).contains(&value(&text[..2])) && text[12] != b'0'
}

/// The codes of India's states and territories.
fn india_plate(text: &[u8]) -> bool {
    const STATES: &[u8] =
        b"ANAPARASBRCHCGDDDLGAGJHRHPJKJHKALALDMPMHMNMLMZNLODORPYPBRJSKTNTSTGTRUPUKUAWB";
    STATES.chunks_exact(2).any(|state| text.starts_with(state))
}

fn turkey_plate(text: &[u8]) -> bool {
    (1..=81).contains(&value(&text[..2]))
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

/// Registered businesses: a check letter over eight digits.
fn uen_business(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(text).collect();
    let sum = weighted(&numbers, &[10, 4, 9, 3, 8, 2, 7, 1]);
    text[8] == b"XMKECAWLJDB"[(sum % 11) as usize]
}

/// Local companies: the year, then a check letter over nine digits.
fn uen_company(text: &[u8]) -> bool {
    let numbers: Vec<u8> = digits(text).collect();
    let sum = weighted(&numbers, &[10, 8, 6, 4, 9, 7, 5, 3, 1]);
    (1800..=2050).contains(&value(&text[..4])) && text[9] == b"ZKCMDNERGWH"[(sum % 11) as usize]
}

/// One letter counts as if a blank stood before it; 36 for the blank.
fn hong_kong(text: &[u8]) -> bool {
    let blank = (text.len() == 8).then_some(36);
    let sum: u32 = blank
        .into_iter()
        .chain(text.iter().map(|&byte| number_of(byte)))
        .zip((1..=9).rev())
        .map(|(number, weight)| number * weight)
        .sum();
    sum.is_multiple_of(11)
}

fn taiwan(text: &[u8]) -> bool {
    const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(place) = LETTERS.iter().position(|&letter| letter == text[0]) else {
        return false;
    };
    let letter = place as u32 + 10;
    let numbers: Vec<u8> = digits(&text[1..]).collect();
    let sum = letter / 10 + letter % 10 * 9 + weighted(&numbers, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(text[1], b'1' | b'2' | b'8' | b'9') && sum.is_multiple_of(10)
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
