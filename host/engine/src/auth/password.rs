//! Passwords as people give them, and which ones are accepted.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

use crate::EngineError;

/// The shortest, in characters.
const MIN_CHARS: usize = 12;
/// The longest, in bytes.
const MAX_BYTES: usize = 1024;
/// Guessing takes more than 10^8 tries.
const LEAST_SCORE: Score = Score::Three;

/// What must be left of it without the account's name and address, in characters.
const LEAST_OWN_CHARS: usize = 8;

/// A password as it was typed, in the normal form NFKC: keyboards send the same letter in different forms. Shown
/// nowhere, wiped when it is dropped.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Takes any text.
    #[must_use]
    pub fn new(text: &SecretString) -> Self {
        let text = text.expose_secret();
        // Far too long to be one: not worth normalising, and refused or wrong all the same.
        if text.len() > 4 * MAX_BYTES {
            return Self(SecretString::from("x".repeat(MAX_BYTES + 1)));
        }
        Self(SecretString::from(text.nfkc().collect::<String>()))
    }

    /// Whether both are the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// Whether it could be the password of an account at all.
    pub(super) fn is_possible(&self) -> bool {
        (1..=MAX_BYTES).contains(&self.bytes().len())
    }

    /// Its beginning, no longer than a possible one: what costs as much to hash.
    pub(super) fn cut(&self) -> Self {
        let text = self.0.expose_secret();
        Self(SecretString::from(
            &text[..text.floor_char_boundary(MAX_BYTES)],
        ))
    }

    /// Refuses what is too short, too long, or soon guessed by somebody who knows these words. Takes milliseconds.
    pub(super) fn check(&self, known: &[&str]) -> Result<(), EngineError> {
        let text = self.0.expose_secret();
        let refused = |reason: String| Err(EngineError::Invalid(format!("the password {reason}")));
        if text.len() > MAX_BYTES {
            return refused(format!(
                "has more than {MAX_BYTES} bytes: choose a shorter one"
            ));
        }
        if text.chars().count() < MIN_CHARS {
            return refused(format!(
                "has fewer than {MIN_CHARS} characters: several words that have nothing to do with each other are \
                 easy to remember"
            ));
        }
        if text.chars().any(char::is_control) {
            return refused("holds control characters: choose one that can be typed".to_owned());
        }
        let parts: Vec<&str> = known
            .iter()
            .flat_map(|word| word.split(|letter: char| !letter.is_alphanumeric()))
            .chain(known.iter().copied())
            .filter(|word| word.len() > 2)
            .chain(["mini", "llm", "chat", "mini-llm-chat"])
            .collect();
        if zxcvbn::zxcvbn(text, &parts).score() < LEAST_SCORE || is_mostly(text, &parts) {
            return refused(
                "is common or soon guessed: choose several words that have nothing to do with each other, or a \
                 password manager's"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// Whether little of the text is left without these words.
fn is_mostly(text: &str, words: &[&str]) -> bool {
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = text.to_lowercase();
    for word in words {
        rest = rest.replace(&word, "");
    }
    rest.chars().count() < LEAST_OWN_CHARS
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), EngineError> {
        Password::new(&SecretString::from(text)).check(&["anna.winter", "anna@example.org"])
    }

    #[test]
    fn long_unusual_passwords_are_taken() {
        for text in [
            "copper-lantern-otter-39",
            "Übermut tut selten gut, meint Opa",
            "kX7#pQ2!vR9z",
            &"a kite in the wind ".repeat(53),
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn short_huge_common_and_personal_ones_are_refused_and_not_repeated() {
        let huge = "kX7#pQ2!vR9z".repeat(100);
        let vast = "é".repeat(1_000_000);
        for text in [
            "",
            "short",
            "kX7#pQ2!vR9",
            "password1234",
            "123456789012",
            "qwertyuiopas",
            "aaaaaaaaaaaaaaaa",
            "annawinter2024",
            "minillmchat1",
            "kX7#pQ2!\0R9zz",
            &huge,
            &vast,
        ] {
            let error = check(text).map_or_else(|error| error.to_string(), |()| String::new());
            assert!(
                error.starts_with("the password "),
                "{}: {error}",
                text.len()
            );
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn forms_of_one_letter_are_one_password() {
        let bytes = |text: &str| Password::new(&SecretString::from(text)).bytes().to_vec();
        assert_eq!(bytes("Ju\u{308}rgen"), bytes("J\u{fc}rgen"));
    }
}
