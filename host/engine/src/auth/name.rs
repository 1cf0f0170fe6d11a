//! Names of accounts: what they may be, and when two of them are the same.
//!
//! A name is compared without case and without differences that only Unicode sees (NFKC). A new name must not
//! even look like another one: `раypal` with Cyrillic letters is `paypal` to whoever reads a list of users.

use std::fmt;

use aws_lc_rs::hmac;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

use crate::EngineError;
use crate::keys::Key;

/// The longest name, in characters.
const MAX_CHARS: usize = 64;
/// The longest e-mail address, in bytes, as the protocol has it.
const MAX_EMAIL_BYTES: usize = 254;

/// The name of an account, in the form that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    name: String,
    look: String,
}

impl AccountName {
    /// Takes 1 to 64 letters and digits of one script, and `.`, `_`, `-`, `@` and `+` after the first.
    ///
    /// # Errors
    /// [`EngineError::Invalid`], which says what is wrong. It does not repeat the name: people type passwords there.
    pub fn new(text: &str) -> Result<Self, EngineError> {
        let invalid = |reason: &str| EngineError::Invalid(format!("the user name {reason}"));
        // More bytes can never be few enough characters, and need no look.
        if text.len() > 4 * MAX_CHARS {
            return Err(invalid("has more than 64 characters"));
        }
        let name: String = text.nfkc().collect();
        if name.is_empty() {
            return Err(invalid("is empty"));
        }
        if name.chars().count() > MAX_CHARS {
            return Err(invalid("has more than 64 characters"));
        }
        if name.chars().any(char::is_control) {
            return Err(invalid("holds control characters"));
        }
        if !name.chars().all(is_allowed) {
            return Err(invalid(
                "may hold letters, digits and . _ - @ + only, without blanks or quotes",
            ));
        }
        if !name.starts_with(char::is_alphanumeric) {
            return Err(invalid("must begin with a letter or a digit"));
        }
        if !name.is_single_script() {
            return Err(invalid(
                "mixes letters of different scripts, which look alike: use one script",
            ));
        }
        let look = skeleton(&folded(&name)).collect();
        Ok(Self { name, look })
    }

    /// As it was given, in the normal form NFKC.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// What all names that look the same have in common.
    pub(crate) fn look(&self) -> &str {
        &self.look
    }

    /// Whether a stored name is this one, whatever the case.
    pub(crate) fn is(&self, stored: &str) -> bool {
        folded(&self.name) == folded(stored)
    }

    /// Stands for the name where failed logins are counted: what people type there may be a password.
    pub(crate) fn digest(&self, key: &Key) -> NameDigest {
        NameDigest::of(&self.look, key)
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Stands for a name that was typed at a login, whether it is an account's or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameDigest(String);

impl NameDigest {
    /// The digest of any text that was typed as a name.
    pub(crate) fn of(text: &str, key: &Key) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.derive("failed logins").as_ref());
        let tag = hmac::sign(&key, text.as_bytes());
        Self(
            tag.as_ref()[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes what could be an e-mail address, or nothing. It is only shown; nothing is sent there.
///
/// # Errors
/// [`EngineError::Invalid`] for anything else.
pub fn check_email(text: &str) -> Result<(), EngineError> {
    let has_parts = text
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let fits = text.len() <= MAX_EMAIL_BYTES
        && has_parts
        && text
            .chars()
            .all(|letter| !letter.is_whitespace() && !letter.is_control() && letter != '"');
    if text.is_empty() || fits {
        return Ok(());
    }
    Err(EngineError::Invalid(
        "the e-mail address is none: write it as name@example.org, or leave it empty".to_owned(),
    ))
}

fn is_allowed(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || ".-_@+".contains(letter);
    }
    // Also combining marks that a script needs; no invisible ones.
    letter.identifier_allowed()
}

fn folded(name: &str) -> String {
    name.to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use super::*;

    #[test]
    fn names_of_people_and_machines_are_taken() {
        for text in [
            "a",
            "anna",
            "Anna.Lena-2_b",
            "a@b.example",
            "a+b",
            "Jürgen",
            "мария",
            "花子",
            "أمينة",
            "ＡＢＣ",
        ] {
            AccountName::new(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        assert_eq!(AccountName::new("ＡＢＣ").unwrap().as_str(), "ABC");
    }

    #[test]
    fn what_is_no_name_is_refused_and_not_repeated() {
        let long = "x".repeat(65);
        let huge = "x".repeat(1000);
        for text in [
            "",
            " ",
            "two words",
            "it's",
            "\"x\"",
            "x'; DROP TABLE users; --",
            "a\0b",
            "a\nb",
            "\u{1b}[2Jx",
            "-x",
            "@x",
            "a\u{200b}b",
            "a\u{202e}b",
            "a/b",
            "раypal",
            &long,
            &huge,
            "🙂",
        ] {
            let error = AccountName::new(text).unwrap_err().to_string();
            assert!(error.starts_with("the user name "), "{error}");
            assert!(text.len() < 4 || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn case_and_form_make_no_other_name_and_look_alikes_share_their_look() {
        let name = |text| AccountName::new(text).unwrap();
        assert!(name("anna").is("ANNA") && name("ＡＮＮＡ").is("anna"));
        assert!(name("JÜRGEN").is("ju\u{308}rgen"));
        // Cyrillic throughout.
        assert_eq!(name("аса").look(), name("aca").look());
        assert!(!name("аса").is("aca"));
        assert_ne!(name("anna").look(), name("hanna").look());
    }

    #[test]
    fn an_email_address_is_one_or_empty() {
        for text in ["", "a@b", "a.b@example.org"] {
            assert!(check_email(text).is_ok(), "{text}");
        }
        let long = format!("{}@b", "x".repeat(300));
        for text in ["a", "@b", "a@", "a b@c", "a@b\u{1b}[2J", "\"a\"@b", &long] {
            assert!(check_email(text).is_err(), "{text}");
        }
    }
}
