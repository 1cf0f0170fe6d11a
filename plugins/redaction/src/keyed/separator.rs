//! What joins a name and its value, in the many forms of logs and source.

use super::Stop;
use super::cursor::{Cursor, Operator};
use crate::class::{URL64, run_end};
use crate::scan::Input;
use crate::value::{Form, Separator};

/// A value that only a blank separates from its name has at least so many letters and digits in one.
pub(super) const BARE: usize = 16;

/// What stands behind a name.
pub(super) enum Parsed {
    None,
    More(usize),
    Value { at: usize, form: Form },
}

/// Parses what stands between a name and its value.
pub(super) fn separator(input: &Input<'_>, start: usize, end: usize) -> Parsed {
    let bytes = input.bytes;
    let mut cursor = Cursor {
        bytes,
        complete: input.complete,
        at: end,
        marked: false,
        cell: false,
    };
    let before = start
        .checked_sub(1)
        .filter(|&at| at >= input.floor)
        .map(|at| bytes[at]);
    let flag = before == Some(b'-');
    if cursor.starved() {
        return Parsed::More(end);
    }
    let key_quoted = cursor.quote().is_some();
    if key_quoted && cursor.peek() == Some(b']') {
        cursor.at += 1;
    }
    let mut blanks = cursor.blanks();
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    match cursor.markup() {
        Operator::None => {}
        Operator::Cut => return Parsed::More(cursor.at),
        Operator::Passed if cursor.cell => {
            return value_start(input, cursor, (start, end), key_quoted, Separator::Cell);
        }
        Operator::Passed => blanks += 1,
    }
    let Some(next) = cursor.peek() else {
        return Parsed::None;
    };
    match cursor.operator() {
        Operator::None => {}
        Operator::Cut => return Parsed::More(cursor.at),
        Operator::Passed => {
            return value_start(
                input,
                cursor,
                (start, end),
                key_quoted,
                Separator::SpacedEquals,
            );
        }
    }
    let separator = match next {
        b'=' => {
            cursor.at += 1;
            match cursor.peek() {
                Some(b'=' | b'~') => return Parsed::None,
                Some(b'>') => cursor.at += 1,
                None if !input.complete => return Parsed::More(cursor.at),
                _ => {}
            }
            if blanks > 0 {
                Separator::SpacedEquals
            } else {
                Separator::Equals
            }
        }
        b':' => {
            cursor.at += 1;
            match cursor.peek() {
                Some(b':') => return Parsed::None,
                Some(b'=') => cursor.at += 1,
                None if !input.complete => return Parsed::More(cursor.at),
                _ => {}
            }
            Separator::Colon
        }
        b'%' => match bytes.get(cursor.at + 1..cursor.at + 3) {
            Some([b'3', b'D' | b'd' | b'A' | b'a']) => {
                cursor.at += 3;
                Separator::Percent
            }
            None if !input.complete => return Parsed::More(cursor.at),
            _ => return Parsed::None,
        },
        b'>' if before == Some(b'<') => {
            cursor.at += 1;
            Separator::Element
        }
        b'|' if blanks > 0 || key_quoted || before == Some(b'|') => {
            cursor.at += 1;
            Separator::Cell
        }
        // `<entry key="password">…`
        b'>' if key_quoted && blanks == 0 => {
            cursor.at += 1;
            Separator::Cell
        }
        b',' => {
            cursor.at += 1;
            cursor.blanks();
            if cursor.starved() {
                return Parsed::More(cursor.at);
            }
            let open = cursor.at;
            if cursor.quote().is_none() {
                return Parsed::None;
            }
            if key_quoted && cursor.may_be(b"value") {
                return Parsed::More(cursor.at);
            }
            if key_quoted && cursor.word(b"value") && cursor.quote().is_some() {
                // `{"name": "password", "value": "…"}`
                cursor.blanks();
                if cursor.starved() {
                    return Parsed::More(cursor.at);
                }
                if cursor.peek() != Some(b':') {
                    return Parsed::None;
                }
                cursor.at += 1;
                Separator::Colon
            } else {
                // `set("password", "…")`
                cursor.at = open;
                Separator::Call
            }
        }
        b'(' if !key_quoted => {
            cursor.at += 1;
            Separator::Call
        }
        b'\'' | b'"' if blanks > 0 && !key_quoted => {
            if flag {
                Separator::Flag
            } else {
                Separator::Call
            }
        }
        _ if blanks > 0 && key_quoted => {
            if cursor.may_be(b"value=") {
                return Parsed::More(cursor.at);
            }
            if !cursor.word(b"value") || cursor.peek() != Some(b'=') {
                return Parsed::None;
            }
            cursor.at += 1;
            Separator::Equals
        }
        _ if blanks > 0 && flag => Separator::Flag,
        _ if blanks > 0 => {
            if cursor.may_be(b"is ") || cursor.may_be(b"was ") {
                return Parsed::More(cursor.at);
            }
            match cursor.type_name() {
                Operator::None => {}
                Operator::Cut => return Parsed::More(cursor.at),
                Operator::Passed => {
                    return value_start(
                        input,
                        cursor,
                        (start, end),
                        key_quoted,
                        Separator::SpacedEquals,
                    );
                }
            }
            if cursor.word(b"is") || cursor.word(b"was") {
                if cursor.peek() == Some(b':') {
                    cursor.at += 1;
                }
                Separator::Prose
            } else {
                let run = run_end(bytes, cursor.at, URL64, BARE);
                if run - cursor.at < BARE {
                    let cut = run == bytes.len() && !input.complete;
                    return if cut {
                        Parsed::More(cursor.at)
                    } else {
                        Parsed::None
                    };
                }
                Separator::Blank
            }
        }
        _ => return Parsed::None,
    };
    value_start(input, cursor, (start, end), key_quoted, separator)
}

