//! What a secret's body looks like: placeholders, randomness, structure.
//!
//! Every check over a token's body is monotone: once true for a prefix it stays true for what follows.
//! A stream may therefore decide before it has seen the end. Only the first [`PROBE`] bytes count.

use crate::class::{ALPHA, DIGIT, HEX, HEXL, Set};

/// How many bytes of a candidate are looked at before it is decided.
pub(crate) const PROBE: usize = 512;

/// How many different bytes there are, up to 64.
pub(crate) fn distinct(body: &[u8]) -> u32 {
    let mut seen = [0u64; 4];
    for &byte in body {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    crate::count::steps(body.len());
    seen.iter().map(|word| word.count_ones()).sum()
}

fn digits(body: &[u8]) -> usize {
    body.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// Anything that is not one letter repeated.
pub(crate) fn any(body: &[u8]) -> bool {
    distinct(body) >= 4
}

/// Everything: the anchor alone is proof.
pub(crate) fn sure(_: &[u8]) -> bool {
    true
}

/// Letters and a digit: random alphanumerics of 16 and more nearly always have both.
pub(crate) fn mixed(body: &[u8]) -> bool {
    digits(body) >= 1 && body.iter().any(u8::is_ascii_alphabetic) && distinct(body) >= 6
}

/// Random letters without digits are possible: many different ones, in both cases.
pub(crate) fn letters(body: &[u8]) -> bool {
    let kinds = distinct(body);
    let upper = body.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let lower = body.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    (kinds >= 7 && digits(body) >= 2) || (kinds >= 10 && lower >= 4 && upper >= 4)
}

/// At least three digits beside letters: for short anchors that words begin with, too.
pub(crate) fn random(body: &[u8]) -> bool {
    digits(body) >= 3 && body.iter().any(u8::is_ascii_alphabetic) && distinct(body) >= 9
}

/// A dot-separated token whose first part is not a word.
pub(crate) fn dotted(body: &[u8]) -> bool {
    mixed(body) && body.contains(&b'.')
}

/// Slack's tokens: numbers, then a part with letters, joined by dashes.
pub(crate) fn slack(body: &[u8]) -> bool {
    digits(body) >= 8 && distinct(body) >= 6
}

/// A web hook's path: more than one segment, and random.
pub(crate) fn hook(body: &[u8]) -> bool {
    distinct(body) >= 8 && digits(body) >= 2
}

/// Shannon entropy in tenths of a bit a byte, over at most [`PROBE`] bytes.
pub(crate) fn entropy_tenths(body: &[u8]) -> u32 {
    let body = &body[..body.len().min(PROBE)];
    let mut counts = [0u16; 256];
    for &byte in body {
        counts[usize::from(byte)] += 1;
    }
    crate::count::steps(body.len());
    let total = body.len() as f32;
    let bits: f32 = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f32::from(count) / total;
            -share * share.log2()
        })
        .sum();
    (bits * 10.0) as u32
}

pub(crate) fn all(body: &[u8], set: Set) -> bool {
    body.iter().all(|&byte| set.has(byte))
}

/// `8-4-4-4-12` hexadecimal digits.
pub(crate) fn is_uuid(body: &[u8]) -> bool {
    body.len() == 36
        && body.iter().enumerate().all(|(at, &byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                HEX.has(byte)
            }
        })
}

/// A hexadecimal digest of a usual length.
pub(crate) fn is_digest(body: &[u8]) -> bool {
    matches!(body.len(), 32 | 40 | 56 | 64 | 96 | 128) && all(body, HEXL)
}

/// Only digits and the punctuation of numbers, dates and versions.
pub(crate) fn is_numeric(body: &[u8]) -> bool {
    body.iter().all(|&b| {
        DIGIT.has(b)
            || matches!(
                b,
                b'.' | b'-' | b':' | b',' | b'+' | b'T' | b'Z' | b'%' | b'/' | b' '
            )
    })
}

/// Stands for a value without being one: `<token>`, `${VAR}`, `xxxx`, `your-key-here`, `null`.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let Some((&first, &last)) = value.first().zip(value.last()) else {
        return true;
    };
    if distinct(&value[..value.len().min(PROBE)]) <= 2 && value.len() < 64 {
        return true;
    }
    if contains(value, b"[redacted:")
        || value.starts_with(b"$(")
        || value.starts_with(b"${")
        || value.starts_with(b"{{")
    {
        return true;
    }
    if (first == b'<' && last == b'>')
        || (first == b'%' && last == b'%')
        || (first == b'{' && last == b'}')
    {
        return true;
    }
    if first == b'$'
        && value.len() > 1
        && value[1..]
            .iter()
            .all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    {
        return true;
    }
    let mut low = [0u8; 40];
    let part = &value[..value.len().min(40)];
    for (to, from) in low.iter_mut().zip(part) {
        *to = from.to_ascii_lowercase();
    }
    let low = &low[..part.len()];
    if value.len() <= 40 && WORDS.contains(&low) {
        return true;
    }
    PARTS.iter().any(|word| contains(low, word))
}

const WORDS: &[&[u8]] = &[
    b"null",
    b"none",
    b"nil",
    b"true",
    b"false",
    b"undefined",
    b"empty",
    b"unset",
    b"string",
    b"str",
    b"bytes",
    b"required",
    b"optional",
    b"hidden",
    b"masked",
    b"redacted",
    b"secret",
    b"password",
    b"token",
    b"value",
    b"bearer",
    b"basic",
    b"env",
    b"default",
    b"text",
    b"int",
    b"integer",
    b"bool",
    b"boolean",
    b"object",
    b"array",
    b"yes",
    b"no",
    b"n/a",
    b"tbd",
    b"todo",
    b"refresh",
    b"access",
    b"apikey",
    b"api_key",
    b"username",
    b"user",
    b"file",
    b"file_path",
    b"invalid",
    b"valid",
    b"expired",
    b"missing",
    b"unknown",
    b"enabled",
    b"disabled",
    b"prompt",
    b"stdin",
    b"input",
    b"output",
    b"auto",
    b"self",
    b"this",
    b"const",
    b"static",
];

const PARTS: &[&[u8]] = &[
    b"redacted",
    b"placeholder",
    b"your-",
    b"your_",
    b"yourpass",
    b"yourtoken",
    b"yourkey",
    b"yourapi",
    b"<your",
    b"xxxx",
    b"****",
    b"....",
    b"changeme",
    b"change-me",
    b"change_me",
    b"replace",
    b"insert-",
    b"insert_",
    b"...]",
    b"\xe2\x80\xa6",
    b"-here",
    b"_here",
    b"process.env",
    b"os.environ",
    b"getenv",
    b"#{",
    b"{{",
];

/// Whether `part` occurs in `text`; both are short.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    crate::count::steps(text.len());
    text.windows(part.len()).any(|window| window == part)
}

/// Letters of a plain word or several joined by dashes, dots or underscores: names, not values.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    value
        .iter()
        .all(|&b| ALPHA.has(b) || matches!(b, b'_' | b'-' | b'.' | b' ' | b'/' | b':' | b'\''))
}
