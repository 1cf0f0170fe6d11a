//! Personal data: structure and checksums decide, and a telling word before the value where those are weak.

pub(crate) mod announced;
mod card;
pub(crate) mod context;
pub(crate) mod email;
pub(crate) mod iban;
pub(crate) mod identifier;
pub(crate) mod ids;
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
    "ae-emirates-id",
    "ar-cuit",
    "at-social-security",
    "bg-egn",
    "ch-ahv",
    "cl-rut",
    "company-register-number",
    "cz-birth-number",
    "de-bsnr",
    "de-lanr",
    "de-tax-number",
    "dk-cpr",
    "driver-license",
    "ee-lt-personal-code",
    "es-cif",
    "es-social-security",
    "fr-siret",
    "gr-amka",
    "health-insurance-number",
    "hk-id",
    "hr-oib",
    "id-nik",
    "identity-card",
    "ie-pps",
    "il-id",
    "imei",
    "it-vat",
    "jmbg",
    "jp-my-number",
    "kr-business-number",
    "kr-driver-license",
    "lv-personal-code",
    "mx-curp",
    "mx-rfc",
    "my-nric",
    "ng-nin",
    "no-national-id",
    "nz-ird",
    "pe-ruc",
    "pk-cnic",
    "postal-code",
    "pt-citizen-card",
    "pt-nif",
    "ro-cnp",
    "ru-inn",
    "ru-snils",
    "tax-number",
    "tw-id",
    "ua-tax-id",
    "uk-driving-licence",
    "uk-utr",
    "us-aba-routing",
    "us-dea-number",
    "us-ein",
    "us-mbi",
    "vat-number",
    "vehicle-id",
    "vehicle-plate",
    "voter-id",
];

const FIRST_PERSONAL: u16 = structural("email");

/// Whether a built-in kind is personal data rather than a secret.
pub(crate) fn is_personal(kind: u16) -> bool {
    (FIRST_PERSONAL..FIRST_PERSONAL + 6 + NATIONAL.len() as u16).contains(&kind)
}
