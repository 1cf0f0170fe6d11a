//! IP addresses, save those that say nothing of a person: loopback, unspecified, broadcast, net masks.

use super::context::Context;
use crate::anchor::structural;
use crate::class::{DIGIT, HEX, WORD};
use crate::scan::{Found, Hit, Input};

const IP: u16 = structural("ip-address");

/// Words before numbers that only look like addresses.
const VERSION: &[&str] = &[
    "version", "ver", "build", "release", "assembly", "section", "step", "clause", "chapter",
    "rfc", "rev",
];

/// An IPv4 address at `at`: its end.
pub(crate) fn v4_end(bytes: &[u8], at: usize) -> Option<(usize, [u8; 4])> {
    let mut parts = [0u8; 4];
    let mut here = at;
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            if bytes.get(here) != Some(&b'.') {
                return None;
            }
            here += 1;
        }
        let digits = bytes[here..]
            .iter()
            .take(4)
            .take_while(|byte| DIGIT.has(**byte))
            .count();
        if digits == 0 || digits > 3 || (digits > 1 && bytes[here] == b'0') {
            return None;
        }
        let value = bytes[here..here + digits]
            .iter()
            .fold(0u32, |value, byte| value * 10 + u32::from(byte - b'0'));
        *part = u8::try_from(value).ok()?;
        here += digits;
    }
    Some((here, parts))
}

/// An IPv4 address that begins with the number at `at`.
pub(crate) fn find_v4(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let Some((end, parts)) = v4_end(bytes, at) else {
        return Found::None;
    };
    if end + 1 >= bytes.len() && !input.complete {
        return Found::More(at);
    }
    let goes_on = bytes.get(end).is_some_and(|&byte| {
        WORD.has(byte) || (byte == b'.' && bytes.get(end + 1).is_some_and(|&next| WORD.has(next)))
    });
    let agent =
        input.before(at) == Some(b'/') && input.before(at - 1).is_some_and(|byte| WORD.has(byte));
    let quiet = matches!(parts, [127, ..] | [0, 0, 0, 0] | [255, ..])
        || parts[3] == 0 && parts[2] == 0 && parts[0] < 10;
    // Numbers of sections and versions look like this, and resolvers; people's addresses hardly ever.
    let small = parts.iter().all(|&part| part < 10);
    if goes_on || agent || quiet || small || input.rules.is_off(IP) {
        return Found::None;
    }
    let near = Context::new(input, at, end);
    let version =
        near.names(VERSION) && !near.names(&["ip", "host", "client", "server", "addr", "from"]);
    if version {
        return Found::None;
    }
    Found::Hit(Hit {
        start: at,
        end,
        kind: IP,
        tail: None,
    })
}

/// An IPv6 address that begins at `at`, with a group or with `::`.
#[inline(never)]
pub(crate) fn find_v6(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    if input.rules.is_off(IP)
        || input
            .before(at)
            .is_some_and(|byte| WORD.has(byte) || matches!(byte, b':' | b'.'))
    {
        return Found::None;
    }
    let mut end = at;
    while end < bytes.len()
        && end - at < 46
        && (HEX.has(bytes[end]) || matches!(bytes[end], b':' | b'.'))
    {
        end += 1;
    }
    crate::count::steps(end - at + 1);
    if end + 1 >= bytes.len() && !input.complete && end - at < 46 {
        return Found::More(at);
    }
    if end - at == 46 {
        return Found::None;
    }
    // A word behind the last colon is no part of it, be it there or replaced by a marker.
    if bytes.get(end).is_some_and(|&byte| WORD.has(byte)) {
        while end > at && bytes[end - 1] != b':' {
            end -= 1;
        }
    }
    while end > at && matches!(bytes[end - 1], b'.' | b':') && !bytes[at..end].ends_with(b"::") {
        end -= 1;
    }
    let text = &bytes[at..end];
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<std::net::Ipv6Addr>().ok());
    let telling = text.iter().filter(|byte| DIGIT.has(**byte)).count() >= 1 && text.len() >= 6;
    match parsed {
        Some(address)
            if telling
                && !address.is_loopback()
                && !address.is_unspecified()
                && !address.is_multicast() =>
        {
            Found::Hit(Hit {
                start: at,
                end,
                kind: IP,
                tail: None,
            })
        }
        _ => Found::None,
    }
}
