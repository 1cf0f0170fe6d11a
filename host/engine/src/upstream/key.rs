//! The key for the model server.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::base_url::BaseUrl;
use super::error::ConfigError;

/// Shorter than any key that OpenAI gave out, longer than a placeholder.
const OPENAI_KEY_MIN_BYTES: usize = 20;
/// Longer than any key known; a header must stay within what servers take.
const KEY_MAX_BYTES: usize = 4096;

/// A key whose form fits its server. It shows itself to nothing but the header.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Checks a key: for OpenAI's own server it begins with `sk-`; elsewhere any visible ASCII will do.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the form, never the key.
    pub fn parse(key: SecretString, server: &BaseUrl) -> Result<Self, ConfigError> {
        let text = key.expose_secret();
        if text.is_empty()
            || text.len() > KEY_MAX_BYTES
            || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ConfigError::KeyForm(
                "it must be visible ASCII without spaces",
            ));
        }
        let openai = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if server.is_openai()
            && !(text.starts_with("sk-")
                && text.len() >= OPENAI_KEY_MIN_BYTES
                && text.bytes().all(openai))
        {
            return Err(ConfigError::KeyForm(
                "a key for OpenAI's server begins with sk- and has at least 20 characters",
            ));
        }
        Ok(Self(key))
    }

    /// The value of the `authorization` header, marked sensitive so that no debug output shows it.
    pub(crate) fn header(&self) -> Result<HeaderValue, ConfigError> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.0.expose_secret()))
            .map_err(|_| ConfigError::KeyForm("it must be visible ASCII without spaces"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The text without this key in it.
    pub(crate) fn mask_in(&self, text: &str) -> String {
        text.replace(self.0.expose_secret(), "[redacted:api-key]")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([hidden])")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn parse(key: &str, url: &str) -> Result<ApiKey, ConfigError> {
        ApiKey::parse(SecretString::from(key), &BaseUrl::parse(url).unwrap())
    }

    #[test]
    fn only_openai_wants_its_own_prefix() {
        assert!(parse("sk-made-up-for-this-test", "https://api.openai.com/v1").is_ok());
        assert!(parse("made-up-for-this-test-only", "https://api.openai.com/v1").is_err());
        assert!(parse("sk-short", "https://api.openai.com/v1").is_err());
        assert!(parse("anything!", "https://example.com/v1").is_ok());
    }

    #[test]
    fn nothing_that_could_break_a_header_is_a_key() {
        for key in [
            "",
            "a b",
            "a\r\nx: y",
            "a\u{7f}",
            "schlüssel",
            &"k".repeat(5000),
        ] {
            assert!(parse(key, "https://example.com").is_err(), "{key:?}");
        }
    }

    #[test]
    fn neither_the_key_nor_its_header_shows_in_debug() {
        let key = parse("made-up-for-this-test", "https://example.com").unwrap();
        assert!(!format!("{key:?} {:?}", key.header().unwrap()).contains("made-up"));
    }
}
