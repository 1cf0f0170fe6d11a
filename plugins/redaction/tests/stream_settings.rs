//! A stream honours the settings as a whole text does, however it was cut.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{SAMPLES, shown_by_stream, shown_whole};
use mini_llm_chat_redaction_rules::{Options, OwnPattern, Rules, Stream};
use proptest::prelude::*;

/// The most that settings hold back: a value, and what a pattern has not decided behind it.
const HELD: usize = 3 << 10;

fn patterns() -> Vec<OwnPattern> {
    [
        ("ticket", "TICKET-[0-9]+"),
        ("site", "сайт-\\d+"),
        ("word", "\\bfoo\\b"),
        ("either", "ab|abcd"),
        ("rest", "internal:.*"),
        ("pair", "user=\\w+;"),
    ]
    .map(|(name, regex)| OwnPattern {
        name: name.to_owned(),
        regex: regex.to_owned(),
    })
    .to_vec()
}

/// Every setting by itself, and all of them.
fn settings() -> Vec<Options> {
    let patterns = Options {
        patterns: patterns(),
        ..Options::default()
    };
    let keep = Options {
        keep_last: 4,
        ..Options::default()
    };
    let allow = Options {
        allow: vec![
            "jo.fake+log@mail.example.org".to_owned(),
            "Fake-pass9".to_owned(),
            "TICKET-12".to_owned(),
        ],
        allow_patterns: vec!["203\\.0\\.113\\.[0-9]+".to_owned(), "sk-.*".to_owned()],
        ..Options::default()
    };
    let all = Options {
        patterns: patterns.patterns.clone(),
        keep_last: 3,
        ..allow.clone()
    };
    vec![patterns, keep, allow, all]
}

/// Pieces that own patterns find, nearly find, and find across others.
const PIECES: &[&str] = &[
    "TICKET-",
    "12",
    "7",
    "сайт-3",
    "foo",
    "food",
    " foo.",
    "ab",
    "abcd",
    "abc",
    "internal: x",
    "user=jo",
    ";",
    "password=",
    "Fake-pass9",
    "TICKET-12 ",
    "\n",
    " ",
    "ä",
    "[redacted:word]",
    "[redacted:",
    "]",
];

fn text_of(picks: &[(usize, usize, String)]) -> String {
    let mut text = String::new();
    for (sample, piece, between) in picks {
        text.push_str(between);
        if *sample < SAMPLES.len() {
            text.push_str(SAMPLES[*sample].text);
        }
        text.push_str(PIECES[*piece]);
    }
    text
}

fn cut<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    for cut in cuts.iter().cycle() {
        let mut at = (*cut).min(rest.len());
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, tail) = rest.split_at(at);
        pieces.push(piece);
        rest = tail;
        if rest.is_empty() {
            return pieces;
        }
    }
    pieces
}

#[test]
fn settings_count_in_a_stream() {
    let rules = Rules::new(&settings()[3]).unwrap();
    let text = "TICKET-12 and TICKET-345 by jo.fake+log@mail.example.org, card 4000 0000 0000 0002, password=Fake-pass8x.";
    let shown = shown_by_stream(&rules, &[text]);
    assert_eq!(
        shown,
        "TICKET-12 and [redacted:ticket] by jo.fake+log@mail.example.org, card [redacted:payment-card]002, password=[redacted:password]."
    );
    assert_eq!(shown, shown_whole(&rules, text));
}

#[test]
fn every_split_point_of_every_sample_shows_the_same_under_every_setting() {
    for options in settings() {
        let rules = Rules::new(&options).unwrap();
        for sample in SAMPLES {
            let text = format!("so, TICKET-9 {} and then foo.", sample.text);
            let whole = shown_whole(&rules, &text);
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
                let (left, right) = text.split_at(at);
                assert_eq!(
                    shown_by_stream(&rules, &[left, right]),
                    whole,
                    "split before {right:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_held_back_is_bounded_and_a_longer_value_is_hidden_whole() {
    let rules = Rules::new(&settings()[3]).unwrap();
    let long = format!(
        "say internal:{} password=sk-{} end",
        "a ".repeat(3000),
        "Fa1ke".repeat(2000)
    );
    let whole = shown_whole(&rules, &long);
    assert!(
        !whole.contains("Fa1ke") && !whole.contains("1ke end"),
        "{}",
        &whole[whole.len() - 90..]
    );
    let mut stream = Stream::new();
    let mut masks = Vec::new();
    for letter in long.chars() {
        stream.push(&rules, letter.encode_utf8(&mut [0; 4]), &mut masks);
        assert!(stream.held() <= HELD, "holds {}", stream.held());
    }
    let letters: Vec<String> = long.chars().map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(shown_by_stream(&rules, &letters), whole);
}

#[test]
fn a_plain_answer_is_hardly_held_back_by_own_patterns() {
    let options = Options {
        patterns: patterns()
            .into_iter()
            .filter(|own| own.name != "rest")
            .collect(),
        ..Options::default()
    };
    let rules = Rules::new(&options).unwrap();
    let text = "The quick brown fox jumps over the lazy dog, and nothing in here is about any customer or ticket. ".repeat(30);
    let mut stream = Stream::new();
    for letter in text.chars() {
        stream.push(&rules, letter.encode_utf8(&mut [0; 4]), &mut Vec::new());
        assert!(stream.held() <= 16, "holds {}", stream.held());
    }
}

#[test]
fn a_broken_stream_does_not_release_what_waits() {
    let rules = Rules::new(&settings()[3]).unwrap();
    let mut stream = Stream::new();
    let text = "it is password=Fake-pass8x";
    let shown = stream.push(&rules, text, &mut Vec::new());
    assert!(!text[..shown].contains("Fake"));
    assert_eq!(stream.end(&rules, false, &mut Vec::new()), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: common::seed(), ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_shows_what_a_whole_text_shows(
        picks in prop::collection::vec((0..SAMPLES.len() * 2, 0..PIECES.len(), "[ -~\\n]{0,12}"), 1..9),
        cuts in prop::collection::vec(1usize..40, 1..60),
        setting in 0usize..4,
        repeat in 1usize..14,
    ) {
        let rules = Rules::new(&settings()[setting]).unwrap();
        let text = text_of(&picks).repeat(repeat);
        let pieces = cut(&text, &cuts);
        let once = shown_by_stream(&rules, &[&text]);
        prop_assert_eq!(shown_by_stream(&rules, &pieces), once, "{:?}", pieces);
    }
}
