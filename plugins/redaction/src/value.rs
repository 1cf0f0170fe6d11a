//! Whether a value beside a telling name is a secret, or code, a word, a number, a placeholder.

use crate::class::HEX;
use crate::keyed::Stop;
use crate::name::Strength;
use crate::quote::Quote;
use crate::shape::{
    all, contains, distinct, entropy_tenths, is_digest, is_numeric, is_placeholder, is_uuid,
    is_wordy,
};

/// What joins a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    Equals,
    /// With blanks around it, as in code and INI files.
    SpacedEquals,
    Colon,
    Percent,
    /// `<name>value</name>`.
    Element,
    /// The next cell of a table.
    Cell,
    /// `--name value`.
    Flag,
    /// `name("value")`, and SQL's `PASSWORD 'value'`.
    Call,
    /// `name is value`.
    Prose,
    /// `name value`.
    Blank,
}

/// How a value was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) separator: Separator,
    pub(crate) quote: Option<Quote>,
    pub(crate) key_quoted: bool,
    pub(crate) stop: Stop,
    /// The name begins its line.
    pub(crate) line: bool,
    /// A blank stands before the value.
    pub(crate) spaced: bool,
}

/// Whether `value` is worth hiding. Only its first bytes are given where it is long.
pub(crate) fn is_secret(value: &[u8], strength: Strength, form: Form) -> bool {
    if value.len() < 4 || is_placeholder(value) || (form.quote.is_none() && is_variable(value)) {
        return false;
    }
    if form.separator == Separator::Blank {
        let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
        let named = !matches!(strength, Strength::Weak | Strength::Bundler);
        return named && digits >= 3 && value.len() >= 16 && machine(value, form);
    }
    match strength {
        Strength::Password => password(value, form),
        Strength::Secret => machine(value, form) || (form.quote.is_some() && human(value)),
        Strength::Token | Strength::Key => machine(value, form),
        Strength::Weak => weak(value),
        Strength::Bundler => value.len() >= 8 && value.contains(&b':') && !value.contains(&b'/'),
    }
}

/// `$name`: what a script fills in.
fn is_variable(value: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    matches!(value, [b'$', name @ ..] if name.iter().all(letter))
}

fn digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

/// A digit or a sign beside letters, as password rules ask for.
fn human(value: &[u8]) -> bool {
    let symbol = value.iter().any(|&b| {
        matches!(
            b,
            b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'+' | b'~' | b'='
        )
    });
    (digit(value) || symbol)
        && !is_code(value)
        && !value.contains(&b' ')
        && value.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80)
}

/// An expression, a path or a name of something rather than a value.
fn is_code(value: &[u8]) -> bool {
    let ident = value.iter().all(|&b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b'.' | b':' | b'[' | b']' | b'(' | b')' | b'&' | b'*'
            )
    });
    let call = value
        .iter()
        .position(|&b| b == b'(')
        .is_some_and(|at| at > 0 && is_wordy(&value[..at]));
    // `argv[1]`, whose bracket may have ended it.
    let index = value.iter().position(|&b| b == b'[').is_some_and(|at| {
        let inside = value[at + 1..].iter().take_while(|b| b.is_ascii_digit());
        let end = at + 1 + inside.count();
        at > 0 && end > at + 1 && is_wordy(&value[..at]) && matches!(value[end..], [] | [b']', ..])
    });
    let path = value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
        || value.starts_with(b"../")
        || contains(value, b"://");
    let generic = value
        .iter()
        .position(|&b| b == b'<')
        .is_some_and(|at| at > 0)
        && value.contains(&b'>');
    let dotted = ident && value.contains(&b'.') && !value.ends_with(b".") && {
        value.split(|&b| b == b'.').all(|part| {
            part.first()
                .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
                && part.len() < 24
                && !mixed_inside(part)
        })
    };
    call || index
        || path
        || generic
        || dotted
        || contains(value, b"::")
        || contains(value, b"->")
        || is_file(value)
}

/// Digits between letters, as random strings have and names rarely do.
fn mixed_inside(part: &[u8]) -> bool {
    let runs = part
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    runs >= 3
}

fn is_file(value: &[u8]) -> bool {
    let Some(dot) = value.iter().rposition(|&b| b == b'.') else {
        return false;
    };
    let tail = &value[dot + 1..];
    [
        b"pem".as_slice(),
        b"cer",
        b"crt",
        b"key",
        b"json",
        b"txt",
        b"yaml",
        b"yml",
        b"toml",
        b"py",
        b"js",
        b"ts",
        b"rs",
        b"go",
        b"pub",
        b"p12",
        b"pfx",
        b"jks",
        b"md",
        b"html",
        b"png",
    ]
    .iter()
    .any(|known| tail.eq_ignore_ascii_case(known))
        && value[..dot].iter().filter(|b| b.is_ascii_digit()).count() < 6
}

fn mentions_secrets(value: &[u8]) -> bool {
    let mut low = [0u8; 48];
    let part = &value[..value.len().min(48)];
    for (to, from) in low.iter_mut().zip(part) {
        *to = from.to_ascii_lowercase();
    }
    let low = &low[..part.len()];
    [
        b"password".as_slice(),
        b"passwd",
        b"secret",
        b"token",
        b"credential",
        b"api_key",
        b"apikey",
    ]
    .iter()
    .any(|word| contains(low, word))
}

