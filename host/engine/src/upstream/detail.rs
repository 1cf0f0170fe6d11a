//! A server's own words about an error, kept apart from ours.

use std::fmt;

use super::key::ApiKey;

/// Longer server messages are cut: an error is one line or two.
const DETAIL_MAX_BYTES: usize = 600;
/// How far back from the cut a space is looked for, so that no word (and no secret) is cut in two.
const DETAIL_BACKTRACK_BYTES: usize = 200;

/// Foreign text about an error, at most a few hundred bytes, without this client's own key. It has no `Display`, and its
/// `Debug` shows its length: whoever wants to show it must take it out, redact it and make it printable.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail(Box<str>);

impl Detail {
    pub(crate) fn new(text: &str, key: Option<&ApiKey>) -> Self {
        // The key goes first: cut in two it would no longer be found.
        let text = key.map_or_else(|| text.to_owned(), |key| key.mask_in(text));
        let text = text.trim();
        if text.len() <= DETAIL_MAX_BYTES {
            return Self(text.into());
        }
        let head = &text[..text.floor_char_boundary(DETAIL_MAX_BYTES)];
        let space = head
            .rfind(char::is_whitespace)
            .filter(|at| at + DETAIL_BACKTRACK_BYTES >= head.len());
        let head = space.map_or(head, |at| &head[..at]);
        Self(format!("{head} …").into())
    }

    pub(crate) fn none() -> Self {
        Self("".into())
    }

    /// The text. Redact it and make it printable before anyone sees it.
    #[must_use]
    pub fn foreign(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detail({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::base_url::BaseUrl;
    use super::*;

    #[test]
    fn a_key_across_the_cut_shows_no_part_of_itself() {
        let key = ApiKey::parse(
            "k3y-made-up".into(),
            &BaseUrl::parse("https://example.com").unwrap(),
        )
        .unwrap();
        for before in DETAIL_MAX_BYTES - 30..DETAIL_MAX_BYTES + 5 {
            let text = format!("{} k3y-made-up {}", "w".repeat(before), "x ".repeat(400));
            assert!(
                !Detail::new(&text, Some(&key)).foreign().contains("k3y"),
                "{before}"
            );
        }
    }

    #[test]
    fn long_text_is_cut_at_a_space_or_at_a_character() {
        assert_eq!(Detail::new(" short ", None).foreign(), "short");
        assert!(
            Detail::new(&"word ".repeat(500), None)
                .foreign()
                .ends_with("word …")
        );
        assert!(Detail::new(&"ü".repeat(2000), None).foreign().len() <= DETAIL_MAX_BYTES + 4);
        assert!(!format!("{:?}", Detail::new("secret", None)).contains("secret"));
    }
}
