//! Emphasis and tags between a name and its value, as models and web pages write them: `**Password:** …`,
//! `<td>password</td><td>…`.

use super::cursor::{Cursor, Operator};
use crate::class::WORD;

/// A longer tag does more than set type.
const TAG: usize = 120;
/// So many marks in a row are no line of text.
const MARKS: usize = 6;
const ELEMENTS: [&[u8]; 22] = [
    b"b", b"i", b"u", b"em", b"strong", b"code", b"span", b"td", b"th", b"dt", b"dd", b"label",
    b"p", b"div", b"li", b"kbd", b"pre", b"mark", b"samp", b"font", b"small", b"tr",
];
/// The elements that hold a value beside a name.
const CELLS: [&[u8]; 4] = [b"td", b"dd", b"div", b"span"];
/// A blank that does not break, as text and as an entity.
const BLANKS: [&[u8]; 2] = ["\u{a0}".as_bytes(), b"&nbsp;"];

impl Cursor<'_> {
    /// Passes the stars that end emphasis, and tags.
    pub(super) fn markup(&mut self) -> Operator {
        for _ in 0..MARKS {
            let passed = match self.peek() {
                Some(b'*' | b'_') => self.stars(),
                Some(b'<') => self.tag(),
                Some(b'&' | 0xc2) => self.blank(),
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

    /// Up to three stars or underlines that stand where a word ended.
    fn stars(&mut self) -> Operator {
        let rest = &self.bytes[self.at..];
        let stars = rest
            .iter()
            .take(4)
            .take_while(|&&byte| byte == rest[0])
            .count();
        if stars > 3 || self.at == 0 || matches!(self.bytes[self.at - 1], b' ' | b'\t') {
            return Operator::None;
        }
        match rest.get(stars) {
            None if !self.complete => Operator::Cut,
            Some(b' ' | b'\t' | b':' | b'=' | b'|' | b'<' | b'`' | b'&' | 0xc2) => {
                self.at += stars;
                Operator::Passed
            }
            _ => Operator::None,
        }
    }

    fn blank(&mut self) -> Operator {
        let rest = &self.bytes[self.at..];
        for blank in BLANKS {
            if rest.starts_with(blank) {
                self.at += blank.len();
                return Operator::Passed;
            }
            if !self.complete && blank.starts_with(rest) {
                return Operator::Cut;
            }
        }
        Operator::None
    }

    /// Passes the stars that a value begins with, which then end it too.
    pub(super) fn bold(&mut self) -> Operator {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'*'] | [b'*', b'*'] if !self.complete => Operator::Cut,
            [b'*', b'*', next, ..] if WORD.has(*next) => {
                self.at += 2;
                Operator::Passed
            }
            _ => Operator::None,
        }
    }

    /// A tag, and the line end behind it where the next line begins with another one.
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
        let slash = window[..end].strip_prefix(b"\\").unwrap_or(&window[..end]);
        let (closes, inner) = match slash.strip_prefix(b"/") {
            Some(inner) => (true, inner),
            None => (false, slash),
        };
        let name = inner.split(|&byte| byte == b' ').next().unwrap_or_default();
        let is = |element: &&[u8]| name.eq_ignore_ascii_case(element);
        if !ELEMENTS.iter().any(is) {
            return Operator::None;
        }
        self.cell |= !closes && CELLS.iter().any(is);
        self.at += end + 2;
        let behind = self.at;
        self.blanks();
        if self.line_end() > 0 && self.peek() != Some(b'<') {
            let cut = !self.complete && self.at == self.bytes.len();
            self.at = behind;
            return if cut { Operator::Cut } else { Operator::Passed };
        }
        Operator::Passed
    }
}
