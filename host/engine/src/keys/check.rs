//! What is no key: too short, too uniform, or copied from an example.

/// The least that a key must have, in bytes: as much as the digests that it keys.
pub(super) const MIN_BYTES: usize = 32;
/// A longer line is a wrong file.
pub(super) const MAX_BYTES: usize = 4096;
/// 32 random hexadecimal digits have fewer than this many different ones about never.
const MIN_DIFFERENT: usize = 8;

/// Parts of the values that stand in examples and templates, in lower case, letters and digits only.
const PLACEHOLDERS: &[&str] = &[
    "astringsecretatleast256bitslong",
    "changeit",
    "changeme",
    "changethis",
    "defaultkey",
    "defaultsecret",
    "donotuse",
    "dummysecret",
    "examplekey",
    "examplesecret",
    "generatea",
    "insecure",
    "mysecret",
    "mysupersecret",
    "notasecret",
    "password",
    "placeholder",
    "replaceme",
    "replacethis",
    "replacewith",
    "secretkeyhere",
    "secretkeyfor",
    "supersecret",
    "thisisasecret",
    "thisismysecret",
    "verysecret",
    "your256bitsecret",
    "yourjwtsecret",
    "yourkey",
    "yoursecret",
    "yoursupersecret",
    "yoursecure",
];

/// Says what is wrong with a key and what to do. Never repeats any of it.
pub(super) fn check(key: &[u8]) -> Result<(), String> {
    if key.len() < MIN_BYTES {
        return Err(format!(
            "it has {} bytes, fewer than {MIN_BYTES}: make one with `openssl rand -hex 32`",
            key.len()
        ));
    }
    if key.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let plain: String = key
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let mut different = key.to_vec();
    different.sort_unstable();
    different.dedup();
    if different.len() < MIN_DIFFERENT || PLACEHOLDERS.iter().any(|known| plain.contains(known)) {
        return Err(
            "it is a placeholder that others know: make one with `openssl rand -hex 32`".to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_templates_are_refused() {
        for text in [
            "a-string-secret-at-least-256-bits-long",
            "your_super_secret_jwt_key_change_in_production",
            "Change-Me-To-A-Long-Random-String!!",
            "your-256-bit-secret-your-256-bit-secret",
            "00000000000000000000000000000000",
            "12121212121212121212121212121212",
        ] {
            let said = check(text.as_bytes()).err().unwrap_or_default();
            assert!(said.contains("placeholder"), "{text}: {said}");
            assert!(!said.contains(text));
        }
    }

    #[test]
    fn a_short_key_is_refused_and_a_random_one_taken() {
        assert!(check(b"0123456789abcdef0123456789abcde").is_err());
        assert!(check(b"0123456789abcdef0123456789abcdef").is_ok());
        assert!(check(b"q3VhbGl0eSBvdmVyIHF1YW50aXR5LCBhbHdheXM=").is_ok());
    }
}
