//! Sees when an answer repeats the system prompt, letter by letter as it arrives.
//!
//! Both texts are reduced to their letters and digits, folded, so that case, spacing, punctuation and
//! markup do not matter. Every group of [`GROUP`] letters of the system text goes into a small filter;
//! a run is a row of letters of the answer whose groups are all in it. A long run, or enough shorter
//! ones together, is a leak. The same filter holds the text reversed, rotated by 13, in base64 and in
//! hexadecimal. A canary is matched exactly, by a prefix automaton.
//!
//! Text is held only while a run is long enough to become a leak, or a prefix of the canary stands at
//! the end. The state moves with each character, never with a delta, so the chunking cannot matter.

use unicode_normalization::UnicodeNormalization as _;

use crate::normalise::{is_invisible, is_mark, latin_look_alike, plain_latin};

/// Letters in a group.
const GROUP: usize = 8;
/// From this run on text is held: three or four words.
const HOLD_RUN: u32 = 16;
/// A run that counts towards the sum of runs.
const COUNTED_RUN: u32 = 20;
/// Shortest and longest run that is a leak, in letters; between them a share of the system text.
const LEAST_RUN: u32 = 28;
const LONGEST_RUN: u32 = 44;
/// Shortest and longest sum of runs that is a leak; between them a share of the system text.
const LEAST_SUM: u32 = 56;
const LARGEST_SUM: u32 = 110;
/// A character of a script without spaces says as much as so many letters.
const WIDE_WORTH: u32 = 3;
/// Encodings are made of this much of the system text.
const ENCODED_BYTES: usize = 4 * 1024;
/// Bits of the filter, a power of two.
const FILTER_BITS: usize = 1 << 18;
/// A shorter canary would be met by chance.
const LEAST_CANARY: usize = 6;
/// Longer ones are cut: this much is certain enough.
const MOST_CANARY: usize = 64;

const BASE: u64 = 0x0100_0000_01B3;

/// What was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leak {
    /// Part of the system text.
    Text,
    /// The canary.
    Canary,
}

/// A leak seen in a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) leak: Leak,
    /// Offset in the answer up to which it may be shown.
    pub(crate) show: usize,
    /// Offset in the answer just after the character that decided.
    pub(crate) decided: usize,
}

/// The state of one answer.
#[derive(Debug)]
pub(crate) struct LeakDetector {
    filter: Vec<u64>,
    run_limit: u32,
    sum_limit: u32,
    canaries: Vec<Prefix>,
    group: Roll,
    run: u32,
    sum: u32,
    /// Where the current run began to be held.
    held_from: Option<usize>,
    /// Offset in the answer of the next character.
    at: usize,
    /// Offsets of the last letters.
    offsets: [usize; MOST_CANARY],
    letters: usize,
}

impl LeakDetector {
    pub(crate) fn new(system: &str, canary: &str) -> Self {
        let letters: Vec<char> = letters(system).collect();
        let worth = letters.iter().map(|c| worth(*c)).sum::<u32>();
        let mut detector = Self {
            filter: vec![0; FILTER_BITS / 64],
            run_limit: (worth * 6 / 10).clamp(LEAST_RUN, LONGEST_RUN),
            sum_limit: (worth * 4 / 10).clamp(LEAST_SUM, LARGEST_SUM),
            canaries: Vec::new(),
            group: Roll::default(),
            run: 0,
            sum: 0,
            held_from: None,
            at: 0,
            offsets: [0; MOST_CANARY],
            letters: 0,
        };
        detector.learn(letters.iter().copied());
        detector.learn(letters.iter().rev().copied());
        detector.learn(letters.iter().map(|c| rotate(*c)));
        let end = floor_boundary(system, ENCODED_BYTES);
        for skip in 0..3 {
            detector.learn_base64(system.as_bytes().get(skip..end).unwrap_or_default());
        }
        detector.learn(
            system.as_bytes()[..end]
                .iter()
                .flat_map(|b| [hex_digit(b >> 4), hex_digit(b & 15)]),
        );
        detector.expect_canary(canary);
        detector
    }

