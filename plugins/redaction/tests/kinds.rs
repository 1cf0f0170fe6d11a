//! What is hidden under which name, and what is left alone.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{SAMPLES, find, rules, shown_whole};
use mini_llm_chat_redaction_rules::{Match, SourceState};
use proptest::prelude::*;

#[test]
fn every_sample_is_hidden_under_its_kind() {
    let rules = rules();
    for sample in SAMPLES {
        let shown = shown_whole(&rules, sample.text);
        assert!(!shown.contains(sample.secret), "{} -> {shown}", sample.text);
        assert!(
            shown.contains(&format!("[redacted:{}]", sample.kind)),
            "{} -> {shown}",
            sample.text
        );
    }
}

#[test]
fn kinds_are_many_and_their_names_are_unique_and_plain() {
    let rules = rules();
    let mut names = rules.kinds().to_vec();
    assert!(names.len() >= 200, "{}", names.len());
    for name in &names {
        assert!(
            (1..=40).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{name}"
        );
    }
    names.sort();
    let twice: Vec<_> = names
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| &pair[0])
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn harmless_texts_stay_as_they_are() {
    let rules = rules();
    for text in [
        "commit 0123456789abcdef0123456789abcdef01234567",
        "request_id=00000000-0000-4000-8000-00000000c0de status=200",
        "2026-01-02T03:04:05.678Z INFO done in 12.5ms",
        "order_id=684450020611 total_cents=44425",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
        "password must be at least 12 characters and contain a digit",
        "**Password:** use 8-16 characters, and **Token:** the 16-bit word",
        "password = argv[1]; token = args[1].clone(), **Password:** **required**",
        "password: *alias1 and password ** 2 and <p>password</p> is needed",
        "private_key: CertificateIssuerPrivateKeyTypes, token: UserSessionTokenProviderFactory",
        "'pass' => $password, password = $other_password;",
        "the task-runner starts; see disk-usage and risk-averse-investing-for-2024",
        "git clone git@github.com:example/repo.git",
        "ssh://git@git.example.org/repo.git",
        "max_tokens=4096 total_tokens: 1021 token_type=bearer",
        "export OPENAI_API_KEY=$(pass show openai)",
        "password: \"{{ vault_password }}\"",
        "let token = config.get_token();",
        "pub api_key: Option<String>,",
        "npm i @types/node@20.11.5 logo@2x.png",
        "listening on 127.0.0.1:8080 and 0.0.0.0",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "std::vec::Vec and a::b at 12:34:56",
        "stringData:\n  user: <name>\n  on: true\n  note: ${NOTE}\nmetadata:\n  name: my-application\n",
        r#"{"data":{"title":"a word","id":"abcdefgh"},"next":"ZmFrZTpmYWtl"}"#,
        "data:\n  title: something else\n",
        "/items?order_key=00000000-fa4e-4fa4-8fa4-00000000fa4e&id=00000000-fa4e-4fa4-8fa4-00000000fa4e",
        "[redacted:openai-api-key] and password=[redacted:password]",
    ] {
        assert_eq!(shown_whole(&rules, text), text);
    }
}

#[test]
fn json_stays_json() {
    let rules = rules();
    let text = r#"{"level":"info","api_key":"0fake1fake2fake3fake4","nested":{"password":"Fake \"9\" pass","n":[1,2]},"url":"redis://:Fake-pass9@h:1"}"#;
    let shown = shown_whole(&rules, text);
    let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(value["nested"]["n"][1], 2);
    assert!(!shown.to_lowercase().contains("fake"), "{shown}");
}

#[test]
fn a_private_key_over_several_records_is_hidden() {
    let rules = rules();
    let mut state = SourceState::default();
    let key = common::private_key(5);
    let mut shown = String::new();
    for record in key.lines() {
        let mut found: Vec<Match> = Vec::new();
        rules.find(record, &mut state, &mut found);
        for one in &found {
            assert!(record.is_char_boundary(one.start) && record.is_char_boundary(one.end));
        }
        if found.is_empty() {
            shown.push_str(record);
        }
        // Padding ends the body.
        let ends = record.contains("END") || record.ends_with('=');
        assert_eq!(state.open().is_some(), !ends, "{record}");
    }
    assert!(!shown.contains("RmFrZ"), "{shown}");
    let mut found = Vec::new();
    rules.find("a usual record", &mut state, &mut found);
    assert!(found.is_empty());
}

#[test]
fn a_record_between_does_not_end_an_open_key() {
    let rules = rules();
    let mut state = SourceState::default();
    let mut found = Vec::new();
    rules.find("-----BEGIN RSA PRIVATE KEY-----", &mut state, &mut found);
    rules.find(
        "12:00 INFO another thread says hello",
        &mut state,
        &mut found,
    );
    assert!(found.is_empty() && state.open().is_some());
    rules.find(
        "12:00 INFO RmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2U0",
        &mut state,
        &mut found,
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn an_address_before_a_word_that_is_hidden_is_hidden_at_once() {
    let rules = rules();
    let once = shown_whole(&rules, "2001:db8::fa:ce01jo.fake@mail.example.org");
    assert_eq!(once, "[redacted:ip-address]:[redacted:email]");
    assert_eq!(shown_whole(&rules, &once), once);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, rng_seed: common::seed(), ..ProptestConfig::default() })]

    #[test]
    fn spans_are_valid_and_redacting_twice_changes_nothing_more(
        picks in prop::collection::vec((0..SAMPLES.len(), "[ -~äß€\\n]{0,30}"), 1..5),
    ) {
        let rules = rules();
        let mut text = String::new();
        for (pick, between) in &picks {
            text.push_str(between);
            text.push_str(SAMPLES[*pick].text);
        }
        let mut end = 0;
        for one in find(&rules, &text) {
            prop_assert!(one.start < one.end && one.start >= end);
            prop_assert!(text.is_char_boundary(one.start) && text.is_char_boundary(one.end));
            end = one.end;
        }
        let once = shown_whole(&rules, &text);
        prop_assert_eq!(shown_whole(&rules, &once), once, "{:?}", text);
    }
}

#[test]
fn a_secret_in_a_tag_between_a_name_and_its_value_is_hidden() {
    let rules = rules();
    let token = ["ghp_", "0Fake1Fake2Fake3Fake4Fake5Fake6Fa"].concat();
    let cell = format!("<td>password</td><td data-key=\"{token}\">Fake-pass9</td>");
    for secret in [token.as_str(), "jo.fake@example.org"] {
        let text = cell.replace(&token, secret);
        let shown = shown_whole(&rules, &text);
        assert!(
            !shown.contains(secret) && !shown.contains("Fake-pass9"),
            "{shown}"
        );
        let bytewise: Vec<&str> = text.split_inclusive(|_| true).collect();
        assert_eq!(common::shown_by_stream(&rules, &bytewise), shown);
    }
    let shown = shown_whole(&rules, &cell.replace(&token, "wide"));
    assert!(
        shown.ends_with("\"wide\">[redacted:password]</td>"),
        "{shown}"
    );
}
