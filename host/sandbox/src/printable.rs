//! Makes foreign text safe to show: what could move the cursor, start a line or reorder text is escaped.
//!
//! Model answers, plugin output, file names, server errors and database content are data. Control characters,
//! escape sequences and bidirectional overrides become visible escapes, such as `\u{1b}`, so that a reader sees
//! that they were there.

use std::borrow::Cow;

/// Whether a character is shown as it is.
#[must_use]
pub const fn is_safe(character: char) -> bool {
    !matches!(
        character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Text of several lines: newline and tab stay, everything else that is unsafe is escaped.
#[must_use]
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, |character| {
        matches!(character, '\n' | '\t') || is_safe(character)
    })
}

/// Text for one line: newline and tab are escaped too.
#[must_use]
pub fn inline(text: &str) -> Cow<'_, str> {
    escape(text, is_safe)
}

/// Text for one line, cut after `max` characters with `…` in the place of what is missing.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", inline(&text[..end])),
        None => inline(text).into_owned(),
    }
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(|character| !keep(character)) else {
        return Cow::Borrowed(text);
    };
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..first]);
    for character in text[first..].chars() {
        if keep(character) {
            safe.push(character);
        } else {
            safe.extend(character.escape_default());
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_move_or_reorder_is_visible() {
        assert_eq!(
            inline("a\u{1b}[31mb\r\n\u{9b}\u{202e}c"),
            "a\\u{1b}[31mb\\r\\n\\u{9b}\\u{202e}c"
        );
        assert_eq!(block("a\tb\nc\r\n"), "a\tb\nc\\r\n");
    }

    #[test]
    fn ordinary_text_of_any_script_is_not_touched() {
        for text in ["", "plain", "Grüße, 世界", "עברית", "emoji 🎉"] {
            assert!(matches!(inline(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        assert_eq!(line("ééé", 2), "éé…");
        assert_eq!(line("ééé", 3), "ééé");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in any::<String>()) {
            prop_assert!(inline(&text).chars().all(is_safe));
            prop_assert!(block(&text).chars().all(|c| is_safe(c) || c == '\n' || c == '\t'));
        }

        #[test]
        fn escaping_twice_changes_nothing_more(text in any::<String>()) {
            let once = inline(&text).into_owned();
            prop_assert_eq!(inline(&once), once.as_str());
        }
    }
}
