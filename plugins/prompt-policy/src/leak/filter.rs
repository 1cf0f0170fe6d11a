//! The filter of a system text: every group of letters in it, in every dress in which an answer may repeat it.
//!
//! Most of the built-in text's filter is made when the component is compiled: made anew, it would be a tenth of what a
//! whole turn costs. So what runs then is `const`, and counts instead of iterating.

use super::automata::{BASE, GROUP, OUTGOING};
use super::letters::{fold_letter, letters, rotate};
use crate::prompt::BUILT_IN;

/// Bits of the filter, a power of two.
const FILTER_BITS: usize = 1 << 18;
/// Of a fixed length, so that no bit needs a check.
pub(super) type Filter = [u64; FILTER_BITS / 64];

/// Encodings are made of this much of the system text.
const ENCODED_BYTES: usize = 4 * 1024;

/// The built-in text without the canary.
const KNOWN: &[u8] = BUILT_IN.as_bytes().trim_ascii_end();
static KNOWN_FILTER: Filter = known();
/// What follows the built-in text is learned with its last words, so that groups over the seam are known too. A multiple
/// of three: base64 of the rest is then the end of that of the whole.
const SEAM: usize = (KNOWN.len() - 48) / 3 * 3;

/// Two bits of the filter.
const fn bits(hash: u64) -> [usize; 2] {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    [
        (mixed >> 40) as usize & (FILTER_BITS - 1),
        (mixed >> 12) as usize & (FILTER_BITS - 1),
    ]
}

pub(super) fn knows(filter: &Filter, hash: u64) -> bool {
    bits(hash)
        .iter()
        .all(|bit| filter[bit / 64] & (1 << (bit % 64)) != 0)
}

/// Of the whole system text.
pub(super) fn filter_of(system: &str) -> Box<Filter> {
    if system.as_bytes().starts_with(KNOWN) {
        let mut filter = Box::new(KNOWN_FILTER);
        learn_dresses(&mut filter, system.get(SEAM..).unwrap_or(system));
        return filter;
    }
    let mut filter = Box::new([0; FILTER_BITS / 64]);
    learn_dresses(&mut filter, system);
    filter
}

fn learn_dresses(filter: &mut Filter, system: &str) {
    let mut text = letters(system);
    text.retain(|c| !c.is_numeric());
    learn(filter, &text);
    let rotated: Vec<char> = text.iter().map(|c| rotate(*c)).collect();
    learn(filter, &rotated);
    text.reverse();
    learn(filter, &text);
    text.clear();
    for word in system.split_whitespace().rev() {
        for c in word.chars() {
            fold_letter(c, |letter| text.push(letter));
        }
    }
    text.retain(|c| !c.is_numeric());
    learn(filter, &text);
    let bytes = &system.as_bytes()[..system.len().min(ENCODED_BYTES)];
    learn_encodings(filter, bytes, &mut vec!['\0'; 2 * bytes.len()]);
}

/// The same of [`KNOWN`], which is ASCII.
const fn known() -> Filter {
    assert!(KNOWN.is_ascii() && KNOWN.len() <= ENCODED_BYTES);
    let mut filter = [0; FILTER_BITS / 64];
    let mut text = ['\0'; 2 * ENCODED_BYTES];
    let mut length = 0;
    add_letters(KNOWN, 0, KNOWN.len(), &mut text, &mut length);
    learn(&mut filter, text.split_at(length).0);
    let mut dress = ['\0'; 2 * ENCODED_BYTES];
    let mut at = 0;
    while at < length {
        dress[at] = rotate(text[at]);
        at += 1;
    }
    learn(&mut filter, dress.split_at(length).0);
    at = 0;
    while at < length {
        dress[at] = text[length - 1 - at];
        at += 1;
    }
    learn(&mut filter, dress.split_at(length).0);
    let mut end = KNOWN.len();
    length = 0;
    while end > 0 {
        let mut start = end;
        while start > 0 && !KNOWN[start - 1].is_ascii_whitespace() {
            start -= 1;
        }
        add_letters(KNOWN, start, end, &mut text, &mut length);
        end = if start > 0 { start - 1 } else { 0 };
    }
    learn(&mut filter, text.split_at(length).0);
    learn_encodings(&mut filter, KNOWN, &mut text);
    filter
}

