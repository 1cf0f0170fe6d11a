//! Numbers of documents whose form says nothing: a telling word beside them is needed, and enough digits.

use super::context::{Beginnings, Context};
use crate::anchor::national;
use crate::class::{ALNUM_DASH, run_end};
use crate::scan::{Found, Hit, Input};
use crate::word::Word;

/// What a word announces, and what it must look like.
struct Document {
    kind: u16,
    /// Letters and digits, at least and at most.
    lengths: std::ops::RangeInclusive<usize>,
    /// Digits, at least.
    digits: usize,
    words: &'static [&'static str],
}

const SHORTEST: usize = 5;
const LONGEST: usize = 20;
/// How long numbers alone are: shorter and longer ones have many other reasons.
const PLAIN: std::ops::RangeInclusive<usize> = 7..=18;

const DOCUMENTS: &[Document] = &[
    Document {
        kind: national("passport-number"),
        lengths: 7..=9,
        digits: 6,
        words: PASSPORT,
    },
    Document {
        kind: national("driver-license"),
        lengths: 6..=18,
        digits: 5,
        words: &[
            "driver license",
            "driver's license",
            "drivers license",
            "driver licence",
            "driver's licence",
            "drivers licence",
            "driving licence",
            "driving license",
            "driver-license",
            "driver_license",
            "führerschein",
            "fuehrerschein",
            "permis de conduire",
            "carnet de conducir",
            "permiso de conducir",
            "carta de condução",
            "patente di guida",
            "patente",
            "rijbewijs",
            "prawo jazdy",
            "körkort",
            "운전면허",
        ],
    },
    Document {
        kind: national("identity-card"),
        lengths: 7..=12,
        digits: 5,
        words: &[
            "identity card",
            "id card",
            "identity number",
            "national id",
            "government id",
            "personalausweis",
            "ausweisnummer",
            "carta d'identità",
            "carta d'identita",
            "carte d'identité",
            "carte d'identite",
            "cédula",
            "cedula",
            "documento de identidad",
            "identiteitskaart",
            "dowód",
            "dowod osobisty",
        ],
    },
    Document {
        kind: national("tax-number"),
        lengths: 8..=15,
        digits: 6,
        words: &[
            "tax id",
            "tax-id",
            "tax_id",
            "tax number",
            "taxpayer",
            "tax identification",
            "steuernummer",
            "steuer-nr",
            "steuer-id",
            "steuer id",
            "vat number",
            "vat id",
            "vat no",
            "vat reg",
            "ust-id",
            "ustid",
            "umsatzsteuer",
            "partita iva",
            "p.iva",
            "p. iva",
            "numéro fiscal",
            "numero fiscal",
            "npwp",
        ],
    },
    Document {
        kind: national("health-insurance-number"),
        lengths: 8..=13,
        digits: 6,
        words: &[
            "health insurance",
            "health card",
            "health number",
            "medicare",
            "medicaid",
            "krankenversicher",
            "krankenkasse",
            "versichertennummer",
            "versicherten-nr",
            "medical record",
            "tessera sanitaria",
        ],
    },
    Document {
        kind: national("voter-id"),
        lengths: 8..=18,
        digits: 6,
        words: &["voter", "electoral", "clave de elector"],
    },
    Document {
        kind: national("vehicle-plate"),
        lengths: 5..=10,
        digits: 2,
        words: &[
            "license plate",
            "licence plate",
            "number plate",
            "plate number",
            "kennzeichen",
            "plaka",
            "matrícula",
            "matricula",
            "immatriculation",
            "vehicle registration",
            "vehicle number",
            "targa",
        ],
    },
];

/// Words that announce the number of a passport, in the languages of its country.
const PASSPORT: &[&str] = &[
    "passport",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "passaporte",
    "paszport",
    "pasaport",
    "pass-nr",
    "여권",
    "パスポート",
    "护照",
    "паспорт",
];

/// A cheap look for all the words at once: most numbers have none of them near.
static BEGINNINGS: Beginnings = beginnings();

const fn beginnings() -> Beginnings {
    let mut beginnings = Beginnings::new();
    let mut document = 0;
    while document < DOCUMENTS.len() {
        beginnings = beginnings.with(DOCUMENTS[document].words);
        document += 1;
    }
    beginnings
}

/// Whether a value may begin with `word`: digits enough, no small letters among the first five, and no blank.
pub(crate) fn may_begin(bytes: &[u8], at: usize, word: Word) -> bool {
    let length = word.end - at;
    let enough =
        length >= SHORTEST && word.digits >= 2 && (word.digits < length || PLAIN.contains(&length));
    (enough || bytes.get(word.end) == Some(&b'-'))
        && !bytes[at..]
            .iter()
            .take(SHORTEST)
            .any(u8::is_ascii_lowercase)
}

/// A value that begins with the word at `at`, as one of the words announces it.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let end = run_end(bytes, at, ALNUM_DASH, LONGEST + 1);
    if end == bytes.len() && !input.complete && end - at <= LONGEST {
        return Found::More(at);
    }
    let value = &bytes[at..end];
    let (mut length, mut digits, mut lower) = (0, 0, false);
    for &byte in value {
        length += usize::from(byte != b'-');
        digits += usize::from(byte.is_ascii_digit());
        lower |= byte.is_ascii_lowercase();
    }
    let dated = value.len() == 10 && value[4] == b'-' && value[7] == b'-';
    if end - at > LONGEST
        || value.ends_with(b"-")
        || dated
        || lower
        || digits < 2
        || length < SHORTEST
    {
        return Found::None;
    }
    if digits == length && !PLAIN.contains(&length) {
        return Found::None;
    }
    let near = Context::new(input, at, end);
    if !input.lets(near.may_announce(&BEGINNINGS)) {
        return Found::None;
    }
    let mut more = false;
    for document in DOCUMENTS {
        let plate = document.digits < 5;
        if !document.lengths.contains(&length)
            || digits < document.digits
            || (plate && digits == length)
            || input.rules.is_off(document.kind)
        {
            continue;
        }
        match near.announces(document.kind, document.words) {
            Some(true) => {
                return Found::Hit(Hit {
                    start: at,
                    end,
                    kind: document.kind,
                    tail: None,
                });
            }
            Some(false) => {}
            None => more = true,
        }
    }
    if more { Found::More(at) } else { Found::None }
}
