//! When to try again, and how long to wait before.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::dialect::Complaint;
use super::error::UpstreamError;
use super::settings::Retries;

/// An attempt that gave no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: UpstreamError,
    /// What the server asked for.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the server itself wants another attempt.
    pub(crate) again: Option<bool>,
    /// What it says against the request.
    pub(crate) complaint: Option<Complaint>,
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self {
            error,
            retry_after: None,
            again: None,
            complaint: None,
        }
    }
}

impl Retries {
    /// How long to wait before trying again after attempt number `attempt` (from 0); none when it must not be tried.
    pub(crate) fn wait(&self, attempt: u32, failure: &Failure) -> Option<Duration> {
        let again = attempt < self.max && worth_it(failure);
        match failure.retry_after.filter(|_| again) {
            Some(wait) => (wait <= self.max_retry_after).then_some(wait),
            None => again.then(|| self.backoff(attempt)),
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let full = self
            .base
            .saturating_mul(2_u32.saturating_pow(attempt))
            .min(self.cap);
        // Without randomness the wait is full, which is only less polite.
        let random = f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX);
        full.mul_f64(1.0 - random / 4.0)
    }
}

/// Whether another attempt may help. Quota never comes back in seconds, and a stall has waited long enough.
fn worth_it(failure: &Failure) -> bool {
    match (&failure.error, failure.again) {
        (UpstreamError::Quota { .. }, _) => false,
        (_, Some(again)) => again,
        (error, None) => may_pass(error),
    }
}

fn may_pass(error: &UpstreamError) -> bool {
    match error {
        UpstreamError::Unreachable { .. } | UpstreamError::Limited { .. } => true,
        UpstreamError::Failed { status, .. } => status.is_some(),
        _ => false,
    }
}

/// The wish in `x-should-retry`, a header of OpenAI's own.
pub(crate) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    headers.get("x-should-retry")?.to_str().ok()?.parse().ok()
}

/// What the server asks for: `retry-after-ms`, or `retry-after` in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    if let Some(wait) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(wait / 1000.0).ok();
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Some(wait) = number(value) {
        return Duration::try_from_secs_f64(wait).ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn header(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        // 1994-11-06 08:49:37 UTC, the date in the RFC.
        retry_after(
            &headers,
            SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        )
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(header("retry-after", "7"), seconds(7));
        assert_eq!(
            header("retry-after", "1.5"),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(
            header("retry-after-ms", "1500"),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(
            header("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT"),
            seconds(20)
        );
        assert_eq!(
            header("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"),
            seconds(0)
        );
        for nonsense in ["-1", "soon", "NaN", "inf", "1e300", ""] {
            assert_eq!(header("retry-after", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_wait_doubles_up_to_the_cap_less_at_most_a_quarter() {
        let retries = Retries {
            max: 9,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(5),
            ..Retries::STANDARD
        };
        for (attempt, full) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0), (40, 5.0)] {
            let wait = retries.backoff(attempt).as_secs_f64();
            assert!(wait <= full && wait >= full * 0.749, "{attempt}: {wait}");
        }
    }
}
