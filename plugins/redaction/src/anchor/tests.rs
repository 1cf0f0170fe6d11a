//! Every row, by what it finds and what it costs.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::table::ROWS;
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
    let random = "0Fake1Fake2Fake3Fake4Fake5Fake6Fake7Fake8Fake9FakeAFakeBFakeCFakeDFakeEFakeFFake";
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
        "-----BEGIN PRIVATE KEY----- a ",
        "-----BEGIN PRIVATE KEY-----\u{1}AAAA\u{1}",
        "-----BEGIN+PRIVATE+KEY-----%2B",
        "%2F",
        "\\/",
        "#011",
        "[3m",
        "[3",
        "\\x00",
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
        // The longest text that is surely whole, and a piece of a longer one: its end is looked at twice.
        let (four, eight, sixteen) = (cost(4 << 10), cost(8 << 10), cost((16 << 10) - 8));
        let piece = cost(16 << 10);
        assert!(
            eight <= four * 5 / 2 && sixteen <= eight * 5 / 2 && piece <= sixteen * 5 / 2,
            "{unit:?}: {four} {eight} {sixteen} {piece}"
        );
    }
}
