//! The short way past what no rule begins at, which is most of a text.
//!
//! A loop of its own that calls nothing and asks tables instead of each rule: inside of the scan, which calls every
//! rule, none of what it needs stayed in a register. Every set of rules here may hold too many, never too few.

use super::{Input, LONGEST_WORD};
use crate::class::{ALNUM, BASE64_ANY, DIGIT, HEX, NAME, TRIGGER, UPNUM, UPPER, WORD};
use crate::word::Word;
use crate::{anchor, header, name, token};

/// What the scan has to look at.
pub(super) enum Next {
    /// The text is over.
    End,
    /// A word that may go on in what follows the text.
    Cut,
    /// A punctuation mark that a rule may begin at.
    Sign,
    /// A word that these rules may begin at.
    Word(Word, Rules),
}

/// Rules that may begin at a word, as bits. Some have more than one, for the different things that call them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules(u32);

impl Rules {
    const NONE: Self = Self(0);
    const EVERY: Self = Self(u32::MAX);
    pub(super) const ANCHOR: Self = Self(1);
    pub(super) const EMAIL: Self = Self(1 << 1);
    pub(super) const TOKEN: Self = Self(7 << 2);
    const TOKEN_LONG: Self = Self(1 << 2);
    const TOKEN_JOINED: Self = Self(1 << 3);
    const TOKEN_OF_BOT: Self = Self(1 << 4);
    pub(super) const NUMBER: Self = Self(3 << 5);
    const NUMBER_LONG: Self = Self(1 << 5);
    const NUMBER_IN_GROUPS: Self = Self(1 << 6);
    pub(super) const IDENTIFIER: Self = Self(3 << 7);
    const IDENTIFIER_MIXED: Self = Self(1 << 7);
    const IDENTIFIER_OF_CAPITALS: Self = Self(1 << 8);
    pub(super) const ADDRESS: Self = Self(1 << 9);
    pub(super) const HOOK: Self = Self(1 << 10);
    pub(super) const ENTRY: Self = Self(3 << 11);
    const ENTRY_OF_LINES: Self = Self(1 << 11);
    const ENTRY_IN_BRACES: Self = Self(1 << 12);
    pub(super) const HEADER: Self = Self(1 << 13);
    pub(super) const NAME: Self = Self(1 << 14);
    /// No rule: the word may begin a date and time.
    pub(super) const TIMESTAMP: Self = Self(1 << 15);
    /// No rule: the word may open a block of data.
    pub(super) const OPENS: Self = Self(1 << 16);
    const PERSONAL: Self = Self::NUMBER.and(Self::IDENTIFIER);
    /// No rule: the byte behind the word begins nothing.
    const PLAIN: Self = Self(1 << 17);

    #[inline(always)]
    pub(super) fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn only(self, on: bool) -> Self {
        if on { self } else { Self::NONE }
    }
}

/// By the first byte of a word, by the byte behind it, and by its length: what may begin at it.
static FIRST: [Rules; 256] = by_byte(Part::First);
static NEXT: [Rules; 256] = by_byte(Part::Next);
static LENGTH: [Rules; LENGTHS] = by_length();
/// From here on a longer word is like any other.
const LENGTHS: usize = 13;
/// Where the text ends behind a word.
const AT_END: Rules = Rules::TOKEN_LONG
    .and(Rules::PERSONAL)
    .and(Rules::HEADER)
    .and(Rules::NAME)
    .and(Rules::OPENS);

#[derive(Clone, Copy)]
enum Part {
    First,
    Next,
}

const fn by_byte(part: Part) -> [Rules; 256] {
    let (mut table, mut at) = ([Rules::NONE; 256], 0);
    while at < 256 {
        table[at] = match part {
            Part::First => first(at as u8),
            Part::Next => next_byte(at as u8),
        };
        at += 1;
    }
    table
}

const fn by_length() -> [Rules; LENGTHS] {
    let (mut table, mut at) = ([Rules::NONE; LENGTHS], 0);
    while at < LENGTHS {
        table[at] = length(at);
        at += 1;
    }
    table
}

