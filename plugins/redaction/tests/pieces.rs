//! A long text reaches the rules in pieces that repeat 4 KiB; what is hidden of it is the same.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{SAMPLES, find, rules};
use mini_llm_chat_redaction_rules::{Options, Rules, SourceState};
use proptest::prelude::*;

/// As the host cuts.
const PIECE: usize = 16 << 10;
const AGAIN: usize = 4 << 10;

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// For each byte whether it is hidden, by pieces.
fn by_pieces(rules: &Rules, text: &str, state: &mut SourceState) -> Vec<bool> {
    let mut hidden = vec![false; text.len()];
    let (mut start, mut seen) = (0, 0);
    loop {
        let end = floor(text, start + PIECE);
        let mut found = Vec::new();
        rules.find_piece(&text[start..end], seen, state, &mut found);
        let ordered = found.windows(2).all(|pair| pair[0].end <= pair[1].start);
        assert!(ordered, "{found:?}");
        for one in &found {
            assert!(one.start < one.end && one.end <= end - start, "{one:?}");
            hidden[start + one.start..start + one.end].fill(true);
        }
        if end == text.len() {
            return hidden;
        }
        start = floor(text, end - AGAIN);
        seen = end - start;
    }
}

fn whole(rules: &Rules, text: &str) -> Vec<bool> {
    let mut hidden = vec![false; text.len()];
    for one in find(rules, text) {
        hidden[one.start..one.end].fill(true);
    }
    hidden
}

/// The hidden parts of the text, which a failed test can show.
fn parts<'t>(text: &'t str, hidden: &[bool]) -> Vec<(usize, &'t str)> {
    let mut parts = Vec::new();
    let mut at = 0;
    for run in hidden.chunk_by(|one, next| one == next) {
        if run[0] {
            parts.push((at, &text[at..at + run.len()]));
        }
        at += run.len();
    }
    parts
}

/// So many characters of a made-up value.
fn value(length: usize) -> String {
    "Fake0Zt7q_Fa1keX".chars().cycle().take(length).collect()
}

/// The value stands between words, its first byte at about `at`.
fn log(at: usize, before: &str, value: &str, after: &str) -> String {
    format!("{}{before}{value}{after}", "words, ".repeat(at / 7))
}

fn all_hidden(rules: &Rules, text: &str, value: &str) {
    let hidden = by_pieces(rules, text, &mut SourceState::default());
    let from = text.find(value).unwrap();
    let shown = (from..from + value.len()).find(|&at| !hidden[at]);
    assert_eq!(shown, None, "of {} bytes from {from}", value.len());
    let words = &hidden[from + value.len() + 4..];
    assert!(!words.contains(&true), "more than the value is hidden");
}

#[test]
fn a_value_longer_than_what_is_repeated_is_hidden_to_its_end() {
    let rules = rules();
    let forms = [
        ("token=", " then words follow"),
        ("\"password\": \"", "\", then words follow"),
        ("https://x.example/?api_key=", "&page=2 and words follow"),
        ("Authorization: Bearer ", " then words follow"),
        ("AWS_SECRET_ACCESS_KEY='", "' then words follow"),
    ];
    for (before, after) in forms {
        for length in [4_200, 9_000, 16_000, 17_000, 60_000] {
            for at in [0, 11_500, 12_500, 15_000, 16_000] {
                let value = value(length);
                all_hidden(&rules, &log(at, before, &value, after), &value);
            }
        }
    }
}

#[test]
fn every_place_of_the_cut_hides_the_same() {
    let rules = rules();
    for length in [5_000, 5_001] {
        let value = format!("{}..{}", value(length), value(40));
        for at in 0..60 {
            let fill = PIECE - 4_900 - at;
            let text = format!("{}token={value} and more words", "w ".repeat(fill / 2));
            all_hidden(&rules, &text, &value);
        }
    }
}

#[test]
fn a_value_that_another_text_follows_ends_with_its_text() {
    let rules = rules();
    let mut state = SourceState::default();
    let text = format!("{}token={}", "w ".repeat(4_000), value(8_384 - 6));
    assert_eq!(text.len(), PIECE);
    let hidden = by_pieces(&rules, &text, &mut state);
    assert!(hidden[8_006..].iter().all(|&hidden| hidden));
    let next = "the next record of the log, which is 0Fake1Fake";
    assert!(!by_pieces(&rules, next, &mut state).contains(&true));
}

#[test]
fn a_long_value_is_hidden_whole_whatever_the_settings_let_stay() {
    let rules = Rules::new(&Options {
        keep_last: 4,
        allow_patterns: vec!["Fake.*".to_owned()],
        ..Options::default()
    })
    .unwrap();
    let value = value(20_000);
    all_hidden(&rules, &log(3_000, "token=", &value, " end of it"), &value);
}

#[test]
fn armour_is_hidden_over_pieces_and_texts() {
    let rules = rules();
    let key = common::private_key(600);
    assert!(key.len() > 2 * PIECE);
    let text = format!("before\n{key}after the key\n");
    let hidden = by_pieces(&rules, &text, &mut SourceState::default());
    assert_eq!(parts(&text, &hidden), parts(&text, &whole(&rules, &text)));
    // Cut by the limit in one text, and going on in the next one.
    let mut state = SourceState::default();
    let (first, second) = key.split_at(PIECE);
    by_pieces(&rules, first, &mut state);
    assert!(state.open().is_some());
    let hidden = by_pieces(&rules, second, &mut state);
    let end = second.find("-----END").unwrap();
    let shown = (0..end).filter(|&at| !hidden[at]);
    assert!(
        shown.clone().all(|at| second.as_bytes()[at] == b'\n'),
        "{:?}",
        shown.collect::<Vec<_>>()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, rng_seed: common::seed(), ..ProptestConfig::default() })]

    /// What ends at a cut is judged as it stands, so that a quotation mark's backslash may be hidden with it.
    #[test]
    fn samples_are_hidden_wherever_the_cut_falls(
        pick in 0..SAMPLES.len(),
        before in PIECE - 200..PIECE + 50,
        letter in prop::sample::select(vec!["w ", "w\n", "é "]),
    ) {
        let rules = rules();
        let sample = &SAMPLES[pick];
        let fill = letter.repeat(before / letter.len());
        let text = format!("{fill}so, {} and then {}.", sample.text, "more words, ".repeat(20));
        let mut hidden = by_pieces(&rules, &text, &mut SourceState::default());
        let whole = whole(&rules, &text);
        let missed = (0..text.len()).find(|&at| whole[at] && !hidden[at]);
        prop_assert_eq!(missed, None);
        let near = PIECE - 8..PIECE;
        hidden[near.clone()].copy_from_slice(&whole[near]);
        prop_assert_eq!(parts(&text, &hidden), parts(&text, &whole));
    }
}
