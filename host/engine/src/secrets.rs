//! The secrets that the process itself holds, and their literal match in texts.
//!
//! Redactors know what secrets look like; they cannot know that `correct horse` is this database's password.
//! So whoever reads a key, a password or a token registers it here first, and every text that goes to a log
//! or shows foreign text is searched for all of them at once: as they are, and in the forms in which
//! libraries repeat them (percent-encoded, JSON-escaped, base64 at any offset inside a larger text). Answers are
//! searched for the longer ones while they come (`stream`).
//!
//! The trade-off: the search automaton holds the patterns a second time, in memory that is not wiped when it
//! is dropped. Both live as long as the process, which takes no core dumps.

mod stream;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

pub(crate) use self::stream::Stream;
use self::stream::{Forms, MIN_BYTES as MIN_STREAM_BYTES};

/// What stands in the place of a secret of this process.
pub const MARKER: &str = "[redacted:own-secret]";

/// Shorter secrets are not searched for: they would hide ordinary words everywhere.
const MIN_BYTES: usize = 4;

/// Shorter encoded forms are not searched for, for the same reason.
const MIN_ENCODED_BYTES: usize = 8;

/// The registry. Clones share one content.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Registry>);

#[derive(Default)]
struct Registry {
    /// Every form of every secret.
    forms: Mutex<Vec<Zeroizing<String>>>,
    /// Matches all forms; none while there are none.
    matcher: RwLock<Option<Arc<AhoCorasick>>>,
    /// The forms that are looked for in answers; none while there are none.
    in_answers: RwLock<Option<Arc<Forms>>>,
}

impl Secrets {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers one secret. From then on it is masked in every text. Registering it again changes nothing.
    ///
    /// Of a URL register the password alone, decoded. Secrets of fewer than 4 bytes are left to the redactors.
    pub fn add(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < MIN_BYTES {
            return;
        }
        let mut forms = self.0.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if forms.iter().any(|form| form.as_str() == secret) {
            return;
        }
        let new = all_forms(secret);
        if secret.len() >= MIN_STREAM_BYTES {
            self.look_in_answers(&new);
        }
        forms.extend(new);
        let matcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms.iter().map(|form| form.as_bytes()));
        // Building fails only for patterns of gigabytes in total. The old matcher then stays.
        if let Ok(matcher) = matcher {
            *self
                .0
                .matcher
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(matcher));
        }
    }

    fn look_in_answers(&self, new: &[Zeroizing<String>]) {
        let mut known = self
            .0
            .in_answers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = known.as_deref().map(Forms::all).unwrap_or_default();
        // Where there are gigabytes of forms, those before stay.
        if let Some(forms) = Forms::new([before, new].concat()) {
            *known = Some(Arc::new(forms));
        }
    }

    /// What is looked for in answers.
    fn forms(&self) -> Option<Arc<Forms>> {
        let known = self.0.in_answers.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The text with every registered secret replaced by [`MARKER`].
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let matcher = self
            .0
            .matcher
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(matcher) = matcher else {
            return Cow::Borrowed(text);
        };
        let mut masked = String::new();
        let mut done = 0;
        for found in matcher.find_iter(text) {
            // Patterns are whole characters, so a match never begins or ends inside one.
            masked.push_str(&text[done..found.start()]);
            masked.push_str(MARKER);
            done = found.end();
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        masked.push_str(&text[done..]);
        Cow::Owned(masked)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

fn all_forms(secret: &str) -> Vec<Zeroizing<String>> {
    let mut forms = vec![
        secret.to_owned(),
        percent_encoded(secret, true),
        percent_encoded(secret, false),
    ];
    if let Ok(json) = serde_json::to_string(secret) {
        forms.push(json[1..json.len() - 1].to_owned());
    }
    forms.push(secret.escape_debug().to_string());
    for offset in 0..3 {
        forms.push(base64_inside(secret, offset, |bytes| {
            STANDARD_NO_PAD.encode(bytes)
        }));
        forms.push(base64_inside(secret, offset, |bytes| {
            URL_SAFE_NO_PAD.encode(bytes)
        }));
    }
    forms
        .into_iter()
        .map(Zeroizing::new)
        .filter(|form| form.as_str() == secret || form.len() >= MIN_ENCODED_BYTES)
        .collect()
}

/// What of the base64 of `…secret…` depends on the secret alone when `offset` bytes (modulo 3) precede it.
fn base64_inside(secret: &str, offset: usize, encode: impl Fn(&[u8]) -> String) -> String {
    let mut bytes = Zeroizing::new(vec![0; offset]);
    bytes.extend_from_slice(secret.as_bytes());
    let encoded = Zeroizing::new(encode(&bytes));
    // A character carries six bits: the first ones mix with what precedes, the last one with what follows.
    let first = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    encoded[first..end].to_owned()
}

/// Every byte but RFC 3986's unreserved ones as `%XX`.
fn percent_encoded(secret: &str, upper: bool) -> String {
    let mut encoded = String::with_capacity(secret.len() * 3);
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else if upper {
            encoded.push_str(&format!("%{byte:02X}"));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks like no real key.
    const PLANTED: &str = "plänted \"horse\"/42?";

    fn planted() -> Secrets {
        let secrets = Secrets::new();
        secrets.add(PLANTED);
        secrets
    }

    #[test]
    fn nothing_registered_changes_nothing() {
        assert!(matches!(
            Secrets::new().mask("a text"),
            Cow::Borrowed("a text")
        ));
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        let text = format!("{PLANTED} and <{PLANTED}>");
        assert_eq!(planted().mask(&text), format!("{MARKER} and <{MARKER}>"));
    }

    #[test]
    fn escaped_forms_are_masked() {
        let secrets = planted();
        for form in [
            percent_encoded(PLANTED, true),
            percent_encoded(PLANTED, false),
            serde_json::to_string(PLANTED).unwrap_or_default(),
            format!("{PLANTED:?}"),
        ] {
            let masked = secrets.mask(&form).into_owned();
            assert!(masked.contains(MARKER), "{form} gave {masked}");
            assert!(!masked.contains("horse"), "{form} gave {masked}");
        }
    }

    #[test]
    fn base64_is_masked_at_every_offset() {
        let secrets = planted();
        for before in ["", "u", "us", "user:"] {
            for after in ["", ".", "..", "..."] {
                let encoded = STANDARD_NO_PAD.encode(format!("{before}{PLANTED}{after}"));
                let masked = secrets.mask(&encoded).into_owned();
                assert!(masked.contains(MARKER), "{before}…{after} gave {masked}");
                assert!(
                    masked.len() < MARKER.len() + 2 * (before.len() + after.len()) + 6,
                    "{masked}"
                );
            }
        }
    }

    #[test]
    fn the_longest_of_overlapping_secrets_is_masked_whole() {
        let secrets = planted();
        secrets.add("plänted");
        assert_eq!(secrets.mask(PLANTED), MARKER);
    }

    #[test]
    fn the_debug_form_shows_nothing() {
        assert_eq!(format!("{:?}", planted()), "Secrets(..)");
    }
}
