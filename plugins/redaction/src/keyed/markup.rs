//! Emphasis and tags between a name and its value, as models and web pages write them: `**Password:** …`,
//! `<td>password</td><td>…`.

use super::cursor::{Cursor, Operator};

/// A longer tag does more than set type.
const TAG: usize = 48;
/// So many marks in a row are no line of text.
const MARKS: usize = 6;
const ELEMENTS: [&[u8]; 13] = [
    b"b", b"i", b"u", b"em", b"strong", b"code", b"span", b"td", b"th", b"dt", b"dd", b"label",
    b"p",
];
/// The elements that hold a value beside a name.
const CELLS: [&[u8]; 2] = [b"td", b"dd"];

impl Cursor<'_> {
    /// Passes the stars that end emphasis, and tags.
    pub(super) fn markup(&mut self) -> Operator {
        for _ in 0..MARKS {
            let passed = match self.peek() {
                Some(b'*') => self.stars(),
                Some(b'<') => self.tag(),
                _ => break,
            };
            match passed {
                Operator::None => break,
                Operator::Cut => return Operator::Cut,
                Operator::Passed => self.marked = true,
            }
            self.blanks();
        }
        if !self.marked {
            Operator::None
        } else if self.starved() {
            Operator::Cut
        } else {
            Operator::Passed
        }
    }

    /// Up to three stars that stand where a word ended.
    fn stars(&mut self) -> Operator {
        let rest = &self.bytes[self.at..];
        let stars = rest
            .iter()
            .take(4)
            .take_while(|&&byte| byte == b'*')
            .count();
        if stars > 3 || self.at == 0 || matches!(self.bytes[self.at - 1], b' ' | b'\t') {
            return Operator::None;
        }
        match rest.get(stars) {
            None if !self.complete => Operator::Cut,
            Some(b' ' | b'\t' | b':' | b'=' | b'|' | b'<' | b'`') => {
                self.at += stars;
                Operator::Passed
            }
            _ => Operator::None,
        }
    }

    fn tag(&mut self) -> Operator {
        let rest = &self.bytes[self.at + 1..];
        let window = &rest[..rest.len().min(TAG)];
        crate::count::steps(window.len());
        let Some(end) = window.iter().position(|&byte| byte == b'>') else {
            return if !self.complete && rest.len() < TAG {
                Operator::Cut
            } else {
                Operator::None
            };
        };
        let (closes, inner) = match window[..end].strip_prefix(b"/") {
            Some(inner) => (true, inner),
            None => (false, &window[..end]),
        };
        let name = inner.split(|&byte| byte == b' ').next().unwrap_or_default();
        let is = |element: &&[u8]| name.eq_ignore_ascii_case(element);
        if !ELEMENTS.iter().any(is) {
            return Operator::None;
        }
        self.cell |= !closes && CELLS.iter().any(is);
        self.at += end + 2;
        Operator::Passed
    }
}
