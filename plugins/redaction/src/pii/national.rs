//! National ids that are digits alone. Most need their grouping, a telling word, or to stand alone.

use super::context::Context;
use super::number::{Group, Groups, is_alone};
use crate::anchor::national as kind;
use crate::checksum::{luhn, remainder, verhoeff, weighted};
use crate::scan::Input;

/// One id: its kind, the groups it is written in, words that announce it, and the check.
struct Id {
    kind: u16,
    /// Lengths of groups; empty where it is written in one.
    shapes: &'static [&'static [u8]],
    /// The grouping alone is telling enough in running text.
    telling: bool,
    /// May stand alone as plain digits: has a date or two check digits.
    plain: bool,
    words: &'static [&'static str],
    check: fn(&[u8]) -> bool,
}

const IDS: &[Id] = &[
    Id {
        kind: kind("br-cpf"),
        shapes: &[&[3, 3, 3, 2]],
        telling: true,
        plain: true,
        words: &["cpf"],
        check: cpf,
    },
    Id {
        kind: kind("br-cnpj"),
        shapes: &[&[2, 3, 3, 4, 2]],
        telling: true,
        plain: true,
        words: &["cnpj"],
        check: cnpj,
    },
    Id {
        kind: kind("kr-registration-number"),
        shapes: &[&[6, 7]],
        telling: true,
        plain: true,
        words: &["주민", "외국인", "registration", "rrn", "frn"],
        check: korea,
    },
    Id {
        kind: kind("se-personal-number"),
        shapes: &[&[6, 4], &[8, 4]],
        telling: true,
        plain: true,
        words: &["personnummer", "samordningsnummer"],
        check: sweden,
    },
    Id {
        kind: kind("se-org-number"),
        shapes: &[&[6, 4]],
        telling: true,
        plain: false,
        words: &["orgnummer", "organisationsnummer", "org.nr"],
        check: sweden_org,
    },
    Id {
        kind: kind("cn-resident-id"),
        shapes: &[],
        telling: false,
        plain: true,
        words: &["身份证", "resident"],
        check: china,
    },
    Id {
        kind: kind("in-aadhaar"),
        shapes: &[&[4, 4, 4]],
        telling: true,
        plain: false,
        words: &["aadhaar", "aadhar", "uidai", "uid"],
        check: aadhaar,
    },
    Id {
        kind: kind("be-national-number"),
        shapes: &[&[2, 2, 2, 3, 2]],
        telling: true,
        plain: true,
        words: &["rijksregister", "registre national", "niss", "insz"],
        check: belgium,
    },
    Id {
        kind: kind("fr-social-security"),
        shapes: &[&[1, 2, 2, 2, 3, 3, 2]],
        telling: true,
        plain: true,
        words: &["nir", "sécurité sociale", "securite sociale", "insee"],
        check: france,
    },
    Id {
        kind: kind("za-id-number"),
        shapes: &[&[6, 4, 3]],
        telling: false,
        plain: true,
        words: &["south africa", "rsa id", "id number", "identity number"],
        check: south_africa,
    },
    Id {
        kind: kind("pl-pesel"),
        shapes: &[],
        telling: false,
        plain: true,
        words: &["pesel"],
        check: pesel,
    },
    Id {
        kind: kind("tr-national-id"),
        shapes: &[],
        telling: false,
        plain: true,
        words: &["kimlik", "tckn", "t.c.", "tc no"],
        check: turkey,
    },
    Id {
        kind: kind("th-national-id"),
        shapes: &[&[1, 4, 5, 2, 1]],
        telling: true,
        plain: true,
        words: &["tnin", "thai", "บัตรประชาชน"],
        check: thailand,
    },
    Id {
        kind: kind("au-abn"),
        shapes: &[&[2, 3, 3, 3]],
        telling: true,
        plain: false,
        words: &["abn"],
        check: abn,
    },
    Id {
        kind: kind("au-medicare"),
        shapes: &[&[4, 5, 1]],
        telling: true,
        plain: false,
        words: &["medicare"],
        check: medicare,
    },
    Id {
        kind: kind("uk-nhs-number"),
        shapes: &[&[3, 3, 4]],
        telling: true,
        plain: false,
        words: &["nhs"],
        check: nhs,
    },
    Id {
        kind: kind("us-npi"),
        shapes: &[&[4, 3, 3]],
        telling: true,
        plain: false,
        words: &["npi", "provider"],
        check: npi,
    },
    Id {
        kind: kind("us-itin"),
        shapes: &[&[3, 2, 4]],
        telling: true,
        plain: false,
        words: &["itin"],
        check: itin,
    },
    Id {
        kind: kind("ca-sin"),
        shapes: &[&[3, 3, 3]],
        telling: false,
        plain: false,
        words: &["sin", "social insurance"],
        check: sin,
    },
    Id {
        kind: kind("au-acn"),
        shapes: &[&[3, 3, 3]],
        telling: false,
        plain: false,
        words: &["acn"],
        check: acn,
    },
    Id {
        kind: kind("au-tfn"),
        shapes: &[&[3, 3, 3]],
        telling: false,
        plain: false,
        words: &["tfn", "tax file"],
        check: tfn,
    },
    Id {
        kind: kind("nl-bsn"),
        shapes: &[],
        telling: false,
        plain: false,
        words: &["bsn", "burgerservicenummer", "sofinummer"],
        check: bsn,
    },
    Id {
        kind: kind("de-tax-id"),
        shapes: &[&[2, 3, 3, 3]],
        telling: false,
        plain: false,
        words: &["steuer-id", "steueridentifikationsnummer", "idnr", "steuer"],
        check: germany_tax,
    },
];

