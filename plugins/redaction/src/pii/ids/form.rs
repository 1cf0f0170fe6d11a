//! How an id is written, and whether a text is written like that.
//!
//! `A` stands for a letter, `9` for a digit, `*` for either, a small letter for itself in both cases, any
//! other sign for itself. A `?` behind one of them: it may be missing.

/// The most letters and digits of an id.
pub(crate) const MOST: usize = 20;

/// An id without the signs that separate its parts.
pub(crate) struct Written {
    text: [u8; MOST],
    length: usize,
    /// There were small letters.
    pub(crate) lower: bool,
    /// There were signs or blanks between parts.
    pub(crate) grouped: bool,
    /// Where it ends.
    pub(crate) end: usize,
}

impl Written {
    /// The id that is written in `at..end`.
    fn of(bytes: &[u8], at: usize, end: usize) -> Self {
        let mut written = Self {
            text: [0; MOST],
            length: 0,
            lower: false,
            grouped: false,
            end,
        };
        for &byte in &bytes[at..end] {
            if byte.is_ascii_alphanumeric() {
                if let Some(slot) = written.text.get_mut(written.length) {
                    *slot = byte.to_ascii_uppercase();
                    written.length += 1;
                }
                written.lower |= byte.is_ascii_lowercase();
            } else {
                written.grouped = true;
            }
        }
        written
    }

    /// Capitals and digits.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text[..self.length]
    }
}

/// Whether a text is of a form.
pub(crate) enum Fit {
    No,
    /// As far as the text goes.
    Cut,
    Yes(Written),
}

/// Compares what begins at `at` with `form`. What is written is read only where it fits, which is rare.
pub(crate) fn fit(form: &[u8], bytes: &[u8], at: usize) -> Fit {
    let mut end = at;
    let mut parts = form.iter().enumerate().filter(|(_, part)| **part != b'?');
    let wrong = parts.find_map(|(index, &part)| {
        let byte = bytes.get(end).copied();
        if byte.is_some_and(|byte| means(part, byte)) {
            end += 1;
            return None;
        }
        let optional = form.get(index + 1) == Some(&b'?');
        (!optional).then_some(byte)
    });
    crate::count::steps(end - at + 1);
    match wrong {
        None => Fit::Yes(Written::of(bytes, at, end)),
        Some(None) => Fit::Cut,
        Some(Some(_)) => Fit::No,
    }
}

/// Whether a sign of a form stands for this byte.
#[inline(always)]
fn means(part: u8, byte: u8) -> bool {
    match part {
        b'A' => byte.is_ascii_alphabetic(),
        b'9' => byte.is_ascii_digit(),
        b'*' => byte.is_ascii_alphanumeric(),
        exact => byte.to_ascii_lowercase() == exact,
    }
}

/// How long the first part of a form may be, from and to.
pub(crate) const fn first_part(form: &[u8]) -> (usize, usize) {
    let (mut least, mut most, mut at) = (0, 0, 0);
    while at < form.len() {
        let optional = at + 1 < form.len() && form[at + 1] == b'?';
        if !(form[at].is_ascii_alphanumeric() || form[at] == b'*') {
            break;
        }
        most += 1;
        least += if optional { 0 } else { 1 };
        at += if optional { 2 } else { 1 };
    }
    (least, most)
}

#[cfg(test)]
mod tests {
    use super::{Fit, first_part, fit};

    fn text(form: &str, bytes: &str) -> Option<String> {
        match fit(form.as_bytes(), bytes.as_bytes(), 0) {
            Fit::Yes(written) => Some(String::from_utf8_lossy(written.text()).into_owned()),
            _ => None,
        }
    }

    #[test]
    fn a_form_reads_letters_digits_and_signs() {
        assert_eq!(text("A9?A 9AA", "w1a 1hq.").as_deref(), Some("W1A1HQ"));
        assert_eq!(
            text("hrb 999?9?9?9?", "HRB 12345").as_deref(),
            Some("HRB12345")
        );
        assert_eq!(text("99-9", "12 3"), None);
        assert!(matches!(fit(b"99-9", b"12-", 0), Fit::Cut));
        assert_eq!(first_part(b"AA?A?-9"), (1, 3));
    }
}
