//! Telling words near a value.

use std::cell::OnceCell;

use crate::scan::Input;

/// How far before a value a telling word may stand.
const REACH: usize = 48;

/// What stands shortly before a value; read when the first rule asks.
pub(crate) struct Context<'i> {
    input: &'i Input<'i>,
    at: usize,
    before: OnceCell<Passage>,
}

impl<'i> Context<'i> {
    /// The surroundings of a value that begins at `at`.
    pub(crate) fn new(input: &'i Input<'i>, at: usize) -> Self {
        Self {
            input,
            at,
            before: OnceCell::new(),
        }
    }

    /// Whether one of `words` (lower case) stands before the value.
    pub(crate) fn names(&self, words: &[&str]) -> bool {
        let before = self.before.get_or_init(|| {
            let from = self.input.floor.max(self.at.saturating_sub(REACH));
            Passage::new(&self.input.bytes[from.min(self.at)..self.at])
        });
        words.iter().any(|word| before.has(word.as_bytes()))
    }
}

/// A short text, ready to be searched for many words: where each letter stands, as bits. A word is where
/// the places of its letters, shifted onto each other, meet.
struct Passage {
    low: [u8; REACH],
    length: usize,
    /// By the five low bits of a byte: different bytes may share an entry, so a hit is compared again.
    places: [u64; 32],
}

impl Passage {
    fn new(text: &[u8]) -> Self {
        let mut passage = Self {
            low: [0; REACH],
            length: text.len().min(REACH),
            places: [0; 32],
        };
        for (at, (to, byte)) in passage.low.iter_mut().zip(text).enumerate() {
            *to = byte.to_ascii_lowercase();
            passage.places[usize::from(*to & 31)] |= 1 << at;
        }
        crate::count::steps(text.len());
        passage
    }

    /// Whether `word` occurs. A short one counts only as a whole word.
    fn has(&self, word: &[u8]) -> bool {
        let mut places = u64::MAX;
        for (at, byte) in word.iter().enumerate() {
            places &= self.places[usize::from(byte & 31)] >> at;
            if places == 0 {
                return false;
            }
        }
        crate::count::steps(word.len());
        let low = &self.low[..self.length];
        while places != 0 {
            let at = places.trailing_zeros() as usize;
            places &= places - 1;
            let end = at + word.len();
            let bound = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let whole = bound(at.checked_sub(1).and_then(|at| low.get(at))) && bound(low.get(end));
            if low.get(at..end) == Some(word) && (word.len() > 4 || whole) {
                return true;
            }
        }
        false
    }
}

/// Whether `start..end` is all there is in the text.
pub(crate) fn alone(input: &Input<'_>, start: usize, end: usize) -> bool {
    input.whole
        && input.floor == 0
        && input.bytes.len() < 64
        && input.bytes[..start].trim_ascii().is_empty()
        && input.bytes[end..].trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::Passage;

    #[test]
    fn long_words_count_anywhere_and_short_ones_as_wholes() {
        let passage = Passage::new(b"Your SSN, passports and Xcpf: ");
        assert!(passage.has(b"ssn") && passage.has(b"passport") && passage.has(b"your"));
        assert!(!passage.has(b"cpf") && !passage.has(b"port") && !passage.has(b"visa"));
        assert!(!passage.has(&b"a".repeat(60)));
    }

    #[test]
    fn letters_that_share_their_low_bits_are_told_apart() {
        let passage = Passage::new("여권 번호".as_bytes());
        assert!(passage.has("여권".as_bytes()));
        assert!(!passage.has("여귄".as_bytes()));
        assert!(!Passage::new(b"p1ss").has(b"pqss"));
    }
}
