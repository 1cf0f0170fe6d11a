//! Europe.

use super::{Id, announced, date, not_uniform};
use crate::checksum::{luhn, mod11_10, remainder, weighted};

pub(super) const IDS: &[Id] = &[
    announced(
        "se-personal-number",
        &[&[6, 4], &[8, 4]],
        &["personnummer", "samordningsnummer"],
        sweden,
    )
    .in_groups()
    .alone(),
    announced(
        "se-org-number",
        &[&[6, 4]],
        &["orgnummer", "organisationsnummer", "org.nr"],
        sweden_org,
    )
    .in_groups(),
    announced(
        "be-national-number",
        &[&[2, 2, 2, 3, 2]],
        &["rijksregister", "registre national", "niss", "insz"],
        belgium,
    )
    .in_groups()
    .alone(),
    announced(
        "fr-social-security",
        &[&[1, 2, 2, 2, 3, 3, 2]],
        &["nir", "sécurité sociale", "securite sociale", "insee"],
        france,
    )
    .in_groups()
    .alone(),
    announced("pl-pesel", &[], &["pesel"], pesel).of(11).alone(),
    announced(
        "tr-national-id",
        &[],
        &["kimlik", "tckn", "t.c.", "tc no"],
        turkey,
    )
    .of(11)
    .alone(),
    announced("uk-nhs-number", &[&[3, 3, 4]], &["nhs"], nhs).in_groups(),
    announced(
        "nl-bsn",
        &[],
        &["bsn", "burgerservicenummer", "sofinummer"],
        bsn,
    )
    .of(9),
    announced(
        "de-tax-id",
        &[&[2, 3, 3, 3]],
        &["steuer-id", "steueridentifikationsnummer", "idnr", "steuer"],
        germany_tax,
    ),
    announced(
        "de-tax-number",
        &[&[2, 3, 5], &[3, 3, 5], &[3, 4, 4], &[3, 3, 4]],
        &[
            "steuernummer",
            "steuer-nr",
            "steuernr",
            "st.-nr",
            "finanzamt",
        ],
        german_office,
    )
    .of(13),
    announced(
        "de-lanr",
        &[],
        &["lanr", "arztnummer", "arzt-nr"],
        german_doctor,
    )
    .of(9),
    announced(
        "de-bsnr",
        &[],
        &["bsnr", "betriebsstätt", "betriebsstaett"],
        |d| d.len() == 9,
    )
    .of(9),
    announced("dk-cpr", &[&[6, 4]], &["cpr", "personnummer"], |d| {
        d.len() == 10 && day_first(d)
    })
    .never_alone(),
    announced(
        "no-national-id",
        &[&[6, 5]],
        &["fødselsnummer", "fodselsnummer", "personnummer"],
        norway,
    )
    .in_groups()
    .alone(),
    announced("ch-ahv", &[&[3, 4, 4, 2]], &["ahv", "avs"], |d| {
        d.len() == 13 && d[..3] == [7, 5, 6] && ean(d)
    })
    .in_groups()
    .alone(),
    announced(
        "at-social-security",
        &[&[4, 6]],
        &["svnr", "sozialversicherung", "versicherungsnummer"],
        austria,
    ),
    announced(
        "cz-birth-number",
        &[&[6, 4]],
        &["rodné číslo", "rodne cislo", "rodné"],
        bohemia,
    )
    .in_groups(),
    announced("ro-cnp", &[], &["cnp"], romania).of(13).alone(),
    announced("bg-egn", &[], &["егн", "egn"], bulgaria).of(10),
    announced("hr-oib", &[], &["oib"], |d| d.len() == 11 && iso_7064(d)).of(11),
    announced("jmbg", &[], &["jmbg", "emšo", "emso"], yugoslavia)
        .of(13)
        .alone(),
    announced("gr-amka", &[], &["amka", "αμκα"], |d| {
        d.len() == 11 && day_first(d) && luhn(d)
    })
    .of(11),
    announced("ee-lt-personal-code", &[], &["isikukood", "asmens"], baltic)
        .of(11)
        .alone(),
    announced("lv-personal-code", &[&[6, 5]], &["personas kods"], |d| {
        d.len() == 11 && (day_first(d) || d[..2] == [3, 2])
    })
    .never_alone(),
    announced(
        "es-social-security",
        &[&[2, 8, 2], &[2, 10]],
        &["seguridad social", "nuss"],
        spain,
    ),
    announced(
        "fr-siret",
        &[&[3, 3, 3], &[3, 3, 3, 5]],
        &["siren", "siret"],
        |d| matches!(d.len(), 9 | 14) && luhn(d),
    ),
    announced(
        "it-vat",
        &[],
        &["partita iva", "p.iva", "p. iva", "vat"],
        |d| d.len() == 11 && luhn(d),
    )
    .of(11),
    announced("pt-nif", &[&[3, 3, 3]], &["nif", "contribuinte"], portugal),
    announced("uk-utr", &[], &["utr", "taxpayer reference"], |d| {
        d.len() == 10
    })
    .of(10),
    announced(
        "ru-snils",
        &[&[3, 3, 3, 2]],
        &["снилс", "snils"],
        |d| d.len() == 11 && snils(d),
    )
    .in_groups(),
    announced("ru-inn", &[], &["инн", "inn"], inn).of(10).of(12),
    announced("ua-tax-id", &[], &["рнокпп", "іпн"], |d| {
        d.len() == 10
    })
    .of(10),
];