/// Passes blanks, wrappers and the opening quote of a value.
fn value_start(
    input: &Input<'_>,
    mut cursor: Cursor<'_>,
    (start, end): (usize, usize),
    key_quoted: bool,
    separator: Separator,
) -> Parsed {
    let bytes = input.bytes;
    let mut blanks = cursor.blanks();
    if separator == Separator::Element {
        blanks += cursor.line_end();
    }
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    if matches!(separator, Separator::Colon | Separator::Cell)
        && matches!(cursor.markup(), Operator::Cut)
    {
        return Parsed::More(cursor.at);
    }
    if separator == Separator::Colon && !key_quoted {
        // `let token: String = …`
        if let Operator::Cut = cursor.type_name() {
            return Parsed::More(cursor.at);
        }
        cursor.blanks();
        if cursor.starved() {
            return Parsed::More(cursor.at);
        }
    }
    for wrapper in [
        b"Some(".as_slice(),
        b"Ok(",
        b"String::from(",
        b"Secret(",
        b"SecretString(",
        b"[[",
        b"[",
        b"(",
        b"b",
        b"u",
        b"r",
        b"f",
        b"@",
    ] {
        let rest = &bytes[cursor.at..];
        if !input.complete && rest.len() <= wrapper.len() && wrapper.starts_with(rest) {
            return Parsed::More(cursor.at);
        }
        if rest.starts_with(wrapper)
            && matches!(rest.get(wrapper.len()), Some(b'"' | b'\'' | b'\\'))
        {
            cursor.at += wrapper.len();
        }
    }
    if cursor.starved() {
        return Parsed::More(cursor.at);
    }
    let bold = match separator {
        Separator::Colon | Separator::Cell => match cursor.bold() {
            Operator::Cut => return Parsed::More(cursor.at),
            passed => matches!(passed, Operator::Passed),
        },
        _ => false,
    };
    let quote = cursor.quote();
    for scheme in [b"Bearer".as_slice(), b"Basic", b"Token", b"ApiKey"] {
        if cursor.may_be(scheme) {
            return Parsed::More(cursor.at);
        }
        if cursor.word(scheme) && cursor.peek() == Some(b' ') {
            if matches!(scheme, b"Bearer" | b"Basic") && is_authorization(&bytes[..end]) {
                // The rule of the scheme knows better what follows.
                return Parsed::None;
            }
            cursor.at += 1;
        }
    }
    if cursor.at >= bytes.len() {
        return if input.complete {
            Parsed::None
        } else {
            Parsed::More(cursor.at)
        };
    }
    // Where type is set, running text follows as often as a value.
    let line = !cursor.marked && !bold && begins_line(input, start);
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let stop = match separator {
        Separator::Percent => Stop::Percent,
        _ if bold => Stop::Bold,
        Separator::Equals if matches!(before, Some(b'?' | b'&')) => Stop::Query,
        Separator::Equals if line && blanks == 0 => Stop::Word,
        Separator::Colon if line && !key_quoted => Stop::Word,
        Separator::Flag => Stop::Word,
        _ => Stop::Loose,
    };
    let spaced = blanks > 0;
    Parsed::Value {
        at: cursor.at,
        form: Form {
            separator,
            quote,
            key_quoted,
            stop,
            line,
            spaced,
        },
    }
}

/// The header whose value begins with a scheme.
fn is_authorization(name: &[u8]) -> bool {
    const TAIL: &[u8] = b"authorization";
    name.len() >= TAIL.len() && name[name.len() - TAIL.len()..].eq_ignore_ascii_case(TAIL)
}

/// Whether a name begins its line, or follows a word that introduces assignments.
fn begins_line(input: &Input<'_>, start: usize) -> bool {
    let least = input.floor.max(start.saturating_sub(48)).min(start);
    let before = &input.bytes[least..start];
    let line = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(before, |at| &before[at + 1..]);
    let cut = line.len() == before.len() && least > 0;
    let trimmed = line.trim_ascii();
    if !cut
        && trimmed
            .iter()
            .all(|&byte| matches!(byte, b'-' | b'+' | b'#' | b'/' | b'*' | b'$' | b'>'))
    {
        return true;
    }
    [
        b"export".as_slice(),
        b"ENV",
        b"set",
        b"-e",
        b"--env",
        b"env",
        b"declare",
        b"ARG",
        b"setx",
        b"\\n",
        b"\\nexport",
    ]
    .iter()
    .any(|word| trimmed.ends_with(word))
}
