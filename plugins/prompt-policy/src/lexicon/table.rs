//! Hash tables that the compiler fills, so that a fresh instance has nothing to build.
//!
//! FNV-1a extends byte by byte, so one walk over a word asks for each of its prefixes too.

use super::class::Classes;

/// A word and its classes. A star at the end makes it a prefix.
pub(crate) type Entry = (&'static str, Classes);

const SEED: u32 = 0x811C_9DC5;
const PRIME: u32 = 0x0100_0193;
const SLOTS: usize = 8192;
const EMPTY: u16 = 0;
/// List in the upper five bits, entry in the lower eleven.
const ENTRY_BITS: u32 = 11;

pub(crate) const fn start() -> u32 {
    SEED
}

pub(crate) const fn extend(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(PRIME)
}

const fn slot(hash: u32) -> usize {
    // FNV mixes upwards: the high bits are the good ones.
    ((hash ^ (hash >> 15)) as usize) & (SLOTS - 1)
}

/// Words by hash, one table for whole words and one for prefixes.
pub(crate) struct Table {
    lists: &'static [&'static [Entry]],
    words: [u16; SLOTS],
    prefixes: [u16; SLOTS],
}

impl Table {
    /// Runs in the compiler.
    pub(crate) const fn build(lists: &'static [&'static [Entry]]) -> Self {
        let mut table = Self {
            lists,
            words: [EMPTY; SLOTS],
            prefixes: [EMPTY; SLOTS],
        };
        let mut list = 0;
        while list < lists.len() {
            let mut entry = 0;
            assert!(
                lists[list].len() < 1 << ENTRY_BITS,
                "a list has too many words"
            );
            while entry < lists[list].len() {
                let word = lists[list][entry].0.as_bytes();
                let prefix = word[word.len() - 1] == b'*';
                let len = if prefix { word.len() - 1 } else { word.len() };
                let mut hash = start();
                let mut i = 0;
                while i < len {
                    hash = extend(hash, word[i]);
                    i += 1;
                }
                let mut at = slot(hash);
                let value = ((list << ENTRY_BITS) + entry + 1) as u16;
                if prefix {
                    while table.prefixes[at] != EMPTY {
                        at = (at + 1) & (SLOTS - 1);
                    }
                    table.prefixes[at] = value;
                } else {
                    while table.words[at] != EMPTY {
                        at = (at + 1) & (SLOTS - 1);
                    }
                    table.words[at] = value;
                }
                entry += 1;
            }
            list += 1;
        }
        table
    }

    fn entry(&self, value: u16) -> &Entry {
        let index = usize::from(value) - 1;
        &self.lists[index >> ENTRY_BITS][index & ((1 << ENTRY_BITS) - 1)]
    }

    /// Union of the classes of a word; zero if it is unknown. A prefix counts where at most `ending`
    /// bytes follow it.
    pub(crate) fn classes(&self, word: &str, ending: usize) -> Classes {
        let bytes = word.as_bytes();
        let mut hash = start();
        let mut found = 0;
        for (i, &byte) in bytes.iter().enumerate() {
            hash = extend(hash, byte);
            let mut at = slot(hash);
            while self.prefixes[at] != EMPTY {
                let (text, classes) = self.entry(self.prefixes[at]);
                if i + 1 + ending >= bytes.len()
                    && text.len() == i + 2
                    && text.as_bytes()[..=i] == bytes[..=i]
                {
                    found |= classes;
                }
                at = (at + 1) & (SLOTS - 1);
            }
        }
        found | self.word(hash, bytes)
    }

    /// The longest entry that some letters begin with, prefixes counted without an ending: its length
    /// and classes.
    pub(crate) fn longest(&self, letters: &[u8]) -> Option<(usize, Classes)> {
        let mut hash = start();
        let mut best = None;
        for (i, &byte) in letters.iter().enumerate() {
            hash = extend(hash, byte);
            let mut found = self.word(hash, &letters[..=i]);
            let mut at = slot(hash);
            while self.prefixes[at] != EMPTY {
                let (text, classes) = self.entry(self.prefixes[at]);
                if text.len() == i + 2 && text.as_bytes()[..=i] == letters[..=i] {
                    found |= classes;
                }
                at = (at + 1) & (SLOTS - 1);
            }
            if found != 0 {
                best = Some((i + 1, found));
            }
        }
        best
    }

    /// The same for whole words only, whose hash is known.
    pub(crate) fn word(&self, hash: u32, bytes: &[u8]) -> Classes {
        let mut found = 0;
        let mut at = slot(hash);
        while self.words[at] != EMPTY {
            let (text, classes) = self.entry(self.words[at]);
            if text.as_bytes() == bytes {
                found |= classes;
            }
            at = (at + 1) & (SLOTS - 1);
        }
        found
    }
}