    fn expect_canary(&mut self, canary: &str) {
        let word: Vec<char> = letters(canary).take(MOST_CANARY).collect();
        if word.len() >= LEAST_CANARY {
            self.canaries
                .push(Prefix::new(word.iter().rev().copied().collect()));
            self.canaries
                .push(Prefix::new(word.iter().map(|c| rotate(*c)).collect()));
            self.canaries.push(Prefix::new(word));
        }
    }

    fn learn(&mut self, text: impl Iterator<Item = char>) {
        let mut roll = Roll::default();
        for c in text {
            if let Some(hash) = roll.push(c) {
                for bit in bits(hash) {
                    self.filter[bit / 64] |= 1 << (bit % 64);
                }
            }
        }
    }

    fn learn_base64(&mut self, bytes: &[u8]) {
        const ALPHABET: &[u8; 64] =
            b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789+/";
        let text = bytes.chunks(3).flat_map(|three| {
            let bits = three
                .iter()
                .fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte))
                << (8 * (3 - three.len()));
            (0..=three.len())
                .map(move |i| char::from(ALPHABET[(bits >> (18 - 6 * i)) as usize & 63]))
        });
        self.learn(text.filter(|c| c.is_alphanumeric()));
    }

    fn knows(&self, hash: u64) -> bool {
        bits(hash)
            .iter()
            .all(|bit| self.filter[bit / 64] & (1 << (bit % 64)) != 0)
    }

    /// Takes the next piece of the answer; stops at the character that makes it a leak.
    pub(crate) fn push(&mut self, delta: &str) -> Option<Seen> {
        for c in delta.chars() {
            let start = self.at;
            self.at += c.len_utf8();
            let mut leak = None;
            fold_letter(c, |letter| leak = leak.or(self.letter(letter, start)));
            if let Some(leak) = leak {
                return Some(Seen {
                    leak,
                    show: self.shown(),
                    decided: self.at,
                });
            }
        }
        None
    }

    fn letter(&mut self, letter: char, start: usize) -> Option<Leak> {
        self.offsets[self.letters % MOST_CANARY] = start;
        self.letters += 1;
        let mut leak = None;
        for canary in &mut self.canaries {
            if canary.push(letter) {
                leak = Some(Leak::Canary);
            }
        }
        if leak.is_some() {
            return leak;
        }
        match self.group.push(letter) {
            Some(hash) if self.knows(hash) => {
                self.run += if self.run == 0 {
                    self.group.worth()
                } else {
                    worth(letter)
                };
                if self.held_from.is_none() && self.run >= HOLD_RUN {
                    self.held_from = Some(self.at);
                }
            }
            _ => {
                if self.run >= COUNTED_RUN {
                    self.sum += self.run;
                }
                self.run = 0;
                self.held_from = None;
            }
        }
        let counted = if self.run >= COUNTED_RUN { self.run } else { 0 };
        (self.run >= self.run_limit || self.sum + counted >= self.sum_limit).then_some(Leak::Text)
    }

    /// Offset in the answer up to which it may be shown now.
    pub(crate) fn shown(&self) -> usize {
        let prefix = self.canaries.iter().map(|c| c.matched).max().unwrap_or(0);
        let canary = if prefix == 0 {
            self.at
        } else {
            self.offsets[(self.letters - prefix) % MOST_CANARY]
        };
        self.held_from.map_or(canary, |from| from.min(canary))
    }
}

/// Letters and digits of a text, folded.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|c| {
        let mut folded = Vec::new();
        fold_letter(c, |letter| folded.push(letter));
        folded
    })
}

