//! Credentials that a scheme or a command-line flag announces.

use crate::anchor::{self, structural};
use crate::class::{BASE64_ANY, TOKEN68, run_end, trim_tail};
use crate::quote::Quote;
use crate::scan::{BEHIND, Found, Hit, Input, Tail, advance};
use crate::shape::{PROBE, contains, is_placeholder, mixed};
use crate::url::is_template;
use crate::{keyed, token};

const BEARER: u16 = structural("bearer-token");
const BASIC: u16 = structural("basic-auth");
const CLI: u16 = structural("cli-password");

/// Whether a word that [`find`] knows begins with `byte`.
pub(crate) const fn may_begin(byte: u8) -> bool {
    matches!(byte, b'B' | b'b' | b'P')
}

/// What can come next.
pub(crate) const fn may_go_on(byte: u8) -> bool {
    matches!(byte, b'E' | b'e' | b'A' | b'a' | b'r')
}

/// `Bearer …`, `Basic …` and PuTTY's private lines, at the word in `at..end`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize, end: usize) -> Found {
    let word = &input.bytes[at..end];
    match word.len() {
        6 if word.eq_ignore_ascii_case(b"bearer") => scheme(input, end, TOKEN68, BEARER, |body| {
            body.len() >= 16 && mixed(body) && !is_placeholder(body)
        }),
        5 if word.eq_ignore_ascii_case(b"basic") => scheme(input, end, BASE64_ANY, BASIC, |body| {
            body.len() >= 8 && is_pair(body)
        }),
        7 if word == b"Private" => crate::pem::putty(input, end),
        _ => Found::None,
    }
}

/// base64 of `user:password`; what is cut still counts.
fn is_pair(body: &[u8]) -> bool {
    let mut text = [0u8; 192];
    let length = token::decode(&body[..body.len().min(256)], &mut text);
    let text = &text[..length];
    text.len() >= 4
        && text.contains(&b':')
        && text
            .iter()
            .all(|byte| matches!(byte, b' '..=b'~') || *byte >= 0x80)
}

fn scheme(
    input: &Input<'_>,
    end: usize,
    set: crate::class::Set,
    kind: u16,
    check: fn(&[u8]) -> bool,
) -> Found {
    let bytes = input.bytes;
    let mut body = end;
    while body < bytes.len()
        && body - end < 3
        && (bytes[body] == b' ' || (body > end && bytes[body] == b'"'))
    {
        body += 1;
    }
    if bytes[end..].starts_with(b"%20") {
        body = end + 3;
    }
    if body == bytes.len() && !input.complete {
        return Found::More(body);
    }
    if body == end {
        return Found::None;
    }
    match anchor::find(input, body) {
        Found::None => {}
        found => return found,
    }
    let stop = run_end(bytes, body, set, PROBE);
    let cut = stop == bytes.len() && !input.complete && stop - body < PROBE;
    if cut {
        return Found::More(body);
    }
    if input.rules.is_off(kind) || !check(&bytes[body..trim_tail(bytes, body, stop)]) {
        return Found::None;
    }
    let tail = Tail::Run(set);
    let done = advance(tail, bytes, body, input.complete);
    Found::Hit(Hit {
        start: body,
        end: done.to,
        kind,
        tail: done.open.then_some(tail),
    })
}

/// `-u user:password`, `-pPASSWORD` and the like, of commands that are known to take them.
#[inline(never)]
pub(crate) fn short_flag(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let Some(&flag) = bytes.get(at + 1) else {
        return Found::None;
    };
    let (programs, pair, glued): (&[&[u8]], bool, bool) = match flag {
        b'u' | b'U' => (&[b"curl", b"wget", b"http", b"smbclient"], true, true),
        b'p' => (
            &[
                b"mysql",
                b"mariadb",
                b"sshpass",
                b"7z",
                b"mongo",
                b"login",
                b"clickhouse",
                b"rabbitmqadmin",
            ],
            false,
            true,
        ),
        b'a' => (&[b"redis-cli"], false, false),
        b'w' => (&[b"ldapsearch", b"ldapmodify", b"ldapadd"], false, false),
        b'P' => (
            &[b"sqlcmd", b"bcp", b"impacket", b"mosquitto_", b"zip"],
            false,
            false,
        ),
        _ => return Found::None,
    };
    if !program_before(input, at, programs) {
        return Found::None;
    }
    argument(input, at + 2, pair, glued)
}

