//! The two automata behind the detector: a rolling hash over letter groups with the filter that it
//! asks, and a prefix automaton for one word.

use super::letters::worth;

/// Letters in a group.
pub(super) const GROUP: usize = 8;
/// Bits of the filter, a power of two.
pub(super) const FILTER_BITS: usize = 1 << 18;
const BASE: u64 = 0x0100_0000_01B3;

pub(super) fn knows(filter: &[u64], hash: u64) -> bool {
    bits(hash)
        .iter()
        .all(|bit| filter[bit / 64] & (1 << (bit % 64)) != 0)
}

pub(super) fn bits(hash: u64) -> [usize; 2] {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    [
        (mixed >> 40) as usize & (FILTER_BITS - 1),
        (mixed >> 12) as usize & (FILTER_BITS - 1),
    ]
}

/// Hash of the last [`GROUP`] letters.
#[derive(Debug, Default)]
pub(super) struct Roll {
    last: [char; GROUP],
    count: usize,
    hash: u64,
}

const OUTGOING: u64 = power(GROUP as u32);

/// The hashes that a [`Roll`] would have after each letter of a text that is there as a whole.
pub(super) fn for_each_group(text: &[char], mut each: impl FnMut(u64)) {
    let add = |hash: u64, c: char| {
        hash.wrapping_mul(BASE)
            .wrapping_add(u64::from(u32::from(c)))
    };
    let Some((first, rest)) = text.split_at_checked(GROUP) else {
        return;
    };
    let mut hash = first.iter().fold(0, |hash, c| add(hash, *c));
    each(hash);
    for (c, outgoing) in rest.iter().zip(text) {
        hash = add(hash, *c).wrapping_sub(u64::from(u32::from(*outgoing)).wrapping_mul(OUTGOING));
        each(hash);
    }
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

#[cfg(test)]
mod tests {
    use super::{Roll, for_each_group};

    #[test]
    fn a_whole_text_has_the_groups_of_its_letters_in_turn() {
        for length in [0, 7, 8, 9, 40] {
            let text: Vec<char> = ('a'..='z')
                .chain('\u{430}'..='\u{44f}')
                .take(length)
                .collect();
            let mut whole = Vec::new();
            for_each_group(&text, |hash| whole.push(hash));
            let mut roll = Roll::default();
            let one_by_one: Vec<u64> = text.iter().filter_map(|c| roll.push(*c)).collect();
            assert_eq!(whole, one_by_one, "{length}");
        }
    }
}
