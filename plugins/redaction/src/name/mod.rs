//! Which names tell that a secret stands beside them, and how surely.

mod ending;
mod tails;
mod words;

use crate::anchor::structural;
use crate::class::WORD;
use crate::scan::Input;
use words::{GROUPS, NOT, QUALIFIERS, TELLING};

pub(crate) use ending::may_end_name;

/// How much a name says about the value beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// People make these up: short values and words count.
    Password,
    /// Machines make these: the value must look random.
    Secret,
    Token,
    Key,
    /// The name alone says little: the value must be long and random.
    Weak,
    /// Bundler keeps `user:password` under a host's name.
    Bundler,
}

const PASSWORD: u16 = structural("password");
const SECRET: u16 = structural("secret");
const TOKEN: u16 = structural("token");
const KEY: u16 = structural("api-key");
const COOKIE: u16 = structural("cookie");
const BUNDLER: u16 = structural("bundler-credentials");

impl Strength {
    pub(crate) fn kind(self) -> u16 {
        match self {
            Self::Password => PASSWORD,
            Self::Secret => SECRET,
            Self::Token => TOKEN,
            Self::Key => KEY,
            Self::Weak => COOKIE,
            Self::Bundler => BUNDLER,
        }
    }
}

/// A name in lower case, its parts joined by single underscores.
struct Normal {
    bytes: [u8; 96],
    length: usize,
}

impl Normal {
    fn of(name: &[u8]) -> Self {
        let mut normal = Self {
            bytes: [0; 96],
            length: 0,
        };
        for (at, &byte) in name.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| name[at]);
            let after = name.get(at + 1);
            let starts_part = byte.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || (before.is_ascii_uppercase()
                            && after.is_some_and(u8::is_ascii_lowercase))
                });
            if starts_part {
                normal.push(b'_');
            }
            normal.push(if byte.is_ascii_alphanumeric() {
                byte.to_ascii_lowercase()
            } else {
                b'_'
            });
        }
        crate::count::steps(name.len());
        normal
    }

    fn push(&mut self, byte: u8) {
        let doubled = byte == b'_' && (self.length == 0 || self.bytes[self.length - 1] == b'_');
        if !doubled && self.length < self.bytes.len() {
            self.bytes[self.length] = byte;
            self.length += 1;
        }
    }

    fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// `text` ends with the part `tail`.
fn ends(text: &[u8], tail: &[u8]) -> bool {
    text.strip_suffix(tail)
        .is_some_and(|head| head.is_empty() || head.ends_with(b"_"))
}

/// A public or a technical one.
fn is_none(text: &[u8]) -> bool {
    let mut like = NOT.ending_like(text).iter();
    like.any(|(tail, _)| ends(text, tail))
}

/// Classifies the name in `start..end`.
pub(crate) fn classify(input: &Input<'_>, start: usize, end: usize) -> Option<Strength> {
    let name = &input.bytes[start..end];
    if name.starts_with(b"BUNDLE_") && name.windows(2).any(|pair| pair == b"__") {
        return Some(Strength::Bundler);
    }
    let normal = Normal::of(name);
    let mut text = normal.text();
    loop {
        let trimmed = text.len()
            - text
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'_')
                .count();
        let shorter = &text[..trimmed];
        let mut like = QUALIFIERS.ending_like(shorter).iter();
        let stripped = like.find_map(|(tail, _)| {
            let head = shorter.strip_suffix(*tail)?;
            head.strip_suffix(b"_").filter(|head| head.len() >= 3)
        });
        match stripped {
            Some(head) => text = head,
            None => {
                if !ends(text, b"base64") && !ends(text, b"b64") {
                    text = shorter;
                }
                break;
            }
        }
    }
    if is_none(text) {
        return None;
    }
    let strength = direct(text);
    if strength.is_some() && !matches!(strength, Some(Strength::Weak)) {
        return strength;
    }
    // `api key` and `access token` as two words of a sentence or a label.
    if text == b"key" || text == b"code" || text == b"id" {
        if text == b"key" && matches!(input.before(start), Some(b'?' | b'&')) {
            return strength;
        }
        let wider = previous_word(input, start)?;
        let normal = Normal::of(&input.bytes[wider..end]);
        return match direct(normal.text()) {
            Some(Strength::Weak) | None => {
                if is_none(normal.text()) {
                    None
                } else {
                    strength
                }
            }
            found => found,
        };
    }
    strength
}

/// What the word says that a name ends in.
fn direct(text: &[u8]) -> Option<Strength> {
    let mut like = TELLING.ending_like(text).iter();
    let strength = like.find_map(|&(tail, group)| {
        let group = &GROUPS[usize::from(group)];
        let fits = if group.whole {
            ends(text, tail)
        } else {
            text.ends_with(tail)
        };
        fits.then_some(group.strength)
    })?;
    // The seed of a generator says little, that of a wallet opens it.
    let opens = |part: &&[u8]| crate::shape::contains(text, part);
    let seed = ends(text, b"seed")
        && [b"otp".as_slice(), b"mfa", b"2fa", b"wallet", b"hd"]
            .iter()
            .any(opens);
    Some(if seed { Strength::Secret } else { strength })
}

/// Where the word before the one at `start` begins, if one blank separates them.
fn previous_word(input: &Input<'_>, start: usize) -> Option<usize> {
    let least = input.floor.max(start.saturating_sub(24)).min(start);
    let mut at = start.checked_sub(1)?;
    if at <= least || input.bytes[at] != b' ' {
        return None;
    }
    while at > least && WORD.has(input.bytes[at - 1]) {
        at -= 1;
    }
    crate::count::steps(start - at);
    (at + 1 < start).then_some(at)
}
