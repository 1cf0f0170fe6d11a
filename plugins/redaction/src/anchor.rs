//! The multi-pattern pass: which rows can begin at a word.
//!
//! The first two bytes of a word index a table that is computed at compile time, so that a rule set costs
//! nothing to instantiate and a word that begins no anchor costs one look-up. Rows of one bucket are
//! chained, longest anchor first.

use crate::class::{BASE64, WORD, run_end};
use crate::kinds::{FAMILIES, Row, STRUCTURAL, keyed, sized};
use crate::pii::NATIONAL;
use crate::scan::{Found, Hit, Input, Tail, advance};
use crate::shape::PROBE;

const ROW_COUNT: usize = count_rows();
static ROWS: [Row; ROW_COUNT] = flatten();
/// Kind index of each row.
static KIND_OF_ROW: [u16; ROW_COUNT] = kinds_of_rows();
const ANCHORED_KINDS: usize = count_kinds();
/// First row of each bucket, plus one.
static BUCKETS: [u16; 4096] = INDEX.0;
/// Next row of the same bucket, plus one.
static CHAIN: [u16; ROW_COUNT] = INDEX.1;
/// The first four bytes of each row's anchor, and which of them there are.
static HEADS: [(u32, u32); ROW_COUNT] = heads();
const INDEX: ([u16; 4096], [u16; ROW_COUNT]) = index();

const fn count_rows() -> usize {
    let mut total = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        total += FAMILIES[family].len();
        family += 1;
    }
    total
}

const fn flatten() -> [Row; ROW_COUNT] {
    let mut rows = [sized("", "", crate::class::DIGIT, 0, 0, crate::shape::sure); ROW_COUNT];
    let mut to = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            rows[to] = FAMILIES[family][at];
            to += 1;
            at += 1;
        }
        family += 1;
    }
    rows
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Rows of one kind are neighbours in their family or at least in the same family.
const fn kinds_of_rows() -> [u16; ROW_COUNT] {
    let mut kinds = [0u16; ROW_COUNT];
    let mut next = 0u16;
    let mut base = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let rows = FAMILIES[family];
        let mut at = 0;
        while at < rows.len() {
            let mut before = 0;
            while before < at && !same(rows[before].kind, rows[at].kind) {
                before += 1;
            }
            if before < at {
                kinds[base + at] = kinds[base + before];
            } else {
                kinds[base + at] = next;
                next += 1;
            }
            at += 1;
        }
        base += rows.len();
        family += 1;
    }
    kinds
}

const fn count_kinds() -> usize {
    let kinds = kinds_of_rows();
    let mut most = 0;
    let mut at = 0;
    while at < ROW_COUNT {
        if kinds[at] as usize >= most {
            most = kinds[at] as usize + 1;
        }
        at += 1;
    }
    most
}

/// A number below 64 for each byte that names are made of; the others share one.
static SYMBOLS: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let mut table = [63; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'_' => 62,
            _ => 63,
        };
        at += 1;
    }
    table
}

const fn bucket(symbols: &[u8; 256], first: u8, second: u8) -> usize {
    symbols[first as usize] as usize * 64 + symbols[second as usize] as usize
}

const fn index() -> ([u16; 4096], [u16; ROW_COUNT]) {
    let (rows, symbols) = (flatten(), symbols());
    let mut buckets = [0u16; 4096];
    let mut chain = [0u16; ROW_COUNT];
    let mut at = 0;
    while at < ROW_COUNT {
        let anchor = rows[at].anchor.as_bytes();
        let home = bucket(&symbols, anchor[0], anchor[1]);
        let mut before = 0u16;
        let mut next = buckets[home];
        while next != 0 && rows[next as usize - 1].anchor.len() >= anchor.len() {
            before = next;
            next = chain[next as usize - 1];
        }
        chain[at] = next;
        if before == 0 {
            buckets[home] = at as u16 + 1;
        } else {
            chain[before as usize - 1] = at as u16 + 1;
        }
        at += 1;
    }
    (buckets, chain)
}