/// `--user user:password`.
pub(crate) fn long_flag(input: &Input<'_>, at: usize) -> Found {
    const FLAGS: [&[u8]; 3] = [b"--user", b"--proxy-user", b"--auth"];
    let rest = &input.bytes[at..];
    for flag in FLAGS {
        if rest.len() <= flag.len() {
            if !input.complete && flag.starts_with(rest) {
                return Found::More(at + 2);
            }
        } else if rest.starts_with(flag) && matches!(rest[flag.len()], b' ' | b'=') {
            if !program_before(input, at, &[b"curl", b"wget", b"http"]) {
                return Found::None;
            }
            return argument(input, at + flag.len(), true, false);
        }
    }
    Found::None
}

fn program_before(input: &Input<'_>, at: usize, programs: &[&[u8]]) -> bool {
    let from = input.floor.max(at.saturating_sub(BEHIND)).min(at);
    let before = &input.bytes[from..at];
    let line = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(before, |at| &before[at + 1..]);
    programs.iter().any(|program| contains(line, program))
}

/// The argument of a flag that ends at `at`.
fn argument(input: &Input<'_>, at: usize, pair: bool, glued: bool) -> Found {
    let bytes = input.bytes;
    let mut from = at;
    while from < bytes.len() && from - at < 4 && matches!(bytes[from], b' ' | b'=') {
        from += 1;
    }
    if from == bytes.len() || (!input.complete && Quote::may_open(bytes, from)) {
        return if input.complete {
            Found::None
        } else {
            Found::More(from)
        };
    }
    if from == at && !glued && Quote::open(bytes, from).is_none() {
        return Found::None;
    }
    let (quote, start) = match Quote::open(bytes, from) {
        Some((quote, length)) => (Some(quote), from + length),
        None => (None, from),
    };
    let (end, closed) = match quote {
        Some(quote) => quote.end(bytes, start, keyed::JUDGED, input.complete),
        None => {
            let end = keyed::plain_end(bytes, start, keyed::Stop::Word, keyed::JUDGED);
            (
                end,
                end - start >= keyed::JUDGED || keyed::plain_closed(bytes, end, input.complete),
            )
        }
    };
    if !closed && !input.complete && bytes.len() - start < keyed::JUDGED + 8 {
        return Found::More(start);
    }
    let value = &bytes[start..end];
    if value.len() < 4 || input.rules.is_off(CLI) || is_template(value) || is_placeholder(value) {
        return Found::None;
    }
    if pair {
        let Some(colon) = value.iter().position(|&byte| byte == b':') else {
            // `'user':'password'`: the first quote has only the name.
            let behind = end + usize::from(quote.is_some());
            return match bytes.get(behind) {
                Some(b':') if quote.is_some() => quoted_password(input, behind + 1),
                None if quote.is_some() && !input.complete => Found::More(start),
                _ => Found::None,
            };
        };
        if colon + 1 == value.len() && quote.is_none() {
            return quoted_password(input, end);
        }
        let secret = &value[colon + 1..];
        if colon == 0 || secret.len() < 3 || is_template(secret) {
            return Found::None;
        }
    } else if value.iter().all(u8::is_ascii_digit)
        || value.contains(&b':')
        || value.contains(&b'/')
        || (from != at && value.starts_with(b"-"))
    {
        // A port or a path.
        return Found::None;
    }
    Found::Hit(Hit {
        start,
        end,
        kind: CLI,
        tail: None,
    })
}

/// The password behind `user:`, in quotes of its own.
fn quoted_password(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    let Some((quote, length)) = Quote::open(bytes, at) else {
        return if !input.complete && Quote::may_open(bytes, at) {
            Found::More(at)
        } else {
            Found::None
        };
    };
    let start = at + length;
    let (end, closed) = quote.end(bytes, start, keyed::JUDGED, input.complete);
    if !closed && !input.complete && bytes.len() - start < keyed::JUDGED + 8 {
        return Found::More(start);
    }
    let secret = &bytes[start..end];
    if secret.len() < 3 || is_template(secret) || is_placeholder(secret) || input.rules.is_off(CLI)
    {
        return Found::None;
    }
    Found::Hit(Hit {
        start,
        end,
        kind: CLI,
        tail: None,
    })
}