/// The letters of an ASCII text, folded.
const fn add_letters(bytes: &[u8], from: usize, to: usize, text: &mut [char], length: &mut usize) {
    let mut at = from;
    while at < to {
        if bytes[at].is_ascii_alphabetic() {
            text[*length] = bytes[at].to_ascii_lowercase() as char;
            *length += 1;
        }
        at += 1;
    }
}

const fn learn(filter: &mut Filter, text: &[char]) {
    let mut hash = 0u64;
    let mut at = 0;
    while at < text.len() {
        hash = hash.wrapping_mul(BASE).wrapping_add(text[at] as u64);
        if at >= GROUP {
            hash = hash.wrapping_sub((text[at - GROUP] as u64).wrapping_mul(OUTGOING));
        }
        at += 1;
        if at >= GROUP {
            let [one, other] = bits(hash);
            filter[one / 64] |= 1 << (one % 64);
            filter[other / 64] |= 1 << (other % 64);
        }
    }
}

/// Base64 from each of three offsets, and hexadecimal. `text` is room for two characters of each byte.
const fn learn_encodings(filter: &mut Filter, bytes: &[u8], text: &mut [char]) {
    let mut skip = 0;
    while skip < 3 && skip <= bytes.len() {
        let length = base64_letters(bytes.split_at(skip).1, text);
        learn(filter, text.split_at(length).0);
        skip += 1;
    }
    let digits = b"0123456789abcdef";
    let mut at = 0;
    while at < bytes.len() {
        text[2 * at] = digits[(bytes[at] >> 4) as usize] as char;
        text[2 * at + 1] = digits[(bytes[at] & 15) as usize] as char;
        at += 1;
    }
    learn(filter, text.split_at(2 * bytes.len()).0);
}

/// Folded as an answer is: without case and without `+` and `/`. Returns how many there are.
const fn base64_letters(bytes: &[u8], text: &mut [char]) -> usize {
    const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789";
    let (mut length, mut at) = (0, 0);
    while at < bytes.len() {
        let (mut bits, mut byte) = (0u32, 0);
        while byte < 3 {
            let next = if at + byte < bytes.len() {
                bytes[at + byte]
            } else {
                0
            };
            bits = bits << 8 | next as u32;
            byte += 1;
        }
        let left = bytes.len() - at;
        let letters = if left < 3 { left + 1 } else { 4 };
        let mut letter = 0;
        while letter < letters {
            let index = (bits >> (18 - 6 * letter) & 63) as usize;
            if index < ALPHABET.len() {
                text[length] = ALPHABET[index] as char;
                length += 1;
            }
            letter += 1;
        }
        at += 3;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::super::automata::Roll;
    use super::*;

    #[test]
    fn what_is_learned_is_what_an_answer_would_be_asked_for() {
        for length in [0, 7, 8, 9, 40] {
            let text: Vec<char> = ('a'..='z')
                .chain('\u{430}'..='\u{44f}')
                .take(length)
                .collect();
            let mut filter = [0; FILTER_BITS / 64];
            learn(&mut filter, &text);
            let mut roll = Roll::default();
            let hashes: Vec<u64> = text.iter().filter_map(|c| roll.push(*c)).collect();
            assert_eq!(hashes.len(), (length + 1).saturating_sub(GROUP));
            assert!(hashes.into_iter().all(|hash| knows(&filter, hash)));
        }
    }

    #[test]
    fn the_filter_that_was_compiled_knows_what_would_be_learned_now() {
        let system = crate::prompt::write(None, Some("Speak of trains only."), "marlin-4f2a7c");
        let compiled = filter_of(&system);
        let mut learned = [0; FILTER_BITS / 64];
        learn_dresses(&mut learned, &system);
        let count = |filter: &Filter| filter.iter().map(|word| word.count_ones()).sum::<u32>();
        assert!(
            compiled
                .iter()
                .zip(&learned)
                .all(|(compiled, learned)| compiled & learned == *learned)
        );
        // Groups at the seam that the whole text does not have.
        assert!(count(&compiled) - count(&learned) < 200);
    }
}