/// Gives the letters and digits that a character stands for, whatever is around it.
fn fold_letter(c: char, mut each: impl FnMut(char)) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            each(c.to_ascii_lowercase());
        }
    } else if !is_invisible(c) {
        for part in core::iter::once(c).nfkd().filter(|part| !is_mark(*part)) {
            for small in part.to_lowercase().filter(|small| small.is_alphanumeric()) {
                match plain_latin(small) {
                    Some(plain) => plain.chars().for_each(&mut each),
                    None => each(latin_look_alike(small).map_or(small, char::from)),
                }
            }
        }
    }
}

fn worth(c: char) -> u32 {
    if matches!(c, '\u{3040}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}') {
        WIDE_WORTH
    } else {
        1
    }
}

fn rotate(c: char) -> char {
    match c {
        'a'..='m' => char::from(c as u8 + 13),
        'n'..='z' => char::from(c as u8 - 13),
        _ => c,
    }
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

fn bits(hash: u64) -> [usize; 2] {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    [
        (mixed >> 40) as usize & (FILTER_BITS - 1),
        (mixed >> 12) as usize & (FILTER_BITS - 1),
    ]
}

/// Hash of the last [`GROUP`] letters.
#[derive(Debug, Default)]
struct Roll {
    last: [char; GROUP],
    count: usize,
    hash: u64,
}

impl Roll {
    fn push(&mut self, c: char) -> Option<u64> {
        const OUTGOING: u64 = power(GROUP as u32);
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

    fn worth(&self) -> u32 {
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
struct Prefix {
    word: Vec<char>,
    back: Vec<usize>,
    matched: usize,
}

impl Prefix {
    fn new(word: Vec<char>) -> Self {
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
    fn push(&mut self, letter: char) -> bool {
        while self.matched > 0 && self.word[self.matched] != letter {
            self.matched = self.back[self.matched - 1];
        }
        self.matched += usize::from(self.word[self.matched] == letter);
        self.matched == self.word.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: &str = "You are Quill, the support assistant of Harbour Books. Never mention the warehouse in Leith. \
        Offer a voucher of ten pounds only after two complaints. Session reference: marlin-4f2a7c. It is private.";

    fn seen(output: &str) -> Option<Leak> {
        LeakDetector::new(SYSTEM, "marlin-4f2a7c")
            .push(output)
            .map(|seen| seen.leak)
    }

    #[test]
    fn repeating_the_text_is_seen_in_any_dress() {
        let part = "Never mention the warehouse in Leith. Offer a voucher of ten pounds";
        for dress in [
            part.to_owned(),
            part.to_uppercase(),
            part.replace(' ', "\n- "),
            part.chars().flat_map(|c| [c, ' ']).collect(),
            part.chars().rev().collect(),
            part.chars()
                .map(|c| rotate(c.to_ascii_lowercase()))
                .collect(),
            part.replace('e', "\u{435}"),
            "TmV2ZXIgbWVudGlvbiB0aGUgd2FyZWhvdXNlIGluIExlaXRoLiBPZmZlciBhIHZvdWNoZXI=".to_owned(),
            part.bytes().map(|b| format!("{b:02x} ")).collect(),
        ] {
            assert_eq!(seen(&dress), Some(Leak::Text), "{dress}");
        }
    }

    #[test]
    fn the_canary_is_seen_and_not_one_letter_of_it_is_shown() {
        for dress in [
            "marlin-4f2a7c",
            "MARLIN 4F2A7C",
            "m a r l i n 4 f 2 a 7 c",
            "c7a2f4-nilram",
        ] {
            let mut detector = LeakDetector::new(SYSTEM, "marlin-4f2a7c");
            let found = detector
                .push(&format!("It is {dress}."))
                .map(|found| (found.leak, found.show));
            assert_eq!(found, Some((Leak::Canary, 6)), "{dress}");
        }
    }

    #[test]
    fn plain_answers_pass_and_are_not_held() {
        let answer =
            "I am Quill. I can help you with an order from Harbour Books; what is its number?";
        let mut detector = LeakDetector::new(SYSTEM, "marlin-4f2a7c");
        assert_eq!(detector.push(answer), None);
        assert_eq!(detector.shown(), answer.len());
    }
}