/// What may begin with this byte.
const fn first(byte: u8) -> Rules {
    let digit = DIGIT.has(byte);
    Rules::EMAIL
        .and(Rules::TOKEN)
        .and(Rules::ENTRY)
        .and(Rules::NAME)
        .and(Rules::NUMBER.and(Rules::TIMESTAMP).only(digit))
        .and(Rules::IDENTIFIER_MIXED.only(!digit))
        .and(Rules::IDENTIFIER_OF_CAPITALS.only(UPPER.has(byte)))
        .and(Rules::ADDRESS.only(HEX.has(byte)))
        .and(Rules::HOOK.only(matches!(byte, b'h' | b'c' | b'o' | b'm' | b'd' | b'w')))
        .and(Rules::HEADER.only(header::may_begin(byte)))
        .and(Rules::OPENS.only(matches!(byte, b'd' | b's')))
}

/// What may begin at a word that this byte follows.
const fn next_byte(byte: u8) -> Rules {
    let groups = matches!(byte, b' ' | b'-' | b'.' | b'/' | b')' | b'(' | b'+');
    let follows = matches!(
        byte,
        b' ' | b'.'
            | b'+'
            | b'?'
            | b','
            | b'='
            | b':'
            | b'"'
            | b'\''
            | b'`'
            | b'\\'
            | b'%'
            | b'&'
            | b'\t'
            | 0x1b
            | b'<'
            | b'>'
            | b'|'
            | b'('
            | b'#'
            | b'^'
            | b'*'
    );
    Rules::TOKEN_LONG
        .and(Rules::NUMBER_LONG)
        .and(Rules::IDENTIFIER_MIXED)
        .and(Rules::HEADER)
        .and(Rules::OPENS)
        .and(Rules::EMAIL.only(matches!(byte, b'@' | b'.' | b'+' | b'-' | b'%')))
        .and(Rules::TOKEN_JOINED.only(byte == b'~' || BASE64_ANY.has(byte)))
        .and(Rules::TOKEN_OF_BOT.only(byte == b':'))
        .and(Rules::NUMBER_IN_GROUPS.only(groups))
        .and(Rules::IDENTIFIER_OF_CAPITALS.only(matches!(byte, b' ' | b'-')))
        .and(Rules::ADDRESS.only(byte == b':'))
        .and(Rules::HOOK.only(matches!(byte, b'.' | b'/')))
        .and(Rules::ENTRY_OF_LINES.only(byte == b':'))
        .and(Rules::ENTRY_IN_BRACES.only(matches!(byte, b'"' | b'\\')))
        .and(Rules::NAME.only(follows))
        .and(Rules::TIMESTAMP.only(byte == b'-'))
        .and(Rules::PLAIN.only(!WORD.has(byte) && !TRIGGER.has(byte)))
}

/// What may begin at a word of this length.
const fn length(bytes: usize) -> Rules {
    Rules::EMAIL
        .and(Rules::NUMBER_IN_GROUPS)
        .and(Rules::IDENTIFIER_MIXED)
        .and(Rules::TOKEN_LONG.only(bytes >= token::SHORTEST_RUN))
        .and(Rules::TOKEN_JOINED.only(bytes >= 2))
        .and(Rules::TOKEN_OF_BOT.only(bytes >= 8))
        .and(Rules::NUMBER_LONG.only(bytes >= crate::pii::number::SHORTEST))
        .and(Rules::IDENTIFIER_OF_CAPITALS.only(bytes <= 5))
        .and(Rules::ADDRESS.only(bytes <= 4))
        .and(Rules::HOOK.only(matches!(bytes, 4 | 5 | 7 | 10)))
        .and(Rules::ENTRY.and(Rules::NAME).only(bytes >= 2))
        .and(Rules::HEADER.only(matches!(bytes, 5..=7)))
        .and(Rules::TIMESTAMP.only(bytes == 4))
        .and(Rules::OPENS.only(matches!(bytes, 4 | 10)))
}

/// The rules that may begin in a text, by what is known of the whole of it.
pub(super) fn allowed(input: &Input<'_>) -> Rules {
    Rules::EVERY
        .without(Rules::EMAIL.only(!input.signs))
        .without(Rules::ENTRY_OF_LINES.only(!input.lines))
        .without(Rules::ENTRY_IN_BRACES.only(!input.data))
        .without(Rules::PERSONAL.only(!input.rules.personal))
}

/// What may begin at a word behind whose next byte this one stands.
#[inline(always)]
fn further(&byte: &u8) -> Rules {
    let groups = ALNUM.has(byte) || matches!(byte, b' ' | b'-' | b'(');
    Rules::EVERY
        .without(Rules::NUMBER_IN_GROUPS.only(!groups))
        .without(Rules::IDENTIFIER_OF_CAPITALS.only(!UPNUM.has(byte)))
}

