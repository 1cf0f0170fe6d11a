//! Credentials in the authority of a URL, and web hooks whose address is the secret.

use crate::anchor::structural;
use crate::class::{ALPHA, PATH, run_end, trim_tail};
use crate::scan::{Found, Hit, Input, Tail, advance};
use crate::shape::{hook, mixed};

const PASSWORD: u16 = structural("url-password");
const TOKEN: u16 = structural("url-token");
/// How far the user information may reach.
const AUTHORITY: usize = 300;

/// Addresses whose path is a secret: everything after the prefix.
const HOOKS: &[(&str, u16)] = &[
    ("hooks.slack.com/services/", SLACK),
    ("hooks.slack.com/workflows/", SLACK),
    ("hooks.slack.com/triggers/", SLACK),
    ("hooks.slack-gov.com/services/", SLACK),
    ("discord.com/api/webhooks/", DISCORD),
    ("discordapp.com/api/webhooks/", DISCORD),
    ("outlook.office.com/webhook/", TEAMS),
    ("outlook.office365.com/webhook/", TEAMS),
    ("webhook.office.com/webhookb2/", TEAMS),
    (
        "chat.googleapis.com/v1/spaces/",
        structural("google-chat-webhook"),
    ),
    (
        "hooks.zapier.com/hooks/catch/",
        structural("zapier-webhook"),
    ),
    ("maker.ifttt.com/trigger/", structural("ifttt-webhook")),
    ("hook.eu1.make.com/", structural("make-webhook")),
    ("hook.eu2.make.com/", structural("make-webhook")),
    ("hook.us1.make.com/", structural("make-webhook")),
    ("hook.us2.make.com/", structural("make-webhook")),
    (
        "open.feishu.cn/open-apis/bot/v2/hook/",
        structural("feishu-webhook"),
    ),
    (
        "open.larksuite.com/open-apis/bot/v2/hook/",
        structural("feishu-webhook"),
    ),
    ("hooks/", structural("chat-webhook")),
];

const SLACK: u16 = structural("slack-webhook");
const DISCORD: u16 = structural("discord-webhook");
const TEAMS: u16 = structural("teams-webhook");

/// Whether an address of [`HOOKS`] may begin with the word in `at..end`.
pub(crate) fn may_be_hook(bytes: &[u8], at: usize, end: usize) -> bool {
    matches!(bytes.get(end), Some(b'.' | b'/'))
        && matches!(
            &bytes[at..end],
            b"hook"
                | b"hooks"
                | b"chat"
                | b"open"
                | b"maker"
                | b"discord"
                | b"outlook"
                | b"webhook"
                | b"discordapp"
        )
}

/// A URL whose `://` begins at `at`.
#[inline(never)]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    let bytes = input.bytes;
    if at == 0 || !(ALPHA.has(bytes[at - 1]) || bytes[at - 1].is_ascii_digit()) {
        return Found::None;
    }
    let from = at + 3;
    let limit = bytes.len().min(from + AUTHORITY);
    let mut end = from;
    let mut colon = None;
    let mut sign = None;
    let mut slash = None;
    while end < limit {
        match bytes[end] {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' => {
                break;
            }
            b'/' | b'?' | b'#' if slash.is_none() => {
                slash = Some(end);
                // A slash may stand in a password only where no port or host ended before it.
                let password = colon
                    .filter(|_| sign.is_none())
                    .map(|colon: usize| &bytes[colon + 1..end]);
                if password.is_none_or(|password| {
                    password.is_empty() || password.iter().all(u8::is_ascii_digit)
                }) || end - from < 3
                {
                    break;
                }
            }
            b':' if colon.is_none() && slash.is_none() => colon = Some(end),
            b'@' => {
                sign = Some(end);
                if slash.is_some() {
                    break;
                }
            }
            b'(' | b')' | b'{' | b'}' | b'[' | b']' | b',' | b';' if slash.is_some() => break,
            _ => {}
        }
        end += 1;
    }
    crate::count::steps(end - from + 1);
    if end == bytes.len() && !input.complete && end < from + AUTHORITY {
        return Found::More(from);
    }
    let Some(sign) = sign else { return Found::None };
    match colon.filter(|&colon| colon < sign) {
        Some(colon) => {
            let password = &bytes[colon + 1..sign];
            if password.is_empty() || is_template(password) || input.rules.is_off(PASSWORD) {
                return Found::None;
            }
            Found::Hit(Hit {
                start: colon + 1,
                end: sign,
                kind: PASSWORD,
                tail: None,
            })
        }
        None => {
            let user = &bytes[from..sign];
            if user.len() < 18
                || !mixed(user)
                || user.contains(&b'.')
                || is_template(user)
                || input.rules.is_off(TOKEN)
            {
                return Found::None;
            }
            Found::Hit(Hit {
                start: from,
                end: sign,
                kind: TOKEN,
                tail: None,
            })
        }
    }
}

/// `${VAR}`, `<password>`, `***`, a marker.
pub(crate) fn is_template(value: &[u8]) -> bool {
    crate::shape::contains(value, b"[redacted:")
        || value.starts_with(b"$")
        || value.starts_with(b"{")
        || value.starts_with(b"<")
        || value.starts_with(b"%s")
        || crate::shape::contains(value, b"${")
        || crate::shape::contains(value, b"{{")
        || value.starts_with(b"..")
        || (crate::shape::distinct(value) <= 1
            && matches!(value[0], b'*' | b'x' | b'X' | b'.' | b'-'))
}

/// An address whose path is a secret, at the word at `from`.
#[inline(never)]
pub(crate) fn web_hook(input: &Input<'_>, from: usize) -> Found {
    let rest = &input.bytes[from..];
    for &(prefix, kind) in HOOKS {
        let prefix = prefix.as_bytes();
        let there = &rest[..rest.len().min(prefix.len())];
        if there.len() < prefix.len() {
            if !input.complete && prefix.starts_with(there) {
                return Found::More(from);
            }
            continue;
        }
        if there != prefix || input.rules.is_off(kind) {
            continue;
        }
        let body = from + prefix.len();
        let end = run_end(input.bytes, body, PATH, 200);
        let path = &input.bytes[body..trim_tail(input.bytes, body, end)];
        if path.len() >= 20 && hook(path) {
            let tail = Tail::Run(PATH);
            let done = advance(tail, input.bytes, body, input.complete);
            return Found::Hit(Hit {
                start: body,
                end: done.to,
                kind,
                tail: done.open.then_some(tail),
            });
        }
        if end == input.bytes.len() && !input.complete && end - body < 200 {
            return Found::More(body);
        }
    }
    Found::None
}
