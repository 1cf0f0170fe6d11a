//! Sees when an answer repeats the system prompt, letter by letter as it arrives.
//!
//! Both texts are reduced to their letters and digits, folded, so that case, spacing, punctuation and
//! markup do not matter. Every group of [`automata::GROUP`] letters of the system text goes into a small filter;
//! a run is a row of letters of the answer whose groups are all in it. A long run, or enough shorter
//! ones together, is a leak. The same filter holds the text reversed by letters and by words and
//! rotated by 13; a second track, which keeps digits, looks for it in base64 and hexadecimal. A canary is matched exactly, by a prefix automaton.
//!
//! Text is held only while a run is long enough to become a leak, or a prefix of the canary stands at
//! the end. The state moves with each character, never with a delta, so the chunking cannot matter.

mod automata;
mod filter;
mod letters;

use automata::{Prefix, Roll};
use filter::{Filter, filter_of, knows};
use letters::{fold_letter, rotate, worth};

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
/// A shorter canary would be met by chance.
const LEAST_CANARY: usize = 6;
/// Longer ones are cut: this much is certain enough.
const MOST_CANARY: usize = 64;

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
    filter: Box<Filter>,
    limits: Limits,
    canaries: Vec<Prefix>,
    /// Letters alone, so that numbering does not hide a text.
    plain: Track,
    /// Letters and digits: encodings.
    coded: Track,
    /// Offset in the answer of the next character.
    at: usize,
    /// Offsets of the last letters and digits.
    offsets: [usize; MOST_CANARY],
    letters: usize,
}

/// From where on a repetition is a leak.
#[derive(Debug, Clone, Copy)]
struct Limits {
    run: u32,
    sum: u32,
}

/// Runs of known groups in a row of letters.
#[derive(Debug, Default)]
struct Track {
    group: Roll,
    run: u32,
    sum: u32,
    /// Where the current run began to be held.
    held_from: Option<usize>,
}

impl LeakDetector {
    pub(crate) fn new(system: &str, canary: &str) -> Self {
        let letters = letters::letters(system).into_iter();
        let worth: u32 = letters.filter(|c| !c.is_numeric()).map(worth).sum();
        let mut detector = Self {
            filter: filter_of(system),
            limits: Limits {
                run: (worth * 6 / 10).clamp(LEAST_RUN, LONGEST_RUN),
                sum: (worth * 4 / 10).clamp(LEAST_SUM, LARGEST_SUM),
            },
            canaries: Vec::new(),
            plain: Track::default(),
            coded: Track::default(),
            at: 0,
            offsets: [0; MOST_CANARY],
            letters: 0,
        };
        detector.expect_canary(canary);
        detector
    }

    fn expect_canary(&mut self, canary: &str) {
        let mut word = letters::letters(canary);
        word.truncate(MOST_CANARY);
        if word.len() >= LEAST_CANARY {
            self.canaries
                .push(Prefix::new(word.iter().rev().copied().collect()));
            self.canaries
                .push(Prefix::new(word.iter().map(|c| rotate(*c)).collect()));
            self.canaries.push(Prefix::new(word));
        }
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
        let mut canary = false;
        for word in &mut self.canaries {
            canary |= word.push(letter);
        }
        if canary {
            return Some(Leak::Canary);
        }
        let coded = self.coded.push(letter, self.at, &self.filter, self.limits);
        let plain =
            !letter.is_numeric() && self.plain.push(letter, self.at, &self.filter, self.limits);
        (coded || plain).then_some(Leak::Text)
    }

    /// Offset in the answer up to which it may be shown now.
    pub(crate) fn shown(&self) -> usize {
        let prefix = self.canaries.iter().map(|c| c.matched).max().unwrap_or(0);
        let canary = if prefix == 0 {
            self.at
        } else {
            self.offsets[(self.letters - prefix) % MOST_CANARY]
        };
        let runs = [self.plain.held_from, self.coded.held_from];
        runs.into_iter().flatten().fold(canary, usize::min)
    }
}

impl Track {
    /// Takes a letter that ends at an offset of the answer; whether that makes it a leak.
    fn push(&mut self, letter: char, at: usize, filter: &Filter, limits: Limits) -> bool {
        match self.group.push(letter) {
            Some(hash) if knows(filter, hash) => {
                self.run += if self.run == 0 {
                    self.group.worth()
                } else {
                    worth(letter)
                };
                if self.held_from.is_none() && self.run >= HOLD_RUN {
                    self.held_from = Some(at);
                }
            }
            _ => {
                self.sum += self.counted();
                self.run = 0;
                self.held_from = None;
            }
        }
        self.run >= limits.run || self.sum + self.counted() >= limits.sum
    }

    /// What the current run adds to the sum.
    fn counted(&self) -> u32 {
        if self.run >= COUNTED_RUN { self.run } else { 0 }
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
