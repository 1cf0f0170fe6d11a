//! A stream shows what a whole text shows, however it was cut, and never a byte of a secret.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{SAMPLES, rules, shown_by_stream, shown_whole};
use mini_llm_chat_redaction_rules::Stream;
use proptest::prelude::*;

#[test]
fn every_split_point_of_every_sample_shows_the_same() {
    let rules = rules();
    for sample in SAMPLES {
        let text = format!("so, {} and then more words follow.", sample.text);
        let whole = shown_by_stream(&rules, &[&text]);
        assert!(!whole.contains(sample.secret), "{text} -> {whole}");
        for at in (1..text.len()).filter(|&at| text.is_char_boundary(at)) {
            let (left, right) = text.split_at(at);
            assert_eq!(
                shown_by_stream(&rules, &[left, right]),
                whole,
                "split before {right:?}"
            );
        }
        let bytewise: Vec<String> = text.chars().map(String::from).collect();
        let bytewise: Vec<&str> = bytewise.iter().map(String::as_str).collect();
        assert_eq!(
            shown_by_stream(&rules, &bytewise),
            whole,
            "one character at a time"
        );
    }
}

/// What the fuzzer found: each was decided too early, or without what came before.
#[test]
fn every_split_point_of_what_is_nearly_a_secret_shows_the_same() {
    let rules = rules();
    let long = "x".repeat(250);
    for text in [
        "-----BEGIN PRIVATE KEY\n----RmFrZTBmYWtl2FrZUZha2VGYWtlRmFr\n-----END PRIVATE KEY-----",
        "see BNi@J9.eWdes://example.org",
        "x%20-token Fake#1pass9 x",
        "pass<td 219-09-9999>G ",
        "*::0219-09-9 1203",
        &format!("rabbitmqadmin -p{long}:Fake {long}"),
        &format!("curl -u 'fake:{long}x' {long}"),
    ] {
        let whole = shown_whole(&rules, text);
        for step in 1..text.len() {
            let pieces: Vec<&str> = text
                .as_bytes()
                .chunks(step)
                .map(|piece| std::str::from_utf8(piece).unwrap())
                .collect();
            assert_eq!(shown_by_stream(&rules, &pieces), whole, "{step} at a time");
        }
    }
}

#[test]
fn a_stream_shows_what_a_whole_text_shows() {
    let rules = rules();
    for sample in SAMPLES {
        let text = format!("so, {} and then more words follow.", sample.text);
        assert_eq!(
            shown_by_stream(&rules, &[&text]),
            shown_whole(&rules, &text)
        );
    }
}

#[test]
fn a_plain_answer_is_held_back_for_less_than_a_word() {
    let rules = rules();
    let text = "The quick brown fox (born 2019) said: tokens are counted, keys are sorted; 3.5 of 12 words, \
                see https://example.org/a/b?c=d for the rest. Ask again, please!";
    let mut stream = Stream::new();
    let mut masks = Vec::new();
    for (at, letter) in text.char_indices() {
        stream.push(&rules, letter.encode_utf8(&mut [0; 4]), &mut masks);
        let word = text[..=at].split([' ', '/']).next_back().unwrap_or("");
        assert!(
            stream.held() <= word.len() + 8,
            "holds {} at {:?}",
            stream.held(),
            &text[..=at]
        );
    }
    assert!(masks.is_empty(), "{masks:?}");
}

#[test]
fn a_long_private_key_is_never_held_back() {
    let rules = rules();
    let text = common::private_key(60);
    let mut stream = Stream::new();
    let mut masks = Vec::new();
    for piece in text.as_bytes().chunks(7) {
        stream.push(&rules, std::str::from_utf8(piece).unwrap(), &mut masks);
        assert!(stream.held() < 200, "holds {}", stream.held());
    }
}

#[test]
fn a_broken_stream_does_not_release_what_could_become_a_secret() {
    let rules = rules();
    let mut stream = Stream::new();
    let mut masks = Vec::new();
    let text = "the key is sk-proj-a1B2";
    let shown = stream.push(&rules, text, &mut masks);
    assert!(!text[..shown].contains("sk-"));
    assert_eq!(stream.end(&rules, false, &mut masks), 0);
}

#[test]
fn a_word_that_begins_behind_an_encoded_character_is_found_in_the_next_delta() {
    let rules = rules();
    let whole = "x %00000000001:AAFake0Fake1Fake2Fake3Fake4Fake5Fak;";
    let (left, right) = whole.split_at(5);
    assert_eq!(
        shown_by_stream(&rules, &[left, right]),
        "x %00000000001:[redacted:telegram-bot-token];"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: common::seed(), ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_shows_the_same(
        picks in prop::collection::vec((0..SAMPLES.len(), "[ -~\\n]{0,24}"), 1..4),
        cuts in prop::collection::vec(1usize..40, 1..60),
    ) {
        let rules = rules();
        let mut text = String::new();
        for (pick, between) in &picks {
            text.push_str(between);
            text.push_str(SAMPLES[*pick].text);
        }
        let whole = shown_by_stream(&rules, &[&text]);
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        for cut in cuts.iter().cycle() {
            let at = (*cut).min(rest.len());
            let (piece, tail) = rest.split_at(at);
            pieces.push(piece);
            rest = tail;
            if rest.is_empty() { break; }
        }
        prop_assert_eq!(shown_by_stream(&rules, &pieces), whole, "{:?}", pieces);
    }
}

#[test]
fn what_may_be_a_secret_of_another_kind_is_held_back() {
    let rules = rules();
    for text in [
        "passport 09582001:db8::fa:ce01",
        "password\\t(202) 555-0143--token",
    ] {
        let bytewise: Vec<&str> = text.split_inclusive(|_| true).collect();
        let shown = shown_by_stream(&rules, &bytewise);
        assert_eq!(shown, shown_whole(&rules, text));
    }
}
