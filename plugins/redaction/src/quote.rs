//! Quotes as they occur in logs: plain, escaped once or more, percent-encoded, as an HTML entity.

/// How a value is quoted, and so how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `"`, `'` or `` ` ``.
    Plain(u8),
    /// A quote behind this many backslashes.
    Escaped(u8, u8),
    /// `%22` or `%27`.
    Percent(u8),
    /// `&quot;`.
    Entity,
}

impl Quote {
    /// The quote that begins at `at`, and its length.
    pub(crate) fn open(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let rest = &bytes[at.min(bytes.len())..];
        match rest.first()? {
            &quote @ (b'"' | b'\'' | b'`') => Some((Self::Plain(quote), 1)),
            b'\\' => {
                let slashes = rest
                    .iter()
                    .take(7)
                    .take_while(|&&byte| byte == b'\\')
                    .count();
                match rest.get(slashes) {
                    Some(&quote @ (b'"' | b'\'')) => {
                        Some((Self::Escaped(quote, slashes as u8), slashes + 1))
                    }
                    _ => None,
                }
            }
            b'%' => match rest.get(1..3)? {
                [b'2', digit @ (b'2' | b'7')] => Some((Self::Percent(*digit), 3)),
                _ => None,
            },
            b'&' => rest.starts_with(b"&quot;").then_some((Self::Entity, 6)),
            _ => None,
        }
    }

    /// Whether what is there may be the beginning of a quote that is cut.
    pub(crate) fn may_open(bytes: &[u8], at: usize) -> bool {
        let rest = &bytes[at.min(bytes.len())..];
        rest.is_empty()
            || (rest.len() < 7 && rest.iter().all(|&byte| byte == b'\\'))
            || matches!(rest, [b'%'] | [b'%', b'2'])
            || (rest.len() < 6 && b"&quot;".starts_with(rest))
    }

    /// The end of the value from `from` on, looking at most `limit` bytes ahead, and whether the value ends there.
    pub(crate) fn end(
        self,
        bytes: &[u8],
        from: usize,
        limit: usize,
        complete: bool,
    ) -> (usize, bool) {
        let stop = bytes.len().min(from.saturating_add(limit));
        let mut at = from;
        while at < stop {
            let byte = bytes[at];
            if byte == b'\n' || byte == b'\r' {
                crate::count::steps(at - from + 1);
                return (at, true);
            }
            match self {
                Self::Plain(quote) => {
                    if byte == quote {
                        crate::count::steps(at - from + 1);
                        return (at, true);
                    }
                    if byte == b'\\' {
                        if at + 1 >= stop {
                            break;
                        }
                        at += 1;
                    }
                }
                Self::Escaped(quote, slashes) => {
                    if byte == b'\\' {
                        let run = bytes[at..stop]
                            .iter()
                            .take_while(|&&byte| byte == b'\\')
                            .count();
                        if at + run >= stop {
                            break;
                        }
                        if run <= usize::from(slashes) && bytes[at + run] == quote {
                            crate::count::steps(at - from + 1);
                            return (at, true);
                        }
                        at += run;
                        continue;
                    }
                    // An unescaped quote ends the text that this value is part of.
                    if byte == quote {
                        return (at, true);
                    }
                }
                Self::Percent(digit) => {
                    if byte == b'%' {
                        if at + 2 >= stop {
                            break;
                        }
                        if bytes[at + 1] == b'2' && bytes[at + 2] == digit {
                            return (at, true);
                        }
                    }
                    if byte == b' ' || byte == b'&' || byte == b'"' {
                        return (at, true);
                    }
                }
                Self::Entity => {
                    if byte == b'&' {
                        if at + 5 >= stop {
                            break;
                        }
                        if bytes[at..].starts_with(b"&quot;") {
                            return (at, true);
                        }
                    }
                }
            }
            at += 1;
        }
        crate::count::steps(at - from + 1);
        let at = at.min(stop);
        if complete && stop == bytes.len() {
            (bytes.len(), true)
        } else {
            (back_to_boundary(bytes, from, at), false)
        }
    }
}

/// The largest character boundary that is not behind `at`.
fn back_to_boundary(bytes: &[u8], from: usize, mut at: usize) -> usize {
    while at > from && at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}
