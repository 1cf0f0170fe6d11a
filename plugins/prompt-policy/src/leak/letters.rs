//! A text reduced to what a reader would call its letters.

use unicode_normalization::UnicodeNormalization as _;

use crate::normalise::{is_invisible, is_mark, latin_look_alike, plain_latin};

/// A character of a script without spaces says as much as so many letters.
const WIDE_WORTH: u32 = 3;

/// Letters and digits of a text, folded.
pub(super) fn letters(text: &str) -> Vec<char> {
    let mut letters = Vec::with_capacity(text.len());
    for c in text.chars() {
        fold_letter(c, |letter| letters.push(letter));
    }
    letters
}

/// Gives the letters and digits that a character stands for, whatever is around it.
pub(super) fn fold_letter(c: char, mut each: impl FnMut(char)) {
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

pub(super) fn worth(c: char) -> u32 {
    if matches!(c, '\u{3040}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}') {
        WIDE_WORTH
    } else {
        1
    }
}

pub(super) const fn rotate(c: char) -> char {
    match c {
        'a'..='m' => (c as u8 + 13) as char,
        'n'..='z' => (c as u8 - 13) as char,
        _ => c,
    }
}