/// Words that announce the number of a passport, in the languages of its country.
pub(crate) const PASSPORT: &[&str] = &[
    "passport",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "paszport",
    "pass-nr",
    "여권",
    "パスポート",
    "护照",
];

/// The id that the groups are, and where it ends.
pub(crate) fn grouped(
    input: &Input<'_>,
    near: &Context<'_>,
    at: usize,
    found: &Groups,
) -> Option<(usize, u16)> {
    let digits = found.all();
    let lengths: Vec<u8> = found.lengths().collect();
    let alone = is_alone(input, at, found);
    let dashes = found.separated_by(&[Group::Dash]);
    let even = dashes || found.separated_by(&[Group::Blank]) || lengths.len() >= 4;
    let end = found.end(found.len());
    for id in IDS {
        if input.rules.is_off(id.kind) {
            continue;
        }
        let shaped = id.shapes.contains(&lengths.as_slice());
        let plain = lengths.len() == 1;
        if !(shaped || plain) || !(id.check)(digits) {
            continue;
        }
        let telling = shaped && id.telling && even && (lengths.len() > 2 || dashes);
        if telling
            || (shaped && alone)
            || (plain && id.plain && alone && !is_epoch(digits))
            || near.names(id.words)
        {
            return Some((end, id.kind));
        }
    }
    // NPI and NHS numbers alone: ten digits that are no time of day.
    if lengths.len() == 1 && alone && npi(digits) && !is_epoch(digits) {
        return Some((end, kind("us-npi")));
    }
    if lengths.len() == 1 && (7..=9).contains(&digits.len()) && near.names(PASSPORT) {
        return Some((end, kind("passport-number")));
    }
    None
}

/// Seconds or milliseconds since 1970 of the years 2001 to 2040.
fn is_epoch(digits: &[u8]) -> bool {
    matches!(digits.len(), 10 | 13)
        && (digits[0] == 1 && digits[1] >= 2 || digits[0] == 2 && digits[1] <= 2)
}

fn date(year: &[u8], month: &[u8], day: &[u8]) -> bool {
    let _ = year;
    let month = month[0] * 10 + month[1];
    let day = day[0] * 10 + day[1];
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn not_uniform(digits: &[u8]) -> bool {
    digits.iter().any(|&digit| digit != digits[0])
}

fn mod11_pair(digits: &[u8], first: &[u32], second: &[u32]) -> bool {
    let check = |weights: &[u32]| match weighted(digits, weights) % 11 {
        rest @ 2.. => 11 - rest,
        _ => 0,
    };
    u32::from(digits[first.len()]) == check(first)
        && u32::from(digits[second.len()]) == check(second)
}

fn cpf(d: &[u8]) -> bool {
    d.len() == 11
        && not_uniform(d)
        && mod11_pair(
            d,
            &[10, 9, 8, 7, 6, 5, 4, 3, 2],
            &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
        )
}

fn cnpj(d: &[u8]) -> bool {
    d.len() == 14
        && not_uniform(d)
        && mod11_pair(
            d,
            &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2],
            &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2],
        )
}

/// The check digit was given up in 2020: the date and the century digit have to do.
fn korea(d: &[u8]) -> bool {
    d.len() == 13 && date(&d[..2], &d[2..4], &d[4..6]) && (1..=8).contains(&d[6])
}

fn sweden(d: &[u8]) -> bool {
    let short = match d.len() {
        10 => d,
        12 if d[..2] == [1, 9] || d[..2] == [2, 0] || d[..2] == [1, 8] => &d[2..],
        _ => return false,
    };
    let day = short[4] * 10 + short[5];
    let day = if day > 60 { day - 60 } else { day };
    date(&short[..2], &short[2..4], &[day / 10, day % 10]) && luhn(short)
}

