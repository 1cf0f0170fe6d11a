//! Sets of bytes as bit masks, so that every rule tests membership by one table look-up.

/// A union of byte classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Set(u32);

pub(crate) const DIGIT: Set = Set(1);
const HEX_LOWER: Set = Set(2);
const HEX_UPPER: Set = Set(4);
const LOWER_REST: Set = Set(8);
const UPPER_REST: Set = Set(16);
const UNDERSCORE: Set = Set(32);
const DASH: Set = Set(64);
const PLUS_SLASH: Set = Set(128);
const DOT: Set = Set(256);
const EQUALS: Set = Set(512);
const COLON: Set = Set(1024);
const TILDE: Set = Set(2048);
const MAIL_EXTRA: Set = Set(4096);
/// Bytes that the scanner has to look at even though they begin no word.
pub(crate) const TRIGGER: Set = Set(8192);
pub(crate) const SPACE: Set = Set(16384);
pub(crate) const DOLLAR: Set = Set(1 << 15);
pub(crate) const EXCLAMATION: Set = Set(1 << 16);
pub(crate) const PIPE: Set = Set(1 << 17);
const AT: Set = Set(1 << 18);

pub(crate) const LOWER: Set = HEX_LOWER.and(LOWER_REST);
pub(crate) const UPPER: Set = HEX_UPPER.and(UPPER_REST);
pub(crate) const ALPHA: Set = LOWER.and(UPPER);
pub(crate) const HEXL: Set = DIGIT.and(HEX_LOWER);
pub(crate) const HEX: Set = HEXL.and(HEX_UPPER);
pub(crate) const LOWNUM: Set = LOWER.and(DIGIT);
pub(crate) const UPNUM: Set = UPPER.and(DIGIT);
pub(crate) const ALNUM: Set = ALPHA.and(DIGIT);
pub(crate) const WORD: Set = ALNUM.and(UNDERSCORE);
/// base64url without padding.
pub(crate) const URL64: Set = WORD.and(DASH);
pub(crate) const URL64_DOT: Set = URL64.and(DOT);
pub(crate) const URL64_EQ: Set = URL64.and(EQUALS);
pub(crate) const URL64_DOT_EQ: Set = URL64_DOT.and(EQUALS);
pub(crate) const BASE64: Set = ALNUM.and(PLUS_SLASH).and(EQUALS);
pub(crate) const BASE64_ANY: Set = BASE64.and(URL64);
pub(crate) const HEX_DASH: Set = HEX.and(DASH);
pub(crate) const ALNUM_DASH: Set = ALNUM.and(DASH);
pub(crate) const LOWNUM_DASH: Set = LOWNUM.and(DASH);
/// What RFC 7235 calls token68, and what bearer tokens hold in practice.
pub(crate) const TOKEN68: Set = BASE64_ANY.and(DOT).and(TILDE).and(COLON);
/// Slashes, colons and dots beside letters: path segments of web hooks.
pub(crate) const PATH: Set = URL64.and(PLUS_SLASH).and(DOT).and(AT);
/// The local part of an e-mail address as it is found in practice.
pub(crate) const MAIL_LOCAL: Set = URL64.and(DOT).and(MAIL_EXTRA);
/// What joins the words of a key's name.
pub(crate) const NAME: Set = URL64.and(DOT);
pub(crate) const ALNUM_COLON_DASH: Set = URL64.and(COLON);

impl Set {
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn has(self, byte: u8) -> bool {
        CLASS[byte as usize] & self.0 != 0
    }
}

const CLASS: [u32; 256] = classes();

