//! JSON strings as they are: also those that no Rust string can hold.
//!
//! JSON may escape half a surrogate pair (`\ud800`). It is judged as U+FFFD, which takes as many bytes as the
//! half in the generalised form of UTF-8, so a range of one text is the same range of the other.

use std::fmt::Write as _;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// U+FFFD.
const REPLACEMENT: [u8; 3] = [0xEF, 0xBF, 0xBD];

/// A string of JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonText {
    /// For judging: valid throughout.
    pub(crate) text: String,
    /// Halves of pairs, by their place, in order.
    halves: Vec<(usize, u16)>,
}

impl JsonText {
    fn new(mut bytes: Vec<u8>) -> Option<Self> {
        let mut halves = Vec::new();
        let mut from = 0;
        while let Some(at) = bytes[from..].iter().position(|&byte| byte == 0xED) {
            let at = from + at;
            from = at + 1;
            if let Some(&[_, second @ 0xA0..=0xBF, third]) = bytes.get(at..at + 3) {
                let low = u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F);
                halves.push((at, 0xD000 | low));
                bytes[at..at + 3].copy_from_slice(&REPLACEMENT);
            }
        }
        let text = String::from_utf8(bytes).ok()?;
        Some(Self { text, halves })
    }

    /// Part of the string as it stands between quotes in JSON. The range is one of `text`.
    pub(crate) fn escape_into(&self, json: &mut String, range: std::ops::Range<usize>) {
        let mut from = range.start;
        let first = self.halves.partition_point(|(at, _)| *at < range.start);
        for (at, half) in &self.halves[first..] {
            if *at >= range.end {
                break;
            }
            escape(json, self.text.get(from..*at).unwrap_or_default());
            // Writing into a string does not fail.
            let _ = write!(json, "\\u{half:04x}");
            from = at + REPLACEMENT.len();
        }
        escape(json, self.text.get(from..range.end).unwrap_or_default());
    }
}

fn escape(json: &mut String, text: &str) {
    // A string always becomes JSON.
    if let Ok(quoted) = serde_json::to_string(text) {
        json.push_str(&quoted[1..quoted.len() - 1]);
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // As bytes: only so does serde_json give halves of pairs instead of refusing them.
        from.deserialize_bytes(Bytes)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = JsonText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<JsonText, E> {
        JsonText::new(bytes.to_vec()).ok_or_else(|| E::custom("a string that is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn halves_of_pairs_are_judged_as_replacements_and_written_as_they_were() {
        let json = r#""a\ud800b\udfff\u00ed\ud83d\ude00 \"\u0000 ퟿""#;
        let text: JsonText = serde_json::from_str(json).unwrap();
        assert_eq!(text.text, "a\u{FFFD}b\u{FFFD}í😀 \"\0 \u{D7FF}");
        let mut again = String::new();
        text.escape_into(&mut again, 0..text.text.len());
        assert_eq!(again, r#"a\ud800b\udfffí😀 \"\u0000 ퟿"#);
        let mut part = String::new();
        text.escape_into(&mut part, 1..5);
        assert_eq!(part, r"\ud800b");
    }

    #[test]
    fn only_strings_are_taken() {
        for json in ["[1,2]", "1", "null", "\"\\ud8\"", "\"open", "{}"] {
            assert!(serde_json::from_str::<JsonText>(json).is_err(), "{json}");
        }
    }
}
