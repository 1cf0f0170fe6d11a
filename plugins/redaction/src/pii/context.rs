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
    before: OnceCell<Passage<'i>>,
    behind: OnceCell<Option<Passage<'i>>>,
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

    /// The byte right behind the value.
    pub(crate) fn byte_behind(&self) -> Option<u8> {
        self.input.bytes.get(self.end).copied()
    }

    /// Whether the value that it was made for ends at `end`.
    pub(crate) fn ends_at(&self, end: usize) -> bool {
        self.end == end
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
        self.input.last.is_some() || beginnings.occur(self.bytes_before()) || behind()
    }

    fn bytes_before(&self) -> &'i [u8] {
        let from = self.input.floor.max(self.at.saturating_sub(REACH));
        &self.input.bytes[from.min(self.at)..self.at]
    }

    fn before(&self) -> &Passage<'i> {
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
    fn read_behind(&self) -> Option<Passage<'i>> {
        let rest: &'i [u8] = &self.input.bytes[self.end..];
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

/// The first four bytes of many words, as bits by their hash.
pub(crate) struct Beginnings([u64; 1 << (Self::BITS - 6)]);

impl Beginnings {
    /// Bits of a hash: so many that few other words share one with a hundred of these.
    const BITS: u32 = 14;

    pub(crate) const fn new() -> Self {
        Self([0; 1 << (Self::BITS - 6)])
    }

    /// Adds words of four bytes and more.
    pub(crate) const fn with(mut self, words: &[&str]) -> Self {
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            let (slot, bit) = Self::place([word[0], word[1], word[2], word[3]]);
            self.0[slot] |= 1 << bit;
            at += 1;
        }
        self
    }

    /// Whether four bytes of `text` hash like the beginning of one of the words, in either case.
    fn occur(&self, text: &[u8]) -> bool {
        crate::count::steps(text.len());
        text.array_windows().any(|&four| {
            let (slot, bit) = Self::place(four);
            self.0[slot] >> bit & 1 == 1
        })
    }

    /// By the five low bits of each byte, which letters of both cases share.
    const fn place(four: [u8; 4]) -> (usize, u32) {
        let letters = u32::from_le_bytes(four) & 0x1f1f_1f1f;
        // The factor of Fibonacci hashing: 2^32 divided by the golden ratio.
        let hash = letters.wrapping_mul(0x9e37_79b9) >> (32 - Self::BITS);
        ((hash >> 6) as usize, hash & 63)
    }
}

/// A short text, ready to be searched for many words: where each letter stands, as bits. A word is where
/// the places of its letters, shifted onto each other, meet.
struct Passage<'t> {
    text: &'t [u8],
    /// By the five low bits of a byte, which letters of both cases share. Other bytes may share an entry, too,
    /// so a hit is compared again.
    places: [u64; 32],
}

impl<'t> Passage<'t> {
    fn new(text: &'t [u8]) -> Self {
        let text = &text[..text.len().min(REACH)];
        let mut places = [0; 32];
        let mut note = |at: usize, byte: u8| places[usize::from(byte & 31)] |= 1 << at;
        // Eight to a turn: see `word` for why.
        let (blocks, rest) = text.as_chunks::<8>();
        for (block, bytes) in blocks.iter().enumerate() {
            for (at, &byte) in bytes.iter().enumerate() {
                note(block * 8 + at, byte);
            }
        }
        for (at, &byte) in rest.iter().enumerate() {
            note(blocks.len() * 8 + at, byte);
        }
        crate::count::steps(text.len());
        Self { text, places }
    }

    /// Whether `word` (lower case, two bytes or more) occurs, in either case. A short one counts only as a whole
    /// word.
    #[inline(always)]
    fn has(&self, word: &[u8]) -> bool {
        let place = |at: usize| self.places[usize::from(word[at] & 31)] >> at;
        // Nearly every word ends here.
        let starts = place(0) & place(1) & place(word.len() - 1);
        starts != 0 && self.holds(word, starts)
    }

    /// Whether `word` begins at one of the places of `starts`.
    #[inline(never)]
    fn holds(&self, word: &[u8], mut starts: u64) -> bool {
        crate::count::steps(word.len());
        while starts != 0 {
            let at = starts.trailing_zeros() as usize;
            starts &= starts - 1;
            let end = at + word.len();
            let bound = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let whole = bound(at.checked_sub(1).and_then(|at| self.text.get(at)))
                && bound(self.text.get(end));
            let here = self.text.get(at..end);
            if here.is_some_and(|here| here.eq_ignore_ascii_case(word)) && (word.len() > 4 || whole)
            {
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
