//! How commands lay out text: two aligned columns, readable numbers and times.

use std::time::{Duration, UNIX_EPOCH};

/// The end of the year 9999, the last that the format can show.
const LAST_SECOND: u64 = 253_402_300_799;
/// How many characters of a digest or an id are shown.
pub(crate) const SHORT: usize = 12;

/// Rows of a label and a text, the texts aligned; `indent` goes before each.
pub(crate) fn columns(indent: &str, rows: &[(String, String)]) -> String {
    let width = rows
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|(label, text)| format!("{indent}{label:width$}  {text}\n"))
        .collect()
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Millionths of a dollar as `$1,234.5679`.
pub(crate) fn dollars(microdollars: u64) -> String {
    if (1..100).contains(&microdollars) {
        return "less than $0.0001".to_owned();
    }
    let rounded = microdollars.saturating_add(50) / 100;
    format!("${}.{:04}", thousands(rounded / 10_000), rounded % 10_000)
}

/// `1 message`, `2 messages`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// Seconds since 1970 as `2026-01-31 09:30`, in UTC: a plugin knows neither zone nor clock.
///
/// By `humantime` because a full calendar library would make the component ten times as large.
pub(crate) fn time(seconds: u64) -> String {
    let at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds.min(LAST_SECOND)));
    at.map_or_else(String::new, |at| {
        let text = humantime::format_rfc3339_seconds(at).to_string();
        text.chars()
            .take("2026-01-31T09:30".len())
            .collect::<String>()
            .replace('T', " ")
    })
}

/// At most `limit` characters, with an ellipsis where it was cut, on one line.
pub(crate) fn excerpt(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let kept: String = line.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The first characters of a digest.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..SHORT).unwrap_or(digest)
}

/// A conversation's title, or what stands for one.
pub(crate) fn title(title: &str) -> String {
    if title.trim().is_empty() {
        "(untitled)".to_owned()
    } else {
        excerpt(title, 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (number, text) in cases {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn amounts_have_four_decimals_and_a_small_one_is_not_nothing() {
        let cases = [
            (0, "$0.0000"),
            (1, "less than $0.0001"),
            (100, "$0.0001"),
            (37_650, "$0.0377"),
            (1_234_567_890, "$1,234.5679"),
        ];
        for (microdollars, text) in cases {
            assert_eq!(dollars(microdollars), text);
        }
        assert!(dollars(u64::MAX).starts_with("$18,446,744,073,709.5"));
    }

    #[test]
    fn times_are_utc_and_never_fail() {
        assert_eq!(time(0), "1970-01-01 00:00");
        assert_eq!(time(1_700_000_000), "2023-11-14 22:13");
        assert_eq!(time(u64::MAX), "9999-12-31 23:59");
    }

    #[test]
    fn excerpt_cuts_on_characters_and_joins_lines() {
        assert_eq!(excerpt("äöü äöü", 4), "äöü…");
        assert_eq!(excerpt("one\n two", 20), "one two");
    }

    #[test]
    fn columns_align_their_texts() {
        let rows = [
            ("a".to_owned(), "x".to_owned()),
            ("abc".to_owned(), "y".to_owned()),
        ];
        assert_eq!(columns(" ", &rows), " a    x\n abc  y\n");
    }
}