fn sweden_org(d: &[u8]) -> bool {
    d.len() == 10 && d[2] >= 2 && (1..=9).contains(&d[0]) && luhn(d)
}

fn china(d: &[u8]) -> bool {
    d.len() == 18
        && (d[6..8] == [1, 9] || d[6..8] == [2, 0])
        && date(&d[6..10], &d[10..12], &d[12..14])
        && (weighted(
            &d[..17],
            &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
        ) + u32::from(d[17]))
            % 11
            == 1
}

fn aadhaar(d: &[u8]) -> bool {
    d.len() == 12 && d[0] >= 2 && verhoeff(d)
}

fn belgium(d: &[u8]) -> bool {
    let check = |digits: &[u8], extra: u64| {
        97 - (remainder(digits, 97) + extra) % 97 == remainder(&d[9..11], 1000)
    };
    // Births since 2000 are counted with a 2 in front.
    d.len() == 11
        && date(&d[..2], &d[2..4], &d[4..6])
        && (check(&d[..9], 0) || check(&d[..9], 2_000_000_000 % 97))
}

fn france(d: &[u8]) -> bool {
    d.len() == 15
        && matches!(d[0], 1 | 2)
        && (1..=12).contains(&(d[3] * 10 + d[4]))
        && 97 - remainder(&d[..13], 97) == remainder(&d[13..], 1000)
}

fn south_africa(d: &[u8]) -> bool {
    d.len() == 13 && date(&d[..2], &d[2..4], &d[4..6]) && d[10] <= 1 && luhn(d)
}

fn pesel(d: &[u8]) -> bool {
    let month = |d: &[u8]| (d[2] * 10 + d[3]) % 20;
    d.len() == 11
        && (1..=12).contains(&month(d))
        && (1..=31).contains(&(d[4] * 10 + d[5]))
        && (weighted(&d[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) + u32::from(d[10]))
            .is_multiple_of(10)
}

fn turkey(d: &[u8]) -> bool {
    if d.len() != 11 || d[0] == 0 {
        return false;
    }
    let odd: i32 = [0, 2, 4, 6, 8].iter().map(|&at| i32::from(d[at])).sum();
    let even: i32 = [1, 3, 5, 7].iter().map(|&at| i32::from(d[at])).sum();
    let total: i32 = d[..10].iter().map(|&digit| i32::from(digit)).sum();
    (odd * 7 - even).rem_euclid(10) == i32::from(d[9]) && total % 10 == i32::from(d[10])
}

fn thailand(d: &[u8]) -> bool {
    d.len() == 13 && (1..=8).contains(&d[0]) && {
        let sum = weighted(&d[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        (11 - sum % 11) % 10 == u32::from(d[12])
    }
}

fn abn(d: &[u8]) -> bool {
    d.len() == 11 && d[0] > 0 && {
        let mut copy = [0u8; 11];
        copy.copy_from_slice(d);
        copy[0] -= 1;
        weighted(&copy, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
    }
}

fn medicare(d: &[u8]) -> bool {
    d.len() == 10
        && (2..=6).contains(&d[0])
        && weighted(&d[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(d[8])
}

fn nhs(d: &[u8]) -> bool {
    d.len() == 10
        && not_uniform(d)
        && (weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) + u32::from(d[9])).is_multiple_of(11)
}

fn npi(d: &[u8]) -> bool {
    let mut long = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    d.len() == 10 && matches!(d[0], 1 | 2) && not_uniform(d) && {
        long[5..].copy_from_slice(d);
        luhn(&long)
    }
}

fn itin(d: &[u8]) -> bool {
    d.len() == 9 && d[0] == 9 && matches!(d[3] * 10 + d[4], 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

fn sin(d: &[u8]) -> bool {
    d.len() == 9 && !matches!(d[0], 0 | 8) && not_uniform(d) && luhn(d)
}

fn acn(d: &[u8]) -> bool {
    d.len() == 9
        && not_uniform(d)
        && (10 - weighted(&d[..8], &[8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == u32::from(d[8])
}

fn tfn(d: &[u8]) -> bool {
    d.len() == 9 && not_uniform(d) && weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn bsn(d: &[u8]) -> bool {
    d.len() == 9
        && not_uniform(d)
        && (weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * u32::from(d[8])).is_multiple_of(11)
}

fn germany_tax(d: &[u8]) -> bool {
    d.len() == 11 && d[0] > 0 && {
        let product = d[..10].iter().fold(10u32, |product, &digit| {
            let sum = (u32::from(digit) + product) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
        (11 - product) % 10 == u32::from(d[10])
    }
}
