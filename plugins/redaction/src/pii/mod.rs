//! Personal data: structure and checksums decide, and a telling word before the value where those are weak.

pub(crate) mod email;
pub(crate) mod identifier;
pub(crate) mod ip;
pub(crate) mod national;
pub(crate) mod number;
pub(crate) mod phone;

use crate::anchor::structural;
use crate::scan::Input;

/// National ids, after the structural kinds.
pub(crate) const NATIONAL: &[&str] = &[
    "passport-number",
    "au-abn",
    "au-acn",
    "au-medicare",
    "au-tfn",
    "be-national-number",
    "br-cnpj",
    "br-cpf",
    "ca-sin",
    "cn-resident-id",
    "de-health-insurance",
    "de-id-card",
    "de-social-security",
    "de-tax-id",
    "es-nie",
    "es-nif",
    "fi-personal-id",
    "fr-social-security",
    "in-aadhaar",
    "in-gstin",
    "in-pan",
    "it-fiscal-code",
    "kr-registration-number",
    "nl-bsn",
    "pl-pesel",
    "se-org-number",
    "se-personal-number",
    "sg-nric",
    "sg-uen",
    "th-national-id",
    "tr-national-id",
    "uk-nhs-number",
    "uk-nino",
    "us-itin",
    "us-npi",
    "za-id-number",
];

const FIRST_PERSONAL: u16 = structural("email");

/// Whether a built-in kind is personal data rather than a secret.
pub(crate) fn is_personal(kind: u16) -> bool {
    (FIRST_PERSONAL..FIRST_PERSONAL + 6 + NATIONAL.len() as u16).contains(&kind)
}

/// How far before a value a telling word may stand.
const CONTEXT: usize = 48;

/// Whether one of `words` (lower case) stands shortly before `at`.
pub(crate) fn context(input: &Input<'_>, at: usize, words: &[&str]) -> bool {
    let from = input.floor.max(at.saturating_sub(CONTEXT)).min(at);
    let mut low = [0u8; CONTEXT];
    let before = &input.bytes[from..at];
    for (to, byte) in low.iter_mut().zip(before) {
        *to = byte.to_ascii_lowercase();
    }
    let low = &low[..before.len()];
    words.iter().any(|word| {
        let word = word.as_bytes();
        crate::count::steps(low.len());
        low.windows(word.len()).enumerate().any(|(at, window)| {
            // Short words count as whole ones only.
            window == word
                && (word.len() > 4
                    || ((at == 0 || !low[at - 1].is_ascii_alphanumeric())
                        && low
                            .get(at + word.len())
                            .is_none_or(|byte| !byte.is_ascii_alphanumeric())))
        })
    })
}

/// Whether `start..end` is all there is in the text.
pub(crate) fn alone(input: &Input<'_>, start: usize, end: usize) -> bool {
    input.whole
        && input.floor == 0
        && input.bytes.len() < 64
        && input.bytes[..start].trim_ascii().is_empty()
        && input.bytes[end..].trim_ascii().is_empty()
}
