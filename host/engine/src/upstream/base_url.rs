//! Where the model server is, and whether a key may go there.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::error::ConfigError;

const OPENAI: &str = "https://api.openai.com/v1";
const OPENAI_HOST: &str = "api.openai.com";

/// A checked base URL: http or https, without user name, password, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads and checks a base URL such as `https://api.openai.com/v1`.
    ///
    /// # Errors
    ///
    /// Names what is wrong, never the text itself: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut url = Url::parse(text.trim())
            .map_err(|_| ConfigError::BaseUrl("it is not a URL such as https://host/v1"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ConfigError::BaseUrl("only http and https are supported"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(ConfigError::BaseUrl("it has no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConfigError::BaseUrl(
                "it holds a user name or a password; use --api-key for the key",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ConfigError::BaseUrl(
                "it has a query or a fragment; leave off everything from ? or #",
            ));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// OpenAI's own server.
    ///
    /// # Errors
    ///
    /// Never in practice: the constant is checked like any other.
    pub fn openai() -> Result<Self, ConfigError> {
        Self::parse(OPENAI)
    }

    /// Whether this is OpenAI's own server, where the format of keys is known.
    #[must_use]
    pub fn is_openai(&self) -> bool {
        self.0.host_str() == Some(OPENAI_HOST)
    }

    /// Whether the host is this machine: a loopback address or the name `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(|host| {
            let literal = host.trim_start_matches('[').trim_end_matches(']');
            host == "localhost"
                || literal
                    .parse::<IpAddr>()
                    .is_ok_and(|ip| ip.to_canonical().is_loopback())
        })
    }

    /// Whether a key may be sent: over https, or without it to this machine only.
    #[must_use]
    pub fn may_carry_key(&self) -> bool {
        !self.is_plain() || self.is_loopback()
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Scheme, host and port: what messages call the server.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(crate) fn endpoint(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        for text in [
            "https://user:hunter2hunter2@host/v1",
            "https://hunter2hunter2@host",
            "https://u:hunter2hunter2@[bad",
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("hunter2"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn query_fragment_and_other_schemes_are_refused() {
        for text in [
            "https://h/v1?key=1",
            "https://h/v1#x",
            "ftp://h",
            "file:///etc/passwd",
            "h/v1",
            "",
            "http://",
            "unix:/x",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_travels_in_the_clear_to_this_machine_only() {
        for (text, allowed) in [
            ("https://example.com/v1", true),
            ("http://example.com/v1", false),
            ("http://localhost:8080", true),
            ("http://LOCALHOST:8080", true),
            ("http://127.8.9.1/v1", true),
            ("http://[::1]:80/v1", true),
            ("http://[::ffff:127.0.0.1]/v1", true),
            ("http://2130706433/v1", true),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://0.0.0.0", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(
                BaseUrl::parse(text).unwrap().may_carry_key(),
                allowed,
                "{text}"
            );
        }
    }

    #[test]
    fn the_endpoint_follows_the_path_with_or_without_a_slash() {
        for (text, endpoint) in [
            ("https://h/v1", "https://h/v1/chat/completions"),
            ("https://h/v1///", "https://h/v1/chat/completions"),
            ("https://h", "https://h/chat/completions"),
            ("http://h:8080/a/b/", "http://h:8080/a/b/chat/completions"),
        ] {
            assert_eq!(
                BaseUrl::parse(text)
                    .unwrap()
                    .endpoint("chat/completions")
                    .as_str(),
                endpoint
            );
        }
    }

    #[test]
    fn display_is_what_was_given_without_a_trailing_slash() {
        assert_eq!(
            BaseUrl::parse(" https://h/v1/ ").unwrap().to_string(),
            "https://h/v1"
        );
        assert_eq!(
            BaseUrl::parse("https://h:8443").unwrap().origin(),
            "https://h:8443"
        );
        assert!(BaseUrl::openai().unwrap().is_openai());
    }
}