const fn classes() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'0'..=b'9' => DIGIT.0,
            b'a'..=b'f' => HEX_LOWER.0,
            b'A'..=b'F' => HEX_UPPER.0,
            b'g'..=b'z' => LOWER_REST.0,
            b'G'..=b'Z' => UPPER_REST.0,
            b'_' => UNDERSCORE.0,
            b'-' => DASH.0 | TRIGGER.0,
            b'+' => PLUS_SLASH.0 | MAIL_EXTRA.0 | TRIGGER.0,
            b'/' => PLUS_SLASH.0,
            b'.' => DOT.0,
            b'=' => EQUALS.0,
            b':' => COLON.0 | TRIGGER.0,
            b'~' => TILDE.0,
            b'%' => MAIL_EXTRA.0 | TRIGGER.0,
            b'(' | b'[' | b'\\' | 0x1b => TRIGGER.0,
            b' ' | b'\t' | b'\r' | b'\n' => SPACE.0,
            b'$' => DOLLAR.0,
            b'!' => EXCLAMATION.0,
            b'|' => PIPE.0,
            b'@' => AT.0,
            _ => 0,
        };
        at += 1;
    }
    table
}

/// The end of the run of `set` that begins at `from`, at most `limit` bytes long.
pub(crate) fn run_end(bytes: &[u8], from: usize, set: Set, limit: usize) -> usize {
    let stop = bytes.len().min(from.saturating_add(limit));
    let mut at = from;
    while at < stop && set.has(bytes[at]) {
        at += 1;
    }
    crate::count::steps(at - from + 1);
    at
}

/// The end of the word that begins at `from`, and whether there is a digit in it.
pub(crate) fn word_end(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut digits = 0;
    let mut at = from;
    while let Some(&eight) = bytes[at..].first_chunk::<8>() {
        let lanes = Lanes::of(eight);
        let ends = !lanes.word & HIGH;
        // The lanes below the first one that is no part of the word.
        let inside = (ends & ends.wrapping_neg()).wrapping_sub(1);
        digits |= lanes.digit & inside;
        if ends != 0 {
            at += (ends.trailing_zeros() / 8) as usize;
            crate::count::steps(at - from + 1);
            return (at, digits != 0);
        }
        at += 8;
    }
    let rest = run_end(bytes, at, WORD, usize::MAX);
    crate::count::steps(at - from);
    let digit = digits != 0 || bytes[at..rest].iter().any(|&byte| DIGIT.has(byte));
    (rest, digit)
}

/// The high bit of each of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Which of eight bytes belong to words, and which are digits: the high bit of each byte says it.
struct Lanes {
    word: u64,
    digit: u64,
}

impl Lanes {
    /// Compares eight bytes at once: adding to seven bits carries into the eighth from a bound on.
    fn of(eight: [u8; 8]) -> Self {
        const fn each(byte: u8) -> u64 {
            u64::from_le_bytes([byte; 8])
        }
        let raw = u64::from_le_bytes(eight);
        let low = raw & !HIGH;
        let within = |lanes: u64, first: u8, last: u8| {
            (lanes + each(0x80 - first)) & !(lanes + each(0x7f - last)) & HIGH & !raw
        };
        let digit = within(low, b'0', b'9');
        let letter = within(low | each(0x20), b'a', b'z');
        let underscore = within(low, b'_', b'_');
        Self {
            word: digit | letter | underscore,
            digit,
        }
    }
}

/// `end` without the punctuation that ends a sentence rather than a token.
pub(crate) fn trim_tail(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start
        && matches!(
            bytes[end - 1],
            b'.' | b'-' | b':' | b'~' | b'/' | b'_' | b'+'
        )
    {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{DIGIT, WORD, word_end};

    #[test]
    fn eight_bytes_at_once_are_classified_as_one_by_one() {
        for byte in 0..=255u8 {
            for at in 0..10 {
                let mut text = *b"abcdefghijkl";
                text[at] = byte;
                let end = text.iter().position(|&byte| !WORD.has(byte));
                let end = end.unwrap_or(text.len());
                let digit = text[..end].iter().any(|&byte| DIGIT.has(byte));
                assert_eq!(word_end(&text, 0), (end, digit), "{byte} at {at}");
            }
        }
    }
}
