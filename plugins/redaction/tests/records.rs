//! Records of one source in any order: parts of keys, of what stands around their lines, and of other texts.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{rules, seed};
use mini_llm_chat_redaction_rules::{Match, SourceState, Stream};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    "---- END",
    "-----",
    "Private-Lines: 4",
    "Private-MAC",
    "Proc-Type: 4,ENCRYPTED",
    "RmFrZ0Ek/2V5RmFr+UZha2VGYWtlRmFrZTBmYWtl/mFrZUZha2VGYWtlRmFrZUZh",
    "mFrZTBmYWtl2FrZUZha2VGYWtlRmFrZUZh",
    "RmFrZQ==",
    "RmFr",
    "%2F",
    "%3D",
    "%2",
    "\\/",
    "\\u002b",
    "\\u00",
    "\\\\/",
    "\\n",
    "\\012",
    "#012",
    "%0A",
    "<br>",
    "&#10;",
    "\u{1b}[32m",
    "{\"log\":\"",
    "\",\"stream\":\"stdout\"}",
    "2030-01-02T03:04:05.678Z INFO setup: ",
    "'",
    "\"",
    ",",
    " ",
    "\n",
    "| ",
    "? ",
    "P",
    "-",
    "sha256-",
    "größe",
    "done",
    "password=",
    "Fake-pass9",
    "ghp_0Fake1Fake2Fake3Fake4Fake5Fake6Fa",
];

fn check(text: &str, found: &[Match]) -> Result<(), TestCaseError> {
    let mut end = 0;
    for one in found {
        prop_assert!(one.start >= end && one.start < one.end && one.end <= text.len());
        prop_assert!(text.is_char_boundary(one.start) && text.is_char_boundary(one.end));
        end = one.end;
    }
    Ok(())
}

#[test]
fn a_line_that_begins_with_an_escaped_sign_is_followed_to_its_end() {
    let rules = rules();
    for sign in ["%2F", "%3D", "\\/", "\\u002B"] {
        let line = format!("{sign}mFrZTBmYWtl2FrZUZha2VGYWtlRmFrZUZh");
        for before in ["?", "? more words ", "\n? "] {
            let text = format!("-----BEGIN PRIVATE KEY-----{before}{line} done");
            let shown = common::shown_whole(&rules, &text);
            assert!(
                !shown.contains("TBmYWtl") && shown.ends_with(" done"),
                "{shown}"
            );
            assert_eq!(common::shown_by_stream(&rules, &[&text]), shown);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, rng_seed: seed(), ..ProptestConfig::default() })]

    #[test]
    fn any_records_come_to_an_end(
        records in prop::collection::vec(prop::collection::vec(0..PIECES.len(), 0..12), 1..6),
        step in 1usize..9,
    ) {
        let rules = rules();
        let mut state = SourceState::default();
        for record in &records {
            let text: String = record.iter().map(|&piece| PIECES[piece]).collect();
            let mut found = Vec::new();
            rules.find(&text, &mut state, &mut found);
            check(&text, &found)?;
            let (mut stream, mut masks, mut pending) = (Stream::new(), Vec::new(), String::new());
            for delta in text.split_inclusive(|_| true).collect::<Vec<_>>().chunks(step) {
                pending.push_str(&delta.concat());
                let released = stream.push(&rules, &delta.concat(), &mut masks);
                prop_assert!(pending.is_char_boundary(released));
                pending.drain(..released);
                masks.clear();
            }
            prop_assert_eq!(stream.end(&rules, true, &mut masks), pending.len());
        }
    }
}
