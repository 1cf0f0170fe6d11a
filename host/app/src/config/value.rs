//! What each value must look like. The same whether it came from an option, a variable or a file.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use url::{Host, Url};

/// A checked value, or what to write instead.
pub(super) type Checked<T> = Result<T, String>;

/// Where the key's form is known, and the only server to which a key of that form belongs.
const OPENAI_HOST: &str = "api.openai.com";

/// A year. Longer limits and windows are typing errors.
const MAX_SECONDS: u32 = 366 * 24 * 60 * 60;

pub(super) fn at_least_one(text: &str) -> Checked<NonZeroU32> {
    text.parse()
        .map_err(|_| "write a whole number of at least 1".to_owned())
}

/// More than a window can ever hold is a typing error.
const MAX_QUOTA: u64 = 1_000_000_000_000;

pub(super) fn quota(text: &str) -> Checked<u64> {
    text.parse()
        .ok()
        .filter(|most| (1..=MAX_QUOTA).contains(most))
        .ok_or_else(|| format!("write a whole number, 1 to {MAX_QUOTA}"))
}

pub(super) fn yes_or_no(text: &str) -> Checked<bool> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

pub(super) fn port(text: &str) -> Checked<u16> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| "write a port, 1 to 65535".to_owned())
}

pub(super) fn characters(text: &str) -> Checked<NonZeroUsize> {
    at_least_one(text)?
        .try_into()
        .map_err(|_| "write a smaller number".to_owned())
}

pub(super) fn seconds(text: &str) -> Checked<Duration> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    let seconds = seconds.ok_or_else(|| format!("write whole seconds, 1 to {MAX_SECONDS}"))?;
    Ok(Duration::from_secs(u64::from(seconds)))
}

pub(super) fn seconds_or_zero(text: &str) -> Checked<Duration> {
    if text == "0" {
        Ok(Duration::ZERO)
    } else {
        seconds(text)
    }
}

pub(super) fn timeout(text: &str) -> Checked<Duration> {
    let seconds: f64 = text.parse().unwrap_or(-1.0);
    if (0.001..=86_400.0).contains(&seconds) {
        return Ok(Duration::from_secs_f64(seconds));
    }
    Err("write seconds, above 0 and at most 86400".to_owned())
}

pub(super) fn temperature(text: &str) -> Checked<f32> {
    text.parse()
        .ok()
        .filter(|value| (0.0..=2.0).contains(value))
        .ok_or_else(|| "write a number from 0 to 2".to_owned())
}

pub(super) fn model_name(text: &str) -> Checked<String> {
    let fits = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("write a model's name, without blanks".to_owned())
    }
}

/// Hours, or a number with s, m, h or d.
pub(super) fn expiry(text: &str) -> Checked<Duration> {
    time(text)
        .filter(|time| time.as_secs() >= 60)
        .ok_or_else(|| "write a time of at least a minute, such as 30m, 12h or 7d".to_owned())
}

/// How long ago something was.
pub(crate) fn age(text: &str) -> Checked<Duration> {
    time(text).ok_or_else(|| "write an age of at most 366d, such as 90d, 12h or 0d".to_owned())
}

/// A number with `s`, `m`, `h` or `d`; hours without; at most a year.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&text[..at], unit),
        _ => (text, 'h'),
    };
    let unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let seconds = number.parse::<u32>().ok()?.checked_mul(unit)?;
    (seconds <= MAX_SECONDS).then(|| Duration::from_secs(u64::from(seconds)))
}

/// An http address to which paths can be added. The slash at its end is taken away.
pub(super) fn base_url(text: &str) -> Checked<Url> {
    let url = Url::parse(text)
        .map_err(|error| format!("{error}; write an address such as https://host/v1"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("write an address that begins with https:// or http://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "an address must hold no user or password; the key goes to OPENAI_API_KEY".to_owned(),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("leave out everything from `?` or `#` on".to_owned());
    }
    let mut url = url;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

pub(super) fn is_openai(url: &Url) -> bool {
    url.host_str() == Some(OPENAI_HOST)
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What is wrong with a key for that server. The key itself is never part of the answer.
pub(super) fn check_key(key: &str, url: &Url) -> Checked<()> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a key consists of visible ASCII characters without blanks".to_owned());
    }
    if is_openai(url) && !(key.starts_with("sk-") && key.len() >= 20) {
        return Err(
            "it does not have the form of an OpenAI key, which begins with `sk-` and has at least 20 characters; \
             for another server set OPENAI_BASE_URL"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a refused value fails the test")]

    use super::*;

    #[test]
    fn zero_negative_and_words_are_no_limits() {
        for text in ["0", "-1", "", "three", "1.5", "99999999999999"] {
            assert!(
                at_least_one(text).is_err() && seconds(text).is_err(),
                "{text}"
            );
        }
        assert!(timeout("0").is_err() && timeout("NaN").is_err() && timeout("-1").is_err());
        assert!(
            temperature("2.1").is_err() && temperature("NaN").is_err() && temperature("0").is_ok()
        );
    }

    #[test]
    fn an_expiry_is_hours_unless_it_says_otherwise() {
        assert_eq!(expiry("24"), expiry("24h"));
        assert_eq!(expiry("1d"), expiry("24h"));
        assert!(
            ["", "h", "0h", "5x", "99999999d", "1é"]
                .into_iter()
                .all(|text| expiry(text).is_err())
        );
    }

    #[test]
    fn a_base_url_ends_without_slash_and_holds_no_secret() {
        assert_eq!(
            base_url("https://host:8443/v1/").unwrap().as_str(),
            "https://host:8443/v1"
        );
        for text in [
            "host/v1",
            "ftp://host",
            "https://u:p@host/v1",
            "https://host/?k=v",
            "https://",
        ] {
            assert!(base_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_this_machine_only() {
        let loopback = |text: &str| is_loopback(&Url::parse(text).unwrap());
        assert!(
            [
                "http://localhost:1",
                "http://127.0.0.1",
                "http://[::1]:8080"
            ]
            .into_iter()
            .all(loopback)
        );
        assert!(
            ![
                "http://localhost.example",
                "http://10.0.0.1",
                "http://127.0.0.1.example"
            ]
            .into_iter()
            .any(loopback)
        );
    }

    #[test]
    fn the_form_of_a_key_counts_for_openai_alone() {
        let (openai, other) = (
            base_url("https://api.openai.com/v1").unwrap(),
            base_url("https://other/v1").unwrap(),
        );
        assert!(
            check_key("short-word", &openai)
                .unwrap_err()
                .contains("sk-")
        );
        assert!(check_key("short-word", &other).is_ok());
        assert!(check_key("two words", &other).is_err());
    }
}
