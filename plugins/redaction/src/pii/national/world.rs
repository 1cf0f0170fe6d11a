//! The world outside of Europe.

use super::{Id, announced, date, not_uniform};
use crate::checksum::{luhn, verhoeff, weighted};

pub(super) const IDS: &[Id] = &[
    announced("br-cpf", &[&[3, 3, 3, 2]], &["cpf"], cpf)
        .in_groups()
        .alone(),
    announced("br-cnpj", &[&[2, 3, 3, 4, 2]], &["cnpj"], cnpj)
        .in_groups()
        .alone(),
    announced(
        "kr-registration-number",
        &[&[6, 7]],
        &["주민", "외국인", "registration", "rrn", "frn"],
        korea,
    )
    .in_groups()
    .alone(),
    announced("cn-resident-id", &[], &["身份证", "resident"], china)
        .of(18)
        .alone(),
    announced(
        "in-aadhaar",
        &[&[4, 4, 4]],
        &["aadhaar", "aadhar", "uidai", "uid"],
        aadhaar,
    )
    .in_groups(),
    announced(
        "za-id-number",
        &[&[6, 4, 3]],
        &["south africa", "rsa id", "id number", "identity number"],
        south_africa,
    )
    .alone(),
    announced(
        "th-national-id",
        &[&[1, 4, 5, 2, 1]],
        &["tnin", "thai", "บัตรประชาชน"],
        thailand,
    )
    .in_groups()
    .alone(),
    announced("au-abn", &[&[2, 3, 3, 3]], &["abn"], abn).in_groups(),
    announced("au-medicare", &[&[4, 5, 1]], &["medicare"], medicare).in_groups(),
    announced("us-npi", &[&[4, 3, 3]], &["npi", "provider"], npi).in_groups(),
    announced("us-itin", &[&[3, 2, 4]], &["itin"], itin).in_groups(),
    announced("ca-sin", &[&[3, 3, 3]], &["sin", "social insurance"], sin),
    announced("au-acn", &[&[3, 3, 3]], &["acn"], acn),
    announced("au-tfn", &[&[3, 3, 3]], &["tfn", "tax file"], tfn),
    announced(
        "us-aba-routing",
        &[&[4, 4, 1]],
        &["routing", "aba", "rtn"],
        routing,
    )
    .in_groups(),
    announced(
        "us-ein",
        &[&[2, 7]],
        &["ein", "employer identification"],
        |d| d.len() == 9,
    )
    .never_alone(),
    announced("ar-cuit", &[&[2, 8, 1]], &["cuit", "cuil"], argentina).in_groups(),
    announced("cl-rut", &[], &["rut", "run"], chile).of(8).of(9),
    announced("pe-ruc", &[], &["ruc"], |d| {
        d.len() == 11 && matches!(d[..2], [1, 0 | 5 | 7] | [2, 0])
    })
    .of(11),
    announced(
        "kr-business-number",
        &[&[3, 2, 5]],
        &["사업자", "brn", "business registration"],
        korean_business,
    )
    .in_groups(),
    announced(
        "kr-driver-license",
        &[&[2, 2, 6, 2]],
        &["운전면허", "driver"],
        |d| d.len() == 12 && matches!(d[..2], [1, 1..=9] | [2, 0..=8]),
    )
    .in_groups(),
    announced("ng-nin", &[&[4, 3, 4]], &["nin", "national identi"], |d| {
        d.len() == 11 && verhoeff(d)
    }),
    announced("il-id", &[], &["teudat", "תעודת", "israeli id"], |d| {
        d.len() == 9 && luhn(d)
    })
    .of(9),
    announced("my-nric", &[&[6, 2, 4]], &["mykad", "nric", "ic no"], |d| {
        d.len() == 12 && date(&d[2..4], &d[4..6])
    })
    .in_groups(),
    announced("id-nik", &[], &["nik", "ktp"], |d| d.len() == 16).of(16),
    announced("pk-cnic", &[&[5, 7, 1]], &["cnic"], |d| d.len() == 13)
        .of(13)
        .in_groups(),
    announced("ae-emirates-id", &[&[3, 4, 7, 1]], &["emirates"], |d| {
        d.len() == 15 && d[..3] == [7, 8, 4] && luhn(d)
    })
    .in_groups()
    .alone(),
    announced("nz-ird", &[&[2, 3, 3], &[3, 3, 3]], &["ird"], new_zealand).never_alone(),
    announced(
        "jp-my-number",
        &[&[4, 4, 4]],
        &["マイナンバー", "my number", "個人番号"],
        japan,
    ),
    announced("imei", &[&[2, 6, 6, 1]], &["imei"], |d| {
        d.len() == 15 && luhn(d)
    }),
];

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
    d.len() == 13 && date(&d[2..4], &d[4..6]) && (1..=8).contains(&d[6])
}

fn china(d: &[u8]) -> bool {
    d.len() == 18
        && (d[6..8] == [1, 9] || d[6..8] == [2, 0])
        && date(&d[10..12], &d[12..14])
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

fn south_africa(d: &[u8]) -> bool {
    d.len() == 13 && date(&d[2..4], &d[4..6]) && d[10] <= 1 && luhn(d)
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

pub(super) fn npi(d: &[u8]) -> bool {
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

fn mod11_pair(digits: &[u8], first: &[u32], second: &[u32]) -> bool {
    let check = |weights: &[u32]| match weighted(digits, weights) % 11 {
        rest @ 2.. => 11 - rest,
        _ => 0,
    };
    u32::from(digits[first.len()]) == check(first)
        && u32::from(digits[second.len()]) == check(second)
}

/// Weights 3, 7 and 1; the first two digits are a district of the reserve banks.
fn routing(d: &[u8]) -> bool {
    d.len() == 9
        && matches!(d[0] * 10 + d[1], 0..=12 | 21..=32 | 61..=72 | 80)
        && not_uniform(d)
        && weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

fn argentina(d: &[u8]) -> bool {
    d.len() == 11 && matches!(d[..2], [2, 0 | 3 | 4 | 7] | [3, 0 | 3 | 4]) && {
        let rest = weighted(&d[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        u32::from(d[10]) == (11 - rest) % 11
    }
}

fn chile(d: &[u8]) -> bool {
    let Some((&check, body)) = d.split_last() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .rev()
        .zip((2..=7).cycle())
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum();
    matches!(d.len(), 8 | 9) && u32::from(check) == (11 - sum % 11) % 11
}

fn korean_business(d: &[u8]) -> bool {
    d.len() == 10 && {
        let sum = weighted(&d[..9], &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + u32::from(d[8]) * 5 / 10;
        (10 - sum % 10) % 10 == u32::from(d[9])
    }
}

/// A second row of weights is taken where the first gives ten.
fn new_zealand(d: &[u8]) -> bool {
    let Some((&check, body)) = d.split_last() else {
        return false;
    };
    let rest = |weights: &[u32; 8]| (11 - weighted(body, &weights[8 - body.len()..]) % 11) % 11;
    matches!(d.len(), 8 | 9) && {
        let first = rest(&[3, 2, 7, 6, 5, 4, 3, 2]);
        let number = if first == 10 {
            rest(&[7, 4, 3, 2, 5, 2, 7, 6])
        } else {
            first
        };
        u32::from(check) == number
    }
}

fn japan(d: &[u8]) -> bool {
    d.len() == 12 && {
        let rest = weighted(&d[..11], &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        u32::from(d[11]) == if rest < 2 { 0 } else { 11 - rest }
    }
}
