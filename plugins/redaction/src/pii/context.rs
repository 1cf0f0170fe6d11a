//! Telling words near a value.

use std::cell::OnceCell;

use crate::class::DIGIT;
use crate::scan::Input;

/// How far before and behind a value a telling word may stand.
const REACH: usize = 48;
const REACH_BEHIND: usize = 36;
/// What may stand between two values of a list: ` and `, `, `.
const JOINER: usize = 7;

/// What stands shortly before and behind a value; read when the first rule asks.
pub(crate) struct Context<'i> {
    input: &'i Input<'i>,
    at: usize,
    end: usize,
    before: OnceCell<Passage>,
    behind: OnceCell<Option<Passage>>,
}

impl<'i> Context<'i> {
    /// The surroundings of a value in `at..end`.
    pub(crate) fn new(input: &'i Input<'i>, at: usize, end: usize) -> Self {
        Self {
            input,
            at,
            end,
            before: OnceCell::new(),
            behind: OnceCell::new(),
        }
    }

    /// Whether one of `words` (lower case) stands before the value.
    pub(crate) fn names(&self, words: &[&str]) -> bool {
        let before = self.before();
        words.iter().any(|word| before.has(word.as_bytes()))
    }

    /// Whether one of `words` stands before or behind the value, or the value continues a list of its kind.
    /// None where more of the text is needed.
    pub(crate) fn announces(&self, kind: u16, words: &[&str]) -> Option<bool> {
        if self.names(words) || self.continues(kind) {
            return Some(true);
        }
        let behind = self.behind.get_or_init(|| self.read_behind());
        let behind = behind.as_ref()?;
        Some(words.iter().any(|word| behind.has(word.as_bytes())))
    }

    /// Whether a word that begins like one of these may stand before or behind the value, or a list goes on.
    pub(crate) fn may_announce(&self, beginnings: &Beginnings) -> bool {
        let rest = &self.input.bytes[self.end..];
        let behind = || {
            (rest.len() < REACH_BEHIND && !self.input.complete)
                || beginnings.occur(&rest[..rest.len().min(REACH_BEHIND)])
        };
        self.input.last.is_some() || self.may_name(beginnings) || behind()
    }

    /// Whether a word that begins like one of these may stand before the value.
    pub(crate) fn may_name(&self, beginnings: &Beginnings) -> bool {
        beginnings.occur(self.bytes_before())
    }

    fn bytes_before(&self) -> &[u8] {
        let from = self.input.floor.max(self.at.saturating_sub(REACH));
        &self.input.bytes[from.min(self.at)..self.at]
    }

    fn before(&self) -> &Passage {
        self.before
            .get_or_init(|| Passage::new(self.bytes_before()))
    }

    /// The value before this one was of the same kind, and only a comma or a short word stands between.
    fn continues(&self, kind: u16) -> bool {
        let floor = self.input.floor;
        let between = self.input.bytes.get(floor..self.at).unwrap_or_default();
        let joins = |byte: &u8| {
            byte.is_ascii_lowercase() || matches!(byte, b' ' | b',' | b';' | b'/' | b'&')
        };
        self.input.last == Some(kind) && between.len() <= JOINER && between.iter().all(joins)
    }

    /// The rest of the sentence or the field. A number ends it: what is said there may be said of that.
    fn read_behind(&self) -> Option<Passage> {
        let rest = &self.input.bytes[self.end..];
        let near = &rest[..rest.len().min(REACH_BEHIND)];
        let ends = |&byte: &u8| {
            DIGIT.has(byte)
                || matches!(
                    byte,
                    b'\n'
                        | b','
                        | b';'
                        | b'"'
                        | b'{'
                        | b'}'
                        | b'|'
                        | b'&'
                        | b'='
                        | b'['
                        | b']'
                        | b'<'
                )
        };
        crate::count::steps(near.len());
        match near.iter().position(ends) {
            Some(end) => Some(Passage::new(&near[..end])),
            None if near.len() < REACH_BEHIND && !self.input.complete => None,
            None => Some(Passage::new(near)),
        }
    }
}

/// The first three bytes of many words, as bits by their hash.
pub(crate) struct Beginnings([u64; 64]);

impl Beginnings {
    pub(crate) const fn new() -> Self {
        Self([0; 64])
    }

    /// Adds words of three bytes and more.
    pub(crate) const fn with(mut self, words: &[&str]) -> Self {
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            let (slot, bit) = Self::place(word[0], word[1], word[2]);
            self.0[slot] |= 1 << bit;
            at += 1;
        }
        self
    }

    /// Whether three bytes of `text` hash like the beginning of one of the words, in either case.
    fn occur(&self, text: &[u8]) -> bool {
        crate::count::steps(text.len());
        text.windows(3).any(|three| {
            let (slot, bit) = Self::place(three[0], three[1], three[2]);
            self.0[slot] >> bit & 1 == 1
        })
    }

    const fn place(first: u8, second: u8, third: u8) -> (usize, u32) {
        let hash = (first as usize & 31) << 7 ^ (second as usize & 31) << 4 ^ (third as usize & 31);
        (hash >> 6 & 63, (hash & 63) as u32)
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
