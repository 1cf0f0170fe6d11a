//! Values without quotes: what ends them.

/// What ends a value without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Blanks and quotes only: environment files, YAML.
    Word,
    /// Also the punctuation of lists and calls.
    Loose,
    /// Also what separates the parts of a query.
    Query,
    /// Also percent-encoded separators.
    Percent,
    /// Also stars.
    Bold,
}

/// The end of a value without quotes.
pub(crate) fn plain_end(bytes: &[u8], from: usize, stop: Stop, limit: usize) -> usize {
    let last = bytes.len().min(from.saturating_add(limit));
    let mut at = from;
    while at < last {
        let ends = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | 0x1b | 0 => true,
            b'\\' => match stop {
                Stop::Word => matches!(
                    bytes.get(at + 1),
                    None | Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'\\')
                ),
                _ => true,
            },
            b',' | b';' | b')' | b']' | b'}' | b'>' | b'|' => !matches!(stop, Stop::Word),
            b'*' => matches!(stop, Stop::Bold),
            b'&' | b'#' => matches!(stop, Stop::Query | Stop::Percent),
            b'%' => matches!(stop, Stop::Percent) && percent_ends(&bytes[at..]),
            _ => false,
        };
        if ends {
            break;
        }
        at += 1;
    }
    crate::count::steps(at - from + 1);
    // A limit may fall into a character.
    while at > from && at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}

/// Whether a value really ends at `end`: not where a separator may just be cut.
pub(crate) fn plain_closed(bytes: &[u8], end: usize, complete: bool) -> bool {
    complete
        || (end < bytes.len() && (bytes.len() - end >= 3 || !matches!(bytes[end], b'%' | b'\\')))
}

/// `%26`, `%22`, `%2C`, `%20`, `%0A`, `%7D`, or the beginning of one.
fn percent_ends(rest: &[u8]) -> bool {
    match rest {
        [b'%', b'2', digit, ..] => matches!(digit, b'6' | b'2' | b'C' | b'c' | b'0' | b'7'),
        [b'%', b'0' | b'7', ..] => true,
        [_, _, _, ..] => false,
        _ => true,
    }
}

/// Punctuation after a value belongs to the sentence or the list.
pub(crate) fn trim_plain(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && matches!(bytes[end - 1], b'.' | b',' | b';' | b':' | b'?') {
        end -= 1;
    }
    end
}