fn password(value: &[u8], form: Form) -> bool {
    let quoted = form.quote.is_some();
    if value.contains(&b' ') {
        // A sentence about passwords, unless it has what a pass phrase has.
        return quoted
            && form.key_quoted
            && digit(value)
            && value.len() <= 64
            && !mentions_secrets(value)
            && !value.ends_with(b".");
    }
    let plain_word = is_wordy(value);
    if quoted {
        let strong = !matches!(form.separator, Separator::Call);
        return if plain_word {
            strong && !mentions_secrets(value) && !is_code(value) && value.len() <= 40
        } else {
            !is_code(value) || digit_and_symbol(value)
        };
    }
    let constant = value.contains(&b'_')
        && value
            .iter()
            .all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if is_code(value)
        || constant && !matches!(form.separator, Separator::Equals)
        || value.starts_with(b"*")
        || value.starts_with(b"&")
        || value.starts_with(b"(")
        || value.starts_with(b"[")
        || value.starts_with(b"{")
    {
        return false;
    }
    match form.separator {
        Separator::Equals | Separator::Percent | Separator::Element => {
            if form.spaced && plain_word {
                false
            } else {
                !(plain_word && mentions_secrets(value))
            }
        }
        Separator::Flag => {
            let short_word = plain_word && value.len() < 6;
            !short_word && !value.starts_with(b"-") && !mentions_secrets(value)
        }
        Separator::Colon if form.line && form.stop == Stop::Word => {
            !plain_word || (value.len() >= 6 && !mentions_secrets(value) && !value.contains(&b'/'))
        }
        Separator::Colon | Separator::Prose | Separator::SpacedEquals | Separator::Cell => {
            human(value) && value.len() >= 6 && !is_numeric(value)
        }
        Separator::Call | Separator::Blank => false,
    }
}

fn digit_and_symbol(value: &[u8]) -> bool {
    digit(value)
        && value.iter().any(|b| {
            !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'_' | b'(' | b')' | b'/' | b':')
        })
}

fn machine(value: &[u8], form: Form) -> bool {
    if value.len() < 8 || value.contains(&b' ') || is_expression(value, form) {
        return false;
    }
    if is_uuid(value) {
        return true;
    }
    let opaque = value.len() >= 20 && entropy_tenths(value) >= 33;
    if is_wordy(value) && !opaque {
        return false;
    }
    if is_numeric(value) {
        return value.len() >= 16 && value.iter().all(u8::is_ascii_digit) && form.quote.is_some();
    }
    if contains(value, b"://")
        || is_file(value)
        || contains(value, b"::")
        || value.starts_with(b"arn:")
        || value.starts_with(b"AWS4-HMAC")
        || value.starts_with(b"./")
        || value.starts_with(b"~/")
    {
        return false;
    }
    if value.starts_with(b"/")
        && value.iter().filter(|&&b| b == b'/').count() >= 2
        && value.len() < 36
    {
        return false;
    }
    if value.len() < 60 && is_sequence(value) {
        return false;
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if all(value, HEX) && value.len() >= 16 {
        return distinct(value) >= 5;
    }
    if value.len() < 16 {
        return digits >= 2
            && letters >= 2
            && distinct(value) >= 6
            && !is_code(value)
            && !looks_named(value);
    }
    if looks_named(value) {
        return false;
    }
    distinct(value) >= 8
        && ((digits >= 2 && letters >= 2) || (opaque && both_cases(value) && random_case(value)))
}

/// A call or a template; quoted values may hold signs by chance.
fn is_expression(value: &[u8], form: Form) -> bool {
    let Some(open) = value.iter().position(|byte| matches!(byte, b'(' | b'{')) else {
        return false;
    };
    form.quote.is_none()
        || open == 0
        || value[open + 1..]
            .iter()
            .position(|byte| matches!(byte, b')' | b'}'))
            .is_some_and(|close| is_wordy(&value[open + 1..open + 1 + close]))
}

fn both_cases(value: &[u8]) -> bool {
    value.iter().filter(|b| b.is_ascii_uppercase()).count() >= 4
        && value.iter().filter(|b| b.is_ascii_lowercase()).count() >= 4
}

/// The alphabet or the digits in order.
fn is_sequence(value: &[u8]) -> bool {
    let steps = value
        .windows(2)
        .filter(|pair| pair[1] == pair[0].wrapping_add(1))
        .count();
    steps * 4 >= value.len() * 3
}

/// Words joined by dashes, dots, slashes or underscores, with at most a number at an end: a name.
fn looks_named(value: &[u8]) -> bool {
    let mut parts = 0;
    for part in value.split(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':')) {
        parts += 1;
        let digits = part.iter().filter(|b| b.is_ascii_digit()).count();
        let numeric = digits == part.len();
        let word = digits == 0 && part.len() <= 14 && !random_case(part);
        let versioned =
            digits <= 2 && part.len() <= 10 && !mixed_inside(part) && !random_case(part);
        if !(numeric && part.len() <= 4 || word || versioned) {
            return false;
        }
    }
    parts >= 2 || value.len() < 12
}

/// Capitals in the middle of a part, more than camel case has.
fn random_case(part: &[u8]) -> bool {
    let changes = part
        .windows(2)
        .filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase())
        .count();
    changes >= 4 && changes * 2 > part.len() / 2 && !is_camel_case(part)
}

/// Words of three letters and more that each begin with their only capital.
fn is_camel_case(part: &[u8]) -> bool {
    let word = |word: &[u8]| word.len() >= 3 && word[1..].iter().all(u8::is_ascii_lowercase);
    let mut words = part.chunk_by(|_, next| !next.is_ascii_uppercase());
    words.all(word)
}

fn weak(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    value.len() >= 20
        && digits >= 3
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.contains(&b' ')
        && !value.contains(&b':')
        && !value.contains(&b'(')
        && !is_uuid(value)
        && !is_digest(value)
        && !is_numeric(value)
        && !contains(value, b"://")
        && value.iter().filter(|&&b| b == b'/').count() <= 2
        && value.iter().filter(|&&b| b == b'.').count() <= 2
        && entropy_tenths(value) >= 36
        && !is_sequence(value)
        && !looks_named(value)
}
