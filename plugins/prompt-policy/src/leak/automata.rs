//! The two automata behind the detector: a rolling hash over letter groups, and a prefix automaton for one word.

use super::letters::worth;

/// Letters in a group.
pub(super) const GROUP: usize = 8;
pub(super) const BASE: u64 = 0x0100_0000_01B3;
/// What a letter that leaves a group has been multiplied with.
pub(super) const OUTGOING: u64 = power(GROUP as u32);

/// Hash of the last [`GROUP`] letters.
#[derive(Debug, Default)]
pub(super) struct Roll {
    last: [char; GROUP],
    count: usize,
    hash: u64,
}

impl Roll {
    pub(super) fn push(&mut self, c: char) -> Option<u64> {
        let slot = &mut self.last[self.count % GROUP];
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(u32::from(c)))
            .wrapping_sub(u64::from(u32::from(*slot)).wrapping_mul(OUTGOING));
        *slot = c;
        self.count += 1;
        (self.count >= GROUP).then_some(self.hash)
    }

    pub(super) fn worth(&self) -> u32 {
        self.last.iter().map(|c| worth(*c)).sum()
    }
}

const fn power(exponent: u32) -> u64 {
    let mut value = 1u64;
    let mut i = 0;
    while i < exponent {
        value = value.wrapping_mul(BASE);
        i += 1;
    }
    value
}

/// Knuth, Morris and Pratt's automaton for one word.
#[derive(Debug)]
pub(super) struct Prefix {
    word: Vec<char>,
    back: Vec<usize>,
    pub(super) matched: usize,
}

impl Prefix {
    pub(super) fn new(word: Vec<char>) -> Self {
        let mut back = vec![0; word.len()];
        let mut matched = 0;
        for i in 1..word.len() {
            while matched > 0 && word[i] != word[matched] {
                matched = back[matched - 1];
            }
            matched += usize::from(word[i] == word[matched]);
            back[i] = matched;
        }
        Self {
            word,
            back,
            matched: 0,
        }
    }

    /// Whether the word ends with this letter.
    pub(super) fn push(&mut self, letter: char) -> bool {
        while self.matched > 0 && self.word[self.matched] != letter {
            self.matched = self.back[self.matched - 1];
        }
        self.matched += usize::from(self.word[self.matched] == letter);
        self.matched == self.word.len()
    }
}
