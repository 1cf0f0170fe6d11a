//! One pass over the characters: compatibility forms, case, accents, invisible characters.

use unicode_normalization::UnicodeNormalization as _;

use super::confusable::{latin_look_alike, plain_latin};

/// A text for judging, with the way back to the original.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Small letters without accents, invisible characters gone.
    pub(crate) text: String,
    /// For each byte of `text` the offset of the original character it came from; one more entry
    /// holds the original's length.
    pub(crate) origin: Vec<u32>,
    /// Text written in Unicode tag characters, which no screen shows.
    pub(crate) hidden: String,
}

impl Folded {
    /// The range of the original that a range of the folded text came from.
    pub(crate) fn original(&self, start: usize, end: usize) -> (u32, u32) {
        let at = |i: usize| {
            self.origin
                .get(i)
                .or(self.origin.last())
                .copied()
                .unwrap_or(0)
        };
        // The end is where the character after the last one starts, invisible ones included.
        (at(start), at(end))
    }
}

/// A character stands for at most so many others: some ligatures are whole phrases, and a text of
/// them would grow elevenfold.
const MOST_PARTS: usize = 4;

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        origin: Vec::with_capacity(text.len() + 1),
        hidden: String::new(),
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii() {
            folded.text.push(char::from(byte.to_ascii_lowercase()));
            folded.origin.push(offset(at));
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else {
            break;
        };
        fold_char(c, at, &mut folded);
        at += c.len_utf8();
    }
    folded.origin.push(offset(bytes.len()));
    if !folded.text.is_ascii() {
        replace_look_alikes(&mut folded);
    }
    folded
}

/// The text without invisible characters, which may split a secret; none if it has no such character.
pub(crate) fn visible(text: &str) -> Option<Folded> {
    if text.is_ascii() || !text.contains(is_invisible) {
        return None;
    }
    let mut visible = Folded::default();
    for (at, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
        push(c, at, &mut visible);
    }
    visible.origin.push(offset(text.len()));
    Some(visible)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn fold_char(c: char, at: usize, folded: &mut Folded) {
    match c {
        '\u{E0020}'..='\u{E007E}' => {
            // In range by the pattern: the low seven bits are the ASCII character.
            folded.hidden.push(char::from((u32::from(c) & 0x7F) as u8));
        }
        _ if is_invisible(c) => {}
        '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => {
            push(c, at, folded);
        }
        // Regional indicators and the squared and circled letters without a decomposition.
        '\u{1F1E6}'..='\u{1F1FF}' => push_letter(c, 0x1F1E6, at, folded),
        '\u{1F150}'..='\u{1F169}' => push_letter(c, 0x1F150, at, folded),
        '\u{1F170}'..='\u{1F189}' => push_letter(c, 0x1F170, at, folded),
        _ => {
            for part in core::iter::once(c).nfkd().take(MOST_PARTS) {
                if is_mark(part) {
                    continue;
                }
                for small in part.to_lowercase().filter(|c| !is_mark(*c)) {
                    match plain_latin(small) {
                        Some(plain) => plain.chars().for_each(|c| push(c, at, folded)),
                        None => push(small, at, folded),
                    }
                }
            }
        }
    }
}

fn push_letter(c: char, first: u32, at: usize, folded: &mut Folded) {
    let index = u32::from(c) - first;
    push(char::from(b'a' + (index % 26) as u8), at, folded);
}

fn push(c: char, at: usize, folded: &mut Folded) {
    folded.text.push(c);
    folded.origin.resize(folded.text.len(), offset(at));
}

/// Characters that take no place on the screen and so can split a word unseen.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Accents and other marks that sit on the letter before; those of Indic scripts are letters' parts.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Replaces look-alikes in words that mix scripts.
fn replace_look_alikes(folded: &mut Folded) {
    let mut text = String::with_capacity(folded.text.len());
    let mut origin = Vec::with_capacity(folded.origin.len());
    let mut word = 0;
    let source = core::mem::take(&mut folded.text);
    let mut flush = |from: usize, to: usize| {
        let mixed = source[from..to].bytes().any(|b| b.is_ascii_alphabetic());
        for (i, c) in source[from..to].char_indices() {
            let shown = if mixed {
                latin_look_alike(c).map_or(c, char::from)
            } else {
                c
            };
            text.push(shown);
            origin.resize(text.len(), folded.origin[from + i]);
        }
    };
    let mut inside = false;
    for (i, c) in source.char_indices() {
        if c.is_alphanumeric() != inside {
            flush(word, i);
            word = i;
            inside = !inside;
        }
    }
    flush(word, source.len());
    origin.push(folded.origin.last().copied().unwrap_or(0));
    folded.text = text;
    folded.origin = origin;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_forms_case_and_accents_are_folded() {
        assert_eq!(
            fold("Ｉｇｎｏｒｅ 𝐚𝐥𝐥 Précédentes").text,
            "ignore all precedentes"
        );
        assert_eq!(fold("Straße łódź").text, "strasse lodz");
    }

    #[test]
    fn invisible_characters_vanish_and_offsets_point_into_the_original() {
        let folded = fold("a\u{200B}b\u{202E}c d");
        assert_eq!(folded.text, "abc d");
        assert_eq!(folded.original(0, 3), (0, 9));
        assert_eq!(folded.original(4, 5), (10, 11));
    }

    #[test]
    fn look_alikes_are_replaced_in_mixed_words_only() {
        assert_eq!(fold("ign\u{43E}r\u{435} рок").text, "ignore рок");
    }

    #[test]
    fn tag_characters_are_read() {
        let hidden: String = "Hi"
            .chars()
            .map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap_or(c))
            .collect();
        assert_eq!(fold(&hidden).hidden, "Hi");
        assert_eq!(fold("🇭🇮").text, "hi");
    }
}
