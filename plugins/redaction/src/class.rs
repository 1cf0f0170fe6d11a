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
            b'(' | b'[' | b'\\' | b'#' | 0x1b | 0x9b => TRIGGER.0,
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
