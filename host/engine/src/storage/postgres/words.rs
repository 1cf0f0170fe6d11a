//! Words of a text for the search: the same on every server, whatever its locale.
//!
//! They are made here, not by PostgreSQL's parser, which takes addresses and paths as one word each and knows
//! only what the locale of the database knows. As in SQLite a word is a run of letters and digits, without
//! regard to case and accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A longer word is cut: PostgreSQL holds 2 KiB a word.
const MAX_WORD_BYTES: usize = 256;
/// PostgreSQL holds 1 MiB of words a text, with the owner's number before each.
const MAX_BYTES: usize = 768 * 1024;
/// For the owner's number and a slash.
const OWNER_BYTES: usize = 21;

/// All words of a text, sorted, each once.
pub(super) fn of_text(text: &str) -> Vec<String> {
    let mut words = in_order(text, usize::MAX);
    words.sort_unstable();
    words.dedup();
    let mut room = MAX_BYTES;
    words.retain(|word| match room.checked_sub(word.len() + OWNER_BYTES) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    });
    words
}

/// The first words of a search.
pub(super) fn of_search(words: &str, most: usize) -> Vec<String> {
    in_order(words, most)
}

fn in_order(text: &str, most: usize) -> Vec<String> {
    let folded: String = text
        .nfd()
        .filter(|c| canonical_combining_class(*c) == 0)
        .flat_map(char::to_lowercase)
        .collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(most)
        .map(|word| word[..word.floor_char_boundary(MAX_WORD_BYTES)].to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, OWNER_BYTES, of_search, of_text};

    #[test]
    fn words_are_letters_and_digits_without_case_and_accents() {
        assert_eq!(
            of_text("D\u{e9}j\u{e0} vu, DEJA-vu? see https://example.com/a_b v2"),
            [
                "a", "b", "com", "deja", "example", "https", "see", "v2", "vu"
            ]
        );
        assert_eq!(of_search("\" OR * NEAR( -- ;", 32), ["or", "near"]);
        assert_eq!(of_search("a b c", 2), ["a", "b"]);
    }

    #[test]
    fn more_words_than_the_database_holds_are_left_out() {
        let text: String = (0..200_000).map(|n| format!("w{n} ")).collect();
        let words = of_text(&text);
        let bytes: usize = words.iter().map(|word| word.len() + OWNER_BYTES).sum();
        assert!(bytes <= MAX_BYTES && bytes > MAX_BYTES - 100, "{bytes}");
        assert_eq!(of_text(&"\u{e4}".repeat(1_000)), ["a".repeat(256)]);
    }
}
