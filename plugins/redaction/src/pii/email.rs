//! E-mail addresses.

use crate::anchor::structural;
use crate::class::{ALNUM, ALPHA, MAIL_LOCAL, run_end};
use crate::scan::{Found, Hit, Input};

const EMAIL: u16 = structural("email");
const LOCAL: usize = 64;
const DOMAIN: usize = 128;

/// An address whose local part begins with the word at `at`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    if input.rules.is_off(EMAIL) || continues(input, at) {
        return Found::None;
    }
    let sign = run_end(bytes, at, MAIL_LOCAL, LOCAL + 1);
    let more = || {
        if input.complete {
            Found::None
        } else {
            Found::More(at)
        }
    };
    if sign - at > LOCAL {
        return Found::None;
    }
    let Some(&byte) = bytes.get(sign) else {
        return more();
    };
    let domain = match byte {
        b'@' => sign + 1,
        _ => return Found::None,
    };
    let local = &bytes[at..sign];
    let local =
        &local[..local.len() - local.iter().rev().take_while(|&&byte| byte == b'.').count()];
    if local.len() != sign - at || service(local) {
        return Found::None;
    }
    let end = run_end(bytes, domain, crate::class::NAME, DOMAIN);
    if end == bytes.len() && end - domain < DOMAIN && !input.complete {
        return Found::More(at);
    }
    match top_level(bytes, domain, end) {
        Some(end) if !input.complete && bytes[end..] == *b":" => Found::More(at),
        // `git@host:path` and `user:password@host` are no addresses.
        Some(end)
            if !(bytes.get(end) == Some(&b':')
                && bytes
                    .get(end + 1)
                    .is_some_and(|&byte| byte == b'/' || ALPHA.has(byte))
                && !spaced(local)) =>
        {
            Found::Hit(Hit {
                start: at,
                end,
                kind: EMAIL,
                tail: None,
            })
        }
        _ => Found::None,
    }
}

fn spaced(local: &[u8]) -> bool {
    local.contains(&b'.')
}

/// Accounts of services rather than of people.
fn service(local: &[u8]) -> bool {
    matches!(
        local,
        b"git" | b"hg" | b"svn" | b"ssh" | b"root" | b"org-git"
    ) || local.first().is_none_or(|byte| matches!(byte, b'-' | b'%'))
}

/// Whether the run before `at` belongs to the same local part.
fn continues(input: &Input<'_>, at: usize) -> bool {
    let mut before = at;
    while before > input.floor
        && at - before < 8
        && matches!(input.bytes[before - 1], b'.' | b'+' | b'-' | b'%')
    {
        before -= 1;
    }
    // `%20name@…`: the word begins after an encoded character.
    if at >= 3 && input.bytes[at - 3] == b'%' && at - 3 >= input.floor {
        return false;
    }
    (before < at && before > input.floor && ALNUM.has(input.bytes[before - 1]))
        || (at > input.floor
            && matches!(input.bytes[at - 1], b'@' | b'/')
            && at >= 2
            && matches!(input.bytes[at - 2], b'/' | b':')
            && in_url(input, at))
}

/// User information of a URL is the URL rule's matter.
fn in_url(input: &Input<'_>, at: usize) -> bool {
    input.bytes[..at].ends_with(b"://")
}

/// The end of the domain, if its last label is a plausible top-level domain.
fn top_level(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut end = end;
    while end > start && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    let domain = &bytes[start..end];
    let dot = domain.iter().rposition(|&byte| byte == b'.')?;
    let (head, top) = (&domain[..dot], &domain[dot + 1..]);
    let labels = !head.is_empty()
        && domain[0] != b'.'
        && domain[0] != b'-'
        && !domain.windows(2).any(|pair| pair == b"..")
        && !domain.contains(&b'_');
    let known =
        (2..=18).contains(&top.len()) && top.iter().all(|&byte| ALPHA.has(byte)) && !is_file(top);
    (labels && known && head.iter().any(|&byte| ALNUM.has(byte))).then_some(end)
}

/// Names of files and images, such as `logo@2x.png` and `node@20.js`.
fn is_file(top: &[u8]) -> bool {
    [
        b"png".as_slice(),
        b"jpg",
        b"jpeg",
        b"gif",
        b"svg",
        b"webp",
        b"js",
        b"ts",
        b"css",
        b"json",
        b"local",
        b"lock",
        b"whl",
        b"gz",
        b"zip",
        b"service",
        b"target",
    ]
    .iter()
    .any(|known| top.eq_ignore_ascii_case(known))
}
