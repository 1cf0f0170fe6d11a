//! What the settings change, and which settings are refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::shown_whole;
use mini_llm_chat_redaction_rules::{Options, Rules};

fn with(settings: &[(&str, &str)]) -> Rules {
    Rules::new(&Options::from_settings(settings.iter().copied()).unwrap()).unwrap()
}

fn refused(settings: &[(&str, &str)]) -> String {
    let problems = match Options::from_settings(settings.iter().copied()) {
        Ok(options) => Rules::new(&options).expect_err("refused"),
        Err(problems) => problems,
    };
    problems
        .iter()
        .map(|problem| format!("{} {}\n", problem.key, problem.message))
        .collect()
}

#[test]
fn a_kind_can_be_switched_off() {
    let rules = with(&[("off.0", "email"), ("off.1", "ip-address")]);
    assert_eq!(
        shown_whole(&rules, "jo.fake@example.org from 203.0.113.77"),
        "jo.fake@example.org from 203.0.113.77"
    );
    assert_eq!(
        shown_whole(&rules, "SSN 219-09-9999"),
        "SSN [redacted:us-ssn]"
    );
}

#[test]
fn own_patterns_are_kinds_of_their_own_and_join_with_the_built_in_ones() {
    let rules = with(&[
        ("patterns.0.name", "ticket"),
        ("patterns.0.regex", "TICKET-[0-9]+"),
        ("patterns.1.name", "site"),
        ("patterns.1.regex", "сайт-\\d+"),
    ]);
    assert_eq!(
        shown_whole(&rules, "see TICKET-12, сайт-7 and jo.fake@example.org"),
        "see [redacted:ticket], [redacted:site] and [redacted:email]"
    );
    let long = format!("{} TICKET-99", "ä ".repeat(3000));
    assert!(shown_whole(&rules, &long).ends_with("[redacted:ticket]"));
}

#[test]
fn own_patterns_leave_markers_alone() {
    let rules = with(&[
        ("patterns.0.name", "word"),
        ("patterns.0.regex", "[a-z]*email[a-z]*"),
    ]);
    let once = shown_whole(&rules, "my email jo.fake@example.org");
    assert_eq!(once, "my [redacted:word] [redacted:email]");
    assert_eq!(shown_whole(&rules, &once), once);
}

#[test]
fn allowed_values_stay_visible() {
    let rules = with(&[
        ("allow.0", "support@example.org"),
        ("allow-patterns.0", "203\\.0\\.113\\.[0-9]+"),
    ]);
    let text = "support@example.org 203.0.113.9";
    assert_eq!(shown_whole(&rules, text), text);
    assert_eq!(
        shown_whole(&rules, "not-support@example.org"),
        "[redacted:email]"
    );
}

#[test]
fn the_last_characters_can_be_kept() {
    let rules = with(&[("keep-last", "4")]);
    assert_eq!(
        shown_whole(&rules, "card 4000 0000 0000 0002"),
        "card [redacted:payment-card]0002"
    );
}

#[test]
fn bad_settings_are_refused_by_key_with_the_remedy() {
    for (settings, words) in [
        (
            vec![("patterns.0.name", "x"), ("patterns.0.regex", "(")],
            "does not compile",
        ),
        (
            vec![("patterns.0.name", "x"), ("patterns.0.regex", "")],
            "is empty",
        ),
        (
            vec![("patterns.0.name", "x"), ("patterns.0.regex", "a*")],
            "matches the empty text",
        ),
        (
            vec![
                ("patterns.0.name", "x"),
                ("patterns.0.regex", "(a{1000}){1000}"),
            ],
            "too large",
        ),
        (vec![("patterns.0.name", "x")], "needs both"),
        (
            vec![("patterns.0.name", "Bad Name"), ("patterns.0.regex", "a")],
            "1 to 40",
        ),
        (
            vec![("patterns.0.name", "email"), ("patterns.0.regex", "a")],
            "is taken",
        ),
        (vec![("off.0", "no-such-kind")], "is no kind"),
        (vec![("allow.0", "")], "is empty"),
        (vec![("allow-patterns.0", "[")], "does not compile"),
        (vec![("keep-last", "9")], "too large"),
        (vec![("keep-last", "many")], "not a number"),
        (vec![("of.0", "email")], "is unknown"),
        (vec![("off", "email")], "is a list"),
        (vec![("patterns.0.regexp", "a")], "no entry of a list"),
    ] {
        let message = refused(&settings);
        assert!(
            message.contains(words) && message.contains(settings[0].0.split('.').next().unwrap()),
            "{settings:?}: {message}"
        );
    }
}