fn sweden(d: &[u8]) -> bool {
    let short = match d.len() {
        10 => d,
        12 if d[..2] == [1, 9] || d[..2] == [2, 0] || d[..2] == [1, 8] => &d[2..],
        _ => return false,
    };
    let day = short[4] * 10 + short[5];
    let day = if day > 60 { day - 60 } else { day };
    date(&short[2..4], &[day / 10, day % 10]) && luhn(short)
}

fn sweden_org(d: &[u8]) -> bool {
    d.len() == 10 && d[2] >= 2 && (1..=9).contains(&d[0]) && luhn(d)
}

fn belgium(d: &[u8]) -> bool {
    let check = |digits: &[u8], extra: u64| {
        97 - (remainder(digits, 97) + extra) % 97 == remainder(&d[9..11], 1000)
    };
    // Births since 2000 are counted with a 2 in front.
    d.len() == 11
        && date(&d[2..4], &d[4..6])
        && (check(&d[..9], 0) || check(&d[..9], 2_000_000_000 % 97))
}

fn france(d: &[u8]) -> bool {
    d.len() == 15
        && matches!(d[0], 1 | 2)
        && (1..=12).contains(&(d[3] * 10 + d[4]))
        && 97 - remainder(&d[..13], 97) == remainder(&d[13..], 1000)
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

fn nhs(d: &[u8]) -> bool {
    d.len() == 10
        && not_uniform(d)
        && (weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) + u32::from(d[9])).is_multiple_of(11)
}

fn bsn(d: &[u8]) -> bool {
    d.len() == 9
        && not_uniform(d)
        && (weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * u32::from(d[8])).is_multiple_of(11)
}

fn germany_tax(d: &[u8]) -> bool {
    d.len() == 11 && d[0] > 0 && iso_7064(d)
}

/// Every tax office writes it in its own groups; thirteen digits nationwide.
fn german_office(d: &[u8]) -> bool {
    matches!(d.len(), 10 | 11 | 13)
}

/// The seventh digit complements the weighted sum of those before it.
fn german_doctor(d: &[u8]) -> bool {
    d.len() == 9 && (10 - weighted(&d[..6], &[4, 9, 4, 9, 4, 9]) % 10) % 10 == u32::from(d[6])
}

/// The date begins with the day.
fn day_first(d: &[u8]) -> bool {
    date(&d[2..4], &d[..2])
}

fn norway(d: &[u8]) -> bool {
    let check = |weights: &[u32], at: usize| {
        (weighted(&d[..at], weights) + u32::from(d[at])).is_multiple_of(11)
    };
    d.len() == 11
        && (1..=71).contains(&(d[0] * 10 + d[1]))
        && check(&[3, 7, 6, 1, 8, 9, 4, 5, 2], 9)
        && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10)
}

/// The check digit of article numbers.
fn ean(d: &[u8]) -> bool {
    weighted(d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// The fourth digit checks the others.
fn austria(d: &[u8]) -> bool {
    d.len() == 10
        && date(&d[6..8], &d[4..6])
        && weighted(d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == u32::from(d[3])
}

/// Months of women have 50 added.
fn bohemia(d: &[u8]) -> bool {
    let month = (d[2] * 10 + d[3]) % 50;
    d.len() == 10 && date(&[month / 10, month % 10], &d[4..6]) && remainder(d, 11) == 0
}

fn romania(d: &[u8]) -> bool {
    d.len() == 13 && (1..=8).contains(&d[0]) && date(&d[3..5], &d[5..7]) && {
        let rest = weighted(&d[..12], &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        u32::from(d[12]) == if rest == 10 { 1 } else { rest }
    }
}

fn bulgaria(d: &[u8]) -> bool {
    d.len() == 10 && weighted(&d[..9], &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == u32::from(d[9])
}

fn iso_7064(d: &[u8]) -> bool {
    let mut text = [0u8; 11];
    for (to, digit) in text.iter_mut().zip(d) {
        *to = b'0' + digit;
    }
    mod11_10(&text[..d.len().min(11)])
}

fn yugoslavia(d: &[u8]) -> bool {
    d.len() == 13 && day_first(d) && matches!(d[4], 0 | 9) && {
        let rest = weighted(&d[..12], &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        u32::from(d[12]) == (11 - rest) % 11
    }
}

/// A second row of weights is taken where the first gives ten.
fn baltic(d: &[u8]) -> bool {
    d.len() == 11 && (1..=6).contains(&d[0]) && date(&d[3..5], &d[5..7]) && {
        let first = weighted(&d[..10], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        let second = weighted(&d[..10], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
        u32::from(d[10]) == if first < 10 { first } else { second % 10 }
    }
}

fn spain(d: &[u8]) -> bool {
    d.len() == 12 && remainder(&d[..10], 97) == remainder(&d[10..], 100)
}

fn portugal(d: &[u8]) -> bool {
    d.len() == 9 && matches!(d[0], 1 | 2 | 3 | 5 | 6 | 8 | 9) && {
        let rest = weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        u32::from(d[8]) == if rest < 2 { 0 } else { 11 - rest }
    }
}

fn snils(d: &[u8]) -> bool {
    let sum = weighted(&d[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    u64::from(sum % 101 % 100) == remainder(&d[9..], 100)
}

fn inn(d: &[u8]) -> bool {
    let check = |weights: &[u32]| {
        weighted(&d[..weights.len()], weights) % 11 % 10 == u32::from(d[weights.len()])
    };
    match d.len() {
        10 => check(&[2, 4, 10, 3, 5, 9, 4, 6, 8]),
        12 => check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]),
        _ => false,
    }
}
