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