/// The first place from `at` on that the scan has to look at, for `allowed` rules.
#[inline(never)]
pub(super) fn next(input: &Input<'_>, mut at: usize, allowed: Rules) -> (usize, Next) {
    let bytes = input.bytes;
    while let Some(&byte) = bytes.get(at) {
        if !WORD.has(byte) {
            if TRIGGER.has(byte) && begins(input, at, byte) {
                return (at, Next::Sign);
            }
            crate::count::steps(1);
            at += 1;
            continue;
        }
        let word = Word::at(bytes, at);
        if word.end == bytes.len() && !input.complete && word.end - at < LONGEST_WORD {
            return (at, Next::Cut);
        }
        let next = bytes
            .get(word.end)
            .map_or(AT_END, |&byte| NEXT[usize::from(byte)]);
        let rules = rules(input, at, word, next.both(allowed));
        if rules != Rules::NONE {
            return (at, Next::Word(word, rules));
        }
        at = word.end + usize::from(next.has(Rules::PLAIN));
    }
    (at, Next::End)
}

/// Whether something may begin at a mark: nearly every colon and dash only joins words.
#[inline(always)]
fn begins(input: &Input<'_>, at: usize, mark: u8) -> bool {
    match (mark, input.bytes.get(at + 1)) {
        (b':', Some(next)) => matches!(next, b'/' | b':'),
        (b'-', Some(b'-')) => true,
        (b'-', Some(_)) => at <= input.floor || !NAME.has(input.bytes[at - 1]),
        _ => true,
    }
}

/// The rules that may begin at a word, of those that the byte behind it allows.
#[inline(always)]
fn rules(input: &Input<'_>, at: usize, word: Word, next: Rules) -> Rules {
    let (bytes, end) = (input.bytes, word.end);
    #[cfg(test)]
    if input.lets(false) {
        return every(bytes, at, word);
    }
    let length = end - at;
    let mut rules = FIRST[usize::from(bytes[at])]
        .both(next)
        .both(LENGTH[length.min(LENGTHS - 1)])
        .without(match word.digits {
            0 => Rules::IDENTIFIER_MIXED,
            _ => Rules::IDENTIFIER_OF_CAPITALS,
        });
    // A second look at what tables leave is cheaper than the rule that finds nothing.
    if rules.has(Rules::NAME) && (word.digits == length || !name::may_end_name(&bytes[at..end])) {
        rules = rules.without(Rules::NAME);
    }
    if rules.has(Rules::NUMBER_IN_GROUPS.and(Rules::IDENTIFIER_OF_CAPITALS)) {
        rules = rules.both(bytes.get(end + 1).map_or(Rules::EVERY, further));
    }
    if rules.has(Rules::TOKEN_JOINED) && !token::may_be_joined(input, at, end) {
        rules = rules.without(Rules::TOKEN_JOINED);
    }
    if rules.has(Rules::HEADER) && !header::may_go_on(bytes[at + 1]) {
        rules = rules.without(Rules::HEADER);
    }
    rules.and(Rules::ANCHOR.only(anchor::may_begin(bytes, at)))
}

