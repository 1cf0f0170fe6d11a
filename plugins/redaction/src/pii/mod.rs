//! Personal data: structure and checksums decide, and a telling word before the value where those are weak.

pub(crate) mod context;
pub(crate) mod email;
pub(crate) mod identifier;
pub(crate) mod ip;
pub(crate) mod national;
pub(crate) mod number;
pub(crate) mod phone;

use crate::anchor::structural;

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