const fn heads() -> [(u32, u32); ROW_COUNT] {
    let rows = flatten();
    let mut heads = [(0, 0); ROW_COUNT];
    let mut at = 0;
    while at < ROW_COUNT {
        let anchor = rows[at].anchor.as_bytes();
        let (mut head, mut mask) = ([0u8; 4], [0u8; 4]);
        let mut byte = 0;
        while byte < 4 && byte < anchor.len() {
            head[byte] = anchor[byte];
            mask[byte] = 0xff;
            byte += 1;
        }
        heads[at] = (u32::from_le_bytes(head), u32::from_le_bytes(mask));
        at += 1;
    }
    heads
}

/// All built-in kinds in the order of their indices.
pub(crate) fn kind_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::with_capacity(ANCHORED_KINDS + 160);
    for (row, &kind) in ROWS.iter().zip(&KIND_OF_ROW) {
        if usize::from(kind) == names.len() {
            names.push(row.kind);
        }
    }
    names.extend(STRUCTURAL);
    names.extend(NATIONAL);
    names.extend(keyed::PROVIDERS.iter().map(|&(_, kind)| kind));
    names
}

/// Index of a structural kind, at compile time.
pub(crate) const fn structural(name: &str) -> u16 {
    let mut at = 0;
    while at < STRUCTURAL.len() {
        if same(STRUCTURAL[at], name) {
            return (ANCHORED_KINDS + at) as u16;
        }
        at += 1;
    }
    u16::MAX
}

/// Index of a national id's kind, at compile time.
pub(crate) const fn national(name: &str) -> u16 {
    let mut at = 0;
    while at < NATIONAL.len() {
        if same(NATIONAL[at], name) {
            return (ANCHORED_KINDS + STRUCTURAL.len() + at) as u16;
        }
        at += 1;
    }
    u16::MAX
}

/// Index of the kind of the provider at `at` in [`keyed::PROVIDERS`].
pub(crate) fn provider(at: usize) -> u16 {
    (ANCHORED_KINDS + STRUCTURAL.len() + NATIONAL.len() + at) as u16
}

/// A token whose first bytes are an anchor, at a word's start.
#[inline]
pub(crate) fn find(input: &Input<'_>, at: usize) -> Found {
    match input.bytes.get(at..at + 2) {
        Some(&[first, second]) => match BUCKETS[bucket(&SYMBOLS, first, second)] {
            0 => Found::None,
            first => find_in(input, at, first),
        },
        _ if input.complete => Found::None,
        _ => Found::More(at),
    }
}

/// The rows of one bucket, of which `next` is the first, plus one.
fn find_in(input: &Input<'_>, at: usize, mut next: u16) -> Found {
    let bytes = input.bytes;
    let there = match bytes.get(at..at + 4) {
        Some(&[first, second, third, fourth]) => {
            Some(u32::from_le_bytes([first, second, third, fourth]))
        }
        _ => None,
    };
    while next != 0 {
        let row = usize::from(next) - 1;
        crate::count::steps(1);
        let (head, mask) = HEADS[row];
        let fits = there.is_some_and(|there| there & mask == head);
        if !input.lets(fits || there.is_none()) {
            next = CHAIN[row];
            continue;
        }
        match try_row(input, at, row, fits) {
            Found::None => next = CHAIN[row],
            found => return found,
        }
    }
    Found::None
}