/// All rules that a look at the neighbours does not rule out by their form: the test that no glance loses anything
/// calls them.
#[cfg(test)]
fn every(bytes: &[u8], at: usize, word: Word) -> Rules {
    let length = word.end - at;
    let next = bytes.get(word.end);
    let mail = matches!(next, Some(b'@' | b'.' | b'+' | b'-' | b'%'));
    let long = Rules::TOKEN
        .and(Rules::HOOK)
        .and(Rules::ENTRY)
        .and(Rules::HEADER)
        .and(Rules::NAME.only(word.digits < length));
    let personal = match (word.digits, DIGIT.has(bytes[at])) {
        (0, _) => Rules::IDENTIFIER_OF_CAPITALS,
        (_, true) => Rules::NUMBER,
        (_, false) => Rules::IDENTIFIER_MIXED,
    };
    Rules::ANCHOR
        .and(Rules::EMAIL.only(mail))
        .and(long.only(length >= 2))
        .and(personal)
        .and(Rules::ADDRESS.only(length <= 4 && next == Some(&b':') && HEX.has(bytes[at])))
        .and(Rules::TIMESTAMP.and(Rules::OPENS))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::{Next, Rules, allowed, next};
    use crate::class::{BASE64_ANY, DIGIT, HEX};
    use crate::scan::Input;
    use crate::{Options, keyed, manifest, name, pii, url};

    /// What a glance leaves of the rules at the word that ends at `end` and begins at 1.
    fn left(input: &Input<'_>) -> Rules {
        match next(input, 1, allowed(input)) {
            (1, Next::Word(_, rules)) => rules,
            _ => Rules::NONE,
        }
    }

    fn input<'a>(rules: &'a crate::Rules, bytes: &'a [u8]) -> Input<'a> {
        Input {
            rules,
            bytes,
            complete: true,
            floor: 0,
            last: None,
            edge: 0,
            whole: false,
            depth: 0,
            signs: true,
            lines: true,
            data: true,
        }
    }

    /// Which of the rules may begin at the word in `1..end`, as each says itself.
    fn wanted(input: &Input<'_>, end: usize, digits: usize) -> Rules {
        let (bytes, length) = (input.bytes, end - 1);
        let next = bytes.get(end).copied();
        let is = |set: &[u8]| next.is_some_and(|byte| set.contains(&byte));
        let joined = next.is_some_and(|byte| byte == b'~' || BASE64_ANY.has(byte));
        let number = DIGIT.has(bytes[1]);
        let name = digits < length && name::may_end_name(&bytes[1..end]);
        Rules::EMAIL
            .only(is(b"@.+-%"))
            .and(Rules::TOKEN_LONG.only(length >= 12))
            .and(Rules::TOKEN_JOINED.only(length >= 2 && joined))
            .and(Rules::TOKEN_OF_BOT.only(length >= 8 && is(b":")))
            .and(Rules::NUMBER_LONG.only(number && length >= 7))
            .and(Rules::NUMBER_IN_GROUPS.only(number && pii::number::may_go_on(bytes, end)))
            .and(Rules::IDENTIFIER_MIXED.only(digits > 0 && !number))
            .and(
                Rules::IDENTIFIER_OF_CAPITALS
                    .only(digits == 0 && pii::identifier::may_begin(bytes, 1, end)),
            )
            .and(Rules::ADDRESS.only(length <= 4 && is(b":") && HEX.has(bytes[1])))
            .and(Rules::HOOK.only(url::may_be_hook(bytes, 1, end)))
            .and(Rules::ENTRY_OF_LINES.only(length >= 2 && is(b":")))
            .and(Rules::ENTRY_IN_BRACES.only(length >= 2 && is(b"\"\\")))
            .and(Rules::NAME.only(length >= 2 && name && keyed::may_follow(input, 1, end)))
            .and(Rules::OPENS.only(manifest::opens(&bytes[1..end])))
    }

    fn check(rules: &crate::Rules, text: &[u8], end: usize) {
        let input = input(rules, text);
        let digits = text[1..end].iter().filter(|byte| DIGIT.has(**byte)).count();
        let (left, wanted) = (left(&input), wanted(&input, end, digits));
        let shown = String::from_utf8_lossy(text);
        assert_eq!(wanted.without(left).0, 0, "left out at {shown:?}");
    }

    #[test]
    fn no_table_leaves_out_a_rule_that_may_begin() {
        let rules = crate::Rules::new(&Options::default()).unwrap();
        let words = (0..=255u8).filter(|&byte| crate::class::WORD.has(byte));
        for first in words {
            for (length, fill) in (1..14).flat_map(|length| [(length, b'x'), (length, b'7')]) {
                let mut text = vec![b' ', first];
                text.resize(length + 1, fill);
                check(&rules, &text, length + 1);
                for next in (0..=255u8).filter(|&byte| !crate::class::WORD.has(byte)) {
                    for further in *b"A0 (=x" {
                        text.truncate(length + 1);
                        text.extend([next, further, b'3']);
                        check(&rules, &text, length + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn no_table_leaves_out_a_word_that_a_rule_names() {
        let rules = crate::Rules::new(&Options::default()).unwrap();
        let words = "hook hooks chat open maker discord outlook webhook discordapp data stringData \
            password apiKey token secret pw authorization BEARER basic Private";
        for word in words.split_ascii_whitespace() {
            for next in 0..=255u8 {
                let text = [b" ", word.as_bytes(), &[next], b"A"].concat();
                if !crate::class::WORD.has(next) {
                    check(&rules, &text, word.len() + 1);
                }
                let header = matches!(word, "BEARER" | "basic" | "Private");
                assert!(
                    !header
                        || left(&input(&rules, &text)).has(Rules::HEADER)
                        || crate::class::WORD.has(next)
                );
            }
        }
        let time = input(&rules, b" 2030-01-02T03:04:05 ");
        assert!(left(&time).has(Rules::TIMESTAMP));
    }
}
