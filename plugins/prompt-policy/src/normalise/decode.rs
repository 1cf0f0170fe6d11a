//! Reads what a text carries in another coding: base64, hexadecimal, percent and backslash escapes,
//! ROT13, reversed letters.
//!
//! Each function looks for runs that decode to readable text and gives that text. Work is linear in
//! the input; the caller bounds depth and size.

/// Fewest characters of a base64 run: 12 bytes, two words.
const BASE64_RUN: usize = 16;
/// Fewest hexadecimal digits: 8 bytes, one long word.
const HEX_RUN: usize = 16;
/// Fewest escapes in a text before they are taken for a coding.
const ESCAPES: usize = 4;

/// Readable texts inside base64 runs, one line each.
pub(crate) fn base64(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::new();
    // A run that is long enough holds one of every so many bytes: only around those is looked.
    let mut at = BASE64_RUN - 1;
    while at < bytes.len() {
        if is_base64(bytes[at]) {
            let before = bytes[..at].iter().rev();
            let from = at - before.take_while(|byte| is_base64(**byte)).count();
            let behind = bytes[at..].iter();
            let run = &bytes[from..at + behind.take_while(|byte| is_base64(**byte)).count()];
            if run.len() >= BASE64_RUN {
                append_readable(&base64_bytes(run), &mut out);
            }
            at = from + run.len();
        }
        at += BASE64_RUN;
    }
    out
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn base64_bytes(run: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for &c in run {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// Readable texts inside rows of hexadecimal digits, also in pairs with spaces, `0x` or `\x`.
pub(crate) fn hex(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::new();
    // Where a row begins, and how many digits it has so far.
    let (mut from, mut digits) = (0, 0);
    let mut at = 0;
    while let Some(part) = hex_part(&bytes[at..]) {
        match part {
            Part::Prefix => at += 2,
            Part::Digit => {
                digits += 1;
                at += 1;
            }
            Part::Blank if digits % 2 == 0 => at += 1,
            Part::Blank | Part::Other => {
                if digits >= HEX_RUN {
                    append_hex(&bytes[from..at], &mut out);
                }
                at += 1;
                (from, digits) = (at, 0);
            }
        }
    }
    if digits >= HEX_RUN {
        append_hex(&bytes[from..], &mut out);
    }
    out
}

/// What a row of hexadecimal digits begins with.
enum Part {
    /// `0x` or `\x`.
    Prefix,
    Digit,
    Blank,
    Other,
}

#[inline(always)]
fn hex_part(bytes: &[u8]) -> Option<Part> {
    Some(match *bytes {
        [] => return None,
        [b'0' | b'\\', b'x' | b'X', ..] => Part::Prefix,
        [byte, ..] if byte.is_ascii_hexdigit() => Part::Digit,
        [b' ' | b':' | b',' | b'\n', ..] => Part::Blank,
        _ => Part::Other,
    })
}

fn append_hex(mut row: &[u8], out: &mut String) {
    let mut digits = Vec::with_capacity(row.len());
    while let Some(part) = hex_part(row) {
        if matches!(part, Part::Digit) {
            digits.push(char::from(row[0]).to_digit(16).unwrap_or(0) as u8);
        }
        row = &row[if matches!(part, Part::Prefix) { 2 } else { 1 }..];
    }
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    append_readable(&bytes, out);
}

/// The text with `%41`, `\u0041`, `&#65;` and `&#x41;` replaced; empty if it has too few of them.
pub(crate) fn escapes(text: &str) -> String {
    let marks = text.bytes().filter(|b| matches!(b, b'%' | b'\\' | b'&'));
    if marks.count() < ESCAPES {
        return String::new();
    }
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        if matches!(bytes[at], b'%' | b'\\' | b'&')
            && let Some((c, len)) = escape(&bytes[at..])
        {
            count += 1;
            at += len;
            match c {
                Coded::Byte(byte) => out.push(byte),
                Coded::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            continue;
        }
        out.push(bytes[at]);
        at += 1;
    }
    if count < ESCAPES {
        return String::new();
    }
    String::from_utf8_lossy(&out).into_owned()
}

enum Coded {
    Byte(u8),
    Char(char),
}

fn escape(bytes: &[u8]) -> Option<(Coded, usize)> {
    let number = |digits: &[u8], radix| {
        let text = core::str::from_utf8(digits).ok()?;
        u32::from_str_radix(text, radix).ok()
    };
    match bytes {
        [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            Some((Coded::Byte(number(&[*a, *b], 16)? as u8), 3))
        }
        [b'\\', b'u', digits @ ..] if digits.len() >= 4 => {
            Some((Coded::Char(char::from_u32(number(&digits[..4], 16)?)?), 6))
        }
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(8).position(|b| *b == b';')?;
            let value = match &rest[..end] {
                [b'x' | b'X', digits @ ..] => number(digits, 16)?,
                digits => number(digits, 10)?,
            };
            Some((Coded::Char(char::from_u32(value)?), end + 3))
        }
        _ => None,
    }
}

/// Each Latin letter moved by 13.
pub(crate) fn rot13(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
            'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
            _ => c,
        })
        .collect()
}

/// The characters from last to first.
pub(crate) fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Appends what is readable text: nearly no control or broken characters, and letters.
fn append_readable(bytes: &[u8], out: &mut String) {
    let text = String::from_utf8_lossy(bytes);
    let (mut total, mut bad, mut letters) = (0usize, 0usize, 0usize);
    for c in text.chars() {
        total += 1;
        bad += usize::from(c == '\u{FFFD}' || (c.is_control() && !c.is_whitespace()));
        letters += usize::from(c.is_alphabetic() || c == ' ');
    }
    if total >= 6 && bad * 12 <= total && letters * 4 >= total * 3 {
        out.push_str(&text);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_runs_are_decoded_and_others_are_not() {
        assert_eq!(
            base64("x SGVsbG8gdGhlcmUsIGZyaWVuZA== y"),
            "Hello there, friend\n"
        );
        assert_eq!(base64("c0ffee00c0ffee00c0ffee00c0ffee00"), "");
        assert_eq!(hex("48 65 6c 6c 6f 20 79 6f 75"), "Hello you\n");
        assert_eq!(hex("0x48\\x65\\x6c\\x6c\\x6f 20 79 6f 75"), "Hello you\n");
        assert_eq!(escapes("%48%65%6c%6c%6f &#33;"), "Hello !");
        assert_eq!(escapes("100% of 5%20x"), "");
        assert_eq!(rot13("Uryyb"), "Hello");
        assert_eq!(reversed("olleH"), "Hello");
    }

    #[test]
    fn broken_codings_never_panic() {
        for text in [
            "%",
            "%4",
            "\\u12",
            "&#",
            "&#xffffffff;",
            "%ff%ff%ff%ff",
            "====",
            "\u{1F600}%4\u{e9}",
        ] {
            let _ = (base64(text), hex(text), escapes(text));
        }
    }
}