/// One row; `fits` says that the first four bytes are its anchor's.
fn try_row(input: &Input<'_>, at: usize, index: usize, fits: bool) -> Found {
    let row = &ROWS[index];
    let anchor = row.anchor.as_bytes();
    let bytes = input.bytes;
    crate::count::steps(anchor.len());
    let there = &bytes[at..bytes.len().min(at + anchor.len())];
    if there.len() < anchor.len() {
        let open = !input.complete && anchor.starts_with(there);
        return if open { Found::More(at) } else { Found::None };
    }
    let differs = !(fits && anchor.len() <= 4) && there != anchor;
    if differs || input.rules.is_off(KIND_OF_ROW[index]) {
        return Found::None;
    }
    // A weak anchor counts only where nothing is joined on before it.
    if row.max > 0
        && at > input.floor + 1
        && matches!(bytes[at - 1], b'-' | b'.' | b'/' | b'+')
        && WORD.has(bytes[at - 2])
    {
        return Found::None;
    }
    if anchor.len() <= 6 && is_plain(anchor) && inside_base64(input, at) {
        return Found::None;
    }
    let body = at + anchor.len();
    let limit = if row.max > 0 {
        usize::from(row.max) + 1
    } else {
        PROBE
    };
    let end = run_end(bytes, body, row.set, limit);
    let cut = end == bytes.len() && !input.complete && end - body < limit;
    let end = crate::class::trim_tail(bytes, body, end);
    let length = end - body;
    if row.max > 0 && cut && length <= usize::from(row.max) {
        return Found::More(at);
    }
    let fits = length >= usize::from(row.min) && (row.max == 0 || length <= usize::from(row.max));
    if fits && (row.check)(&bytes[body..end]) {
        let tail = Tail::Run(row.set);
        let done = advance(tail, bytes, body, input.complete);
        return Found::Hit(Hit {
            start: at,
            end: done.to,
            kind: KIND_OF_ROW[index],
            tail: done.open.then_some(tail),
        });
    }
    if cut { Found::More(at) } else { Found::None }
}

