//! A place between a name and its value.

use crate::class::{ALPHA, WORD};
use crate::quote::Quote;

/// Blanks that may stand around a separator.
const BLANKS: usize = 24;

/// What stands at a cursor.
pub(super) enum Operator {
    None,
    /// Maybe one, once more of the text is known.
    Cut,
    Passed,
}

pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) complete: bool,
    pub(super) at: usize,
    /// Emphasis or a tag was passed.
    pub(super) marked: bool,
    /// A tag was passed that opens a cell.
    pub(super) cell: bool,
}

impl Cursor<'_> {
    pub(super) fn blanks(&mut self) -> usize {
        let from = self.at;
        loop {
            let before = self.at;
            while self.at < self.bytes.len()
                && self.at - from < BLANKS
                && matches!(self.bytes[self.at], b' ' | b'\t')
            {
                self.at += 1;
            }
            if let Some(end) = escape_sequence(self.bytes, self.at) {
                self.at = end;
            }
            if self.at == before || self.at - from >= BLANKS * 2 {
                crate::count::steps(self.at - from + 1);
                return self.at - from;
            }
        }
    }

    pub(super) fn quote(&mut self) -> Option<Quote> {
        let (quote, length) = Quote::open(self.bytes, self.at)?;
        self.at += length;
        Some(quote)
    }

    pub(super) fn starved(&self) -> bool {
        !self.complete
            && (self.at >= self.bytes.len()
                || Quote::may_open(self.bytes, self.at)
                || self.escape_cut())
    }

    pub(super) fn escape_cut(&self) -> bool {
        let rest = &self.bytes[self.at..];
        rest.len() < 24
            && ESCAPES
                .iter()
                .any(|head| rest.starts_with(head) || head.starts_with(rest))
            && escape_sequence(self.bytes, self.at).is_none()
    }

    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        let there = rest.len() > word.len()
            && rest[..word.len()].eq_ignore_ascii_case(word)
            && !WORD.has(rest[word.len()]);
        if there {
            self.at += word.len();
        }
        there
    }

    /// Whether `word` may stand here once more of the text is known.
    pub(super) fn may_be(&self, word: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        !self.complete && rest.len() <= word.len() && word[..rest.len()].eq_ignore_ascii_case(rest)
    }

    /// Passes what assigns in some language or other.
    pub(super) fn operator(&mut self) -> Operator {
        const ASSIGN: [&[u8]; 7] = [b"?=", b"+=", b".=", b"<-", b"||", b"::=", b":::="];
        let rest = &self.bytes[self.at..];
        for sign in ASSIGN {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return Operator::Passed;
            }
            if !self.complete && sign.starts_with(rest) {
                return Operator::Cut;
            }
        }
        Operator::None
    }

    /// Passes a type and the sign that assigns behind it.
    pub(super) fn type_name(&mut self) -> Operator {
        const TYPES: [&[u8]; 8] = [
            b"String",
            b"string",
            b"str",
            b"&str",
            b"&'static str",
            b"std::string",
            b"SecretString",
            b"[]byte",
        ];
        let rest = &self.bytes[self.at..];
        for name in TYPES {
            let open = !self.complete && rest.len() < name.len() + BLANKS;
            if rest.len() < name.len() {
                if open && name.starts_with(rest) {
                    return Operator::Cut;
                }
                continue;
            }
            let Some(behind) = rest.strip_prefix(name) else {
                continue;
            };
            let blanks = behind
                .iter()
                .take(BLANKS)
                .take_while(|&&byte| byte == b' ')
                .count();
            let sign = name.len() + blanks;
            match (rest.get(sign), rest.get(sign + 1)) {
                (None, _) | (Some(b'=' | b':'), None) if !self.complete && blanks < BLANKS => {
                    return Operator::Cut;
                }
                (Some(b'='), Some(b'=' | b'>')) => {}
                (Some(b'='), _) => {
                    self.at += sign + 1;
                    return Operator::Passed;
                }
                (Some(b':'), Some(b'=')) => {
                    self.at += sign + 2;
                    return Operator::Passed;
                }
                _ => {}
            }
        }
        Operator::None
    }

    /// Passes a line end and the blanks of the next line.
    pub(super) fn line_end(&mut self) -> usize {
        let from = self.at;
        let rest = &self.bytes[from..];
        let length = rest
            .iter()
            .take(BLANKS * 2)
            .take_while(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t'))
            .count();
        self.at += length;
        crate::count::steps(length);
        length
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// How the introducer of a terminal's escape sequence is written, raw and in JSON, sources and logs.
const ESCAPES: [&[u8]; 8] = [
    b"\x1b", b"\\u001b", b"\\u001B", b"\\x1b", b"\\033", b"\\e", b"#033", b"^[",
];

/// An escape sequence of a terminal at `at`.
fn escape_sequence(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let head = ESCAPES.iter().find(|head| rest.starts_with(head))?;
    ansi_sequence(bytes, at + head.len())
}

/// The end of a control sequence whose introducer ended at `at`.
pub(crate) fn ansi_sequence(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if *rest.first()? != b'[' {
        return None;
    }
    let digits = rest[1..]
        .iter()
        .take(22)
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'))
        .count();
    ALPHA.has(*rest.get(1 + digits)?).then_some(at + digits + 2)
}
