//! Words that matter to rules, by language, and what they can mean.

mod asian;
pub(crate) mod class;
mod en;
mod germanic;
mod other;
mod romance;
mod slavic;
pub(crate) mod table;

use class::Classes;
use table::Table;

static TABLE: Table = Table::build(&[
    en::WORDS,
    germanic::WORDS,
    romance::WORDS,
    slavic::WORDS,
    asian::WORDS,
    other::WORDS,
]);

/// Longest word of the lexicon that is written without spaces around it, in characters.
const LONGEST_UNSPACED: usize = 9;

/// Longest ending of a word that is known by its beginning, in bytes.
const ENDING: usize = 24;
const TIGHT_ENDING: usize = 2;

/// The classes of a folded word; zero if it is unknown.
pub(crate) fn classes(word: &str) -> Classes {
    TABLE.classes(word, ENDING)
}

/// The same for letters that may run on into the next word: endings are short there.
pub(crate) fn classes_tight(word: &str) -> Classes {
    TABLE.classes(word, TIGHT_ENDING)
}

/// The longest known word that letters without spaces begin with: its length and classes.
pub(crate) fn longest_spelt(letters: &[u8]) -> Option<(usize, Classes)> {
    TABLE.longest(letters)
}

/// The longest known word that a text begins with: its length in bytes and its classes.
pub(crate) fn longest(text: &str) -> Option<(usize, Classes)> {
    let mut hash = table::start();
    let mut best = None;
    for (i, c) in text.char_indices().take(LONGEST_UNSPACED) {
        let end = i + c.len_utf8();
        for &byte in &text.as_bytes()[i..end] {
            hash = table::extend(hash, byte);
        }
        let found = TABLE.word(hash, &text.as_bytes()[..end]);
        if found != 0 {
            best = Some((end, found));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::class::*;
    use super::*;
    use crate::normalise::fold;

    #[test]
    fn every_word_is_written_folded() {
        for list in [
            en::WORDS,
            germanic::WORDS,
            romance::WORDS,
            slavic::WORDS,
            asian::WORDS,
            other::WORDS,
        ] {
            for (word, _) in list {
                assert_eq!(&fold(word).text, word);
            }
        }
    }

    #[test]
    fn words_and_prefixes_are_found_and_others_are_not() {
        assert_eq!(classes("instructions") & INSTRUCTIONS, INSTRUCTIONS);
        assert_eq!(classes("instruct"), 0);
        assert!(classes("предыдущие") & PRIOR != 0);
        const { assert!(COUNT <= 64) };
    }

    #[test]
    fn the_longest_word_wins_without_spaces() {
        assert_eq!(
            longest("系统提示词。").map(|(len, _)| len),
            Some("系统提示词".len())
        );
        assert_eq!(longest("猫"), None);
    }
}