/// Letters and digits only: base64 has such by chance.
fn is_plain(anchor: &[u8]) -> bool {
    anchor.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether a word begins behind a sign of a long run of base64.
fn inside_base64(input: &Input<'_>, at: usize) -> bool {
    const LONG: usize = 40;
    if !matches!(input.before(at), Some(b'+' | b'/')) {
        return false;
    }
    let least = input.floor.max(at.saturating_sub(LONG)).min(at);
    let run = &input.bytes[least..at];
    crate::count::steps(run.len());
    run.len() == LONG && run.iter().all(|&byte| BASE64.has(byte))
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::kinds::Row;
    use crate::{Options, Rules, SourceState};

    /// A body of the row's set that looks random and is obviously made up.
    fn body(row: &Row, length: usize) -> String {
        let mut state = 7u32;
        (0..length)
            .map(|at| {
                loop {
                    state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
                    let letter = (b'!' + (state >> 16) as u8 % 94) as char;
                    let fits = if at % 3 == 0 {
                        letter.is_ascii_digit()
                    } else {
                        letter.is_ascii_alphanumeric()
                    };
                    if fits && row.set.has(letter as u8) {
                        return letter;
                    }
                }
            })
            .collect()
    }

    /// A made-up token of each row that a generator can make.
    pub(crate) fn tokens() -> impl Iterator<Item = String> {
        ROWS.iter()
            .filter(|row| !STRUCTURED.contains(&row.kind))
            .map(|row| format!("{}{}", row.anchor, body(row, usize::from(row.min).max(14))))
    }

    fn kinds_in(rules: &Rules, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        rules.find(text, &mut SourceState::default(), &mut found);
        found
            .iter()
            .map(|one| rules.kinds()[usize::from(one.kind)].to_string())
            .collect()
    }

    /// Rows whose bodies have an inner structure that a generator does not know; they have vectors below.
    const STRUCTURED: &[&str] = &[
        "firebase-server-key",
        "infisical-token",
        "bitwarden-token",
        "harness-token",
        "launchdarkly-api-key",
        "launchdarkly-sdk-key",
        "launchdarkly-mobile-key",
        "clickup-token",
        "airtable-pat",
        "salesforce-token",
        "convex-deploy-key",
        "sendgrid-api-key",
        "dynatrace-token",
        "yandex-iam-token",
        "zoho-access-token",
    ];

    #[test]
    fn every_row_finds_its_token_and_leaves_a_short_one_alone() {
        let rules = Rules::new(&Options::default()).unwrap();
        for row in &ROWS {
            if STRUCTURED.contains(&row.kind) {
                continue;
            }
            let token = format!(
                "x {}{} y",
                row.anchor,
                body(row, usize::from(row.min).max(14))
            );
            assert_eq!(kinds_in(&rules, &token).len(), 1, "{token}");
            let placeholder = format!("x {}xxxxxxxx y", row.anchor);
            assert!(kinds_in(&rules, &placeholder).is_empty(), "{placeholder}");
        }
    }

    #[test]
    fn structured_rows_find_their_tokens() {
        let rules = Rules::new(&Options::default()).unwrap();
        let uuid = "00000000-fa4e-4fa4-8fa4-00000000fa4e";
        let random =
            "0Fake1Fake2Fake3Fake4Fake5Fake6Fake7Fake8Fake9FakeAFakeBFakeCFakeDFakeEFakeFFake";
        for (kind, token) in [
            ("launchdarkly-api-key", format!("api-{uuid}")),
            (
                "harness-token",
                format!("pat.0FakeFake.1Fake2Fake.{}", &random[..40]),
            ),
            ("clickup-token", format!("pk_0000001_{}", "FAKE0".repeat(7))),
            (
                "airtable-pat",
                format!("pat0Fake1Fake2Fak.{}", "fa4e".repeat(16)),
            ),
            ("salesforce-token", format!("00D0Fake1Fake2Fa!{random}")),
            (
                "sendgrid-api-key",
                format!("SG.{}.{}", &random[..22], &random[..43]),
            ),
            (
                "dynatrace-token",
                format!("dt0c01.FAKE0FAKE.{}", &random[..64]),
            ),
            ("convex-deploy-key", format!("prod:fake-fox-1|{random}")),
            ("bitwarden-token", format!("0.{uuid}.{}", &random[..30])),
        ] {
            assert_eq!(kinds_in(&rules, &token), [kind], "{token}");
        }
    }

    #[test]
    fn the_cost_grows_linearly_with_the_worst_text_of_each_rule() {
        let rules = Rules::new(&Options::default()).unwrap();
        let rows = ROWS.iter().map(|row| row.anchor.to_owned());
        let others = [
            "a",
            "a.",
            "a-",
            "1 ",
            "1-",
            "1.",
            "+1",
            "(1",
            "a@",
            "a.b@",
            "://",
            "x://a:",
            "x://a@",
            "://a:b/",
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA",
            "eyJ",
            "eyJhbGciOiJub25lIn0.",
            "password",
            "password=",
            "password: \"",
            "token token ",
            "key=\\",
            "\"",
            "\\",
            "\\\"",
            "Bearer ",
            "Basic ",
            "-u ",
            "curl -u ",
            "--user ",
            "%",
            "%2",
            "password%3D",
            "[redacted:",
            "\x1b[",
            "c2st",
            "c2stcHJvai0",
            "a:",
            "::",
            "1:",
            "DE02 ",
            "DE021203",
            "A1",
            "AA00",
            "BUNDLE_A__B=",
            "<password>",
            "password | ",
            "secret ",
            "is ",
            "mysql -p",
            "Private-Lines: 1\n",
            "hooks.slack.com/services/",
            "hooks/",
            "\n  a: ",
            "\ndata:\n  a: ",
            "12 AB ",
            "A-B 1",
            "AB 12 ",
            "AB1234567 ",
            "passport 1234567 ",
            "token, \"",
            "token ?= ",
            "token String ",
            "curl -u 'a':",
            "ä",
        ];
        for unit in rows.chain(others.map(str::to_owned)) {
            let cost = |bytes: usize| {
                let text = unit.repeat(bytes / unit.len());
                crate::count::take();
                rules.find(&text, &mut SourceState::default(), &mut Vec::new());
                crate::count::take().max(1)
            };
            let (four, eight, sixteen) = (cost(4 << 10), cost(8 << 10), cost(16 << 10));
            assert!(
                eight <= four * 5 / 2 && sixteen <= eight * 5 / 2,
                "{unit:?}: {four} {eight} {sixteen}"
            );
        }
    }
}
