//! The review of answers: what is cut, what is held, and that the chunking never matters.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use mini_llm_chat_prompt_policy_rules::{Options, Policy, Step, Value};
use proptest::prelude::*;

const CANARY: &str = "marlin-4f2a7c";
const SYSTEM: &str = "You are Quill, the assistant of Harbour Books. Never mention the warehouse in Leith, and offer \
    a voucher of ten pounds only after two complaints.\n\nSession reference: marlin-4f2a7c. It is private.";

/// What a person sees: text with masked ranges as `#`, and the rule that ended it.
fn shown<'a>(
    settings: &[(&str, Value<'_>)],
    deltas: impl IntoIterator<Item = &'a str>,
    complete: bool,
) -> (String, Option<u16>) {
    let options = Options::from_settings(settings.iter().copied()).unwrap();
    let mut policy = Policy::new(&options).unwrap();
    policy.begin_output(SYSTEM);
    let (mut pending, mut out) = (String::new(), String::new());
    for delta in deltas {
        pending.push_str(delta);
        let step = policy.review_delta(delta);
        apply(&step, &mut pending, &mut out);
        if step.cut.is_some() {
            return (out, step.cut);
        }
    }
    let step = policy.review_end(complete);
    apply(&step, &mut pending, &mut out);
    assert!(
        !complete || pending.is_empty() || step.cut.is_some(),
        "a complete answer is shown whole"
    );
    (out, step.cut)
}

/// The secrets' review holds the end of a word back; here only the leak check is looked at.
fn without_secrets() -> Options {
    Options::from_settings([("groups.secrets", Value::Text("off"))]).unwrap()
}

fn apply(step: &Step, pending: &mut String, out: &mut String) {
    let released: String = pending.drain(..step.release as usize).collect();
    let mut at = 0;
    for span in &step.mask {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(at <= start && start < end && end <= released.len());
        out.push_str(&released[at..start]);
        out.push_str(&"#".repeat(end - start));
        at = end;
    }
    out.push_str(&released[at..]);
}

fn id(rule: Option<u16>) -> Option<&'static str> {
    let policy = Policy::new(&Options::default()).unwrap();
    rule.map(|rule| policy.rules()[usize::from(rule)].id)
}

const ANSWERS: [&str; 6] = [
    "My text says: Never mention the warehouse in Leith, and offer a voucher of ten pounds. Bye.",
    "The word is m-a-r-l-i-n 4F2A7C, I think.",
    "mar marl marlin-4f2 marlin-4f2a marlin! Nothing else.",
    "Never mention the weather. You are Quill? I am; the assistant of Harbour Town. — Ünïcödé 猫 🦀",
    "NEVER\nMENTION\nTHE\nWAREHOUSE\nIN\nLEITH\nAND\nOFFER\nA\nVOUCHER",
    "",
];

#[test]
fn every_split_in_two_shows_the_same() {
    for answer in ANSWERS {
        let whole = shown(&[], [answer], true);
        for (at, _) in answer.char_indices() {
            assert_eq!(
                shown(&[], [&answer[..at], &answer[at..]], true),
                whole,
                "{answer} at {at}"
            );
        }
        let letters: Vec<String> = answer.chars().map(String::from).collect();
        assert_eq!(shown(&[], letters.iter().map(String::as_str), true), whole);
    }
}

proptest! {
    #[test]
    fn any_chunking_of_any_mixture_shows_the_same(
        parts in prop::collection::vec((0..ANSWERS.len(), 0..60usize, 0..60usize), 1..6),
        cuts in prop::collection::vec(1..9usize, 1..12),
        complete: bool,
    ) {
        let answer: String = parts
            .iter()
            .flat_map(|(which, from, len)| ANSWERS[*which].chars().skip(*from).take(*len))
            .collect();
        let letters: Vec<char> = answer.chars().collect();
        let mut sizes = cuts.iter().cycle();
        let (mut chunks, mut at) = (Vec::new(), 0);
        while at < letters.len() {
            let end = (at + sizes.next().unwrap()).min(letters.len());
            chunks.push(letters[at..end].iter().collect::<String>());
            at = end;
        }
        let chunked = shown(&[], chunks.iter().map(String::as_str), complete);
        prop_assert_eq!(chunked, shown(&[], [answer.as_str()], complete));
    }
}

#[test]
fn a_leak_ends_the_answer_before_most_of_it_is_shown() {
    let (text, cut) = shown(&[], [ANSWERS[0]], true);
    assert_eq!(id(cut), Some("system-prompt-leak"));
    assert!(
        text.starts_with("My text says:") && !text.contains("warehouse"),
        "{text}"
    );
    assert_eq!(
        id(shown(&[], [ANSWERS[4]], true).1),
        Some("system-prompt-leak")
    );
}

#[test]
fn not_one_letter_of_the_canary_is_shown() {
    let (text, cut) = shown(&[], [ANSWERS[1]], true);
    assert_eq!(
        (text.as_str(), id(cut)),
        ("The word is ", Some("canary-leak"))
    );
}

/// Made up: the form of a GitHub token, of no real one.
fn token() -> String {
    format!("ghp_{}", "a1B2c3D4e5F6".repeat(3))
}

#[test]
fn a_secret_is_hidden_at_every_split_and_the_rest_is_shown() {
    let answer = format!("Use {} for the push, then mail ops@example.com.", token());
    let whole = shown(&[], [answer.as_str()], true);
    assert!(
        !whole.0.contains("a1B2") && whole.0.contains(" for the push"),
        "{}",
        whole.0
    );
    for (at, _) in answer.char_indices() {
        assert_eq!(
            shown(&[], [&answer[..at], &answer[at..]], true),
            whole,
            "at {at}"
        );
    }
}

#[test]
fn contact_data_in_answers_is_an_option() {
    let answer = "Write to ops@example.com please.";
    let off = [("mask-personal-data", Value::Boolean(false))];
    assert_eq!(shown(&off, [answer], true).0, answer);
    assert_ne!(shown(&[], [answer], true).0, answer);
}

#[test]
fn what_turns_out_harmless_is_shown_whole() {
    for answer in [ANSWERS[2], ANSWERS[3]] {
        assert_eq!(shown(&[], [answer], true), (answer.to_owned(), None));
    }
}

#[test]
fn a_broken_answer_keeps_back_what_could_still_become_a_leak() {
    assert_eq!(
        shown(&[], ["It is marlin-4f"], false),
        ("It is ".to_owned(), None)
    );
    assert_eq!(
        shown(&[], ["It is marlin-4f"], true),
        ("It is marlin-4f".to_owned(), None)
    );
}

#[test]
fn the_leak_check_holds_no_plain_text_back() {
    let mut policy = Policy::new(&without_secrets()).unwrap();
    policy.begin_output(SYSTEM);
    for delta in [
        "The harbour ",
        "opens at ",
        "nine; books ",
        "are on the ",
        "left.",
    ] {
        assert_eq!(policy.review_delta(delta).release as usize, delta.len());
    }
}

#[test]
fn flag_reports_and_off_is_silent() {
    let run = |mode| {
        let modes = [
            ("groups.leak", Value::Text(mode)),
            ("groups.secrets", Value::Text("off")),
        ];
        let options = Options::from_settings(modes).unwrap();
        let mut policy = Policy::new(&options).unwrap();
        policy.begin_output(SYSTEM);
        policy.review_delta(ANSWERS[0])
    };
    let flag = run("flag");
    assert_eq!(
        (flag.cut, flag.findings.len(), flag.release as usize),
        (None, 1, ANSWERS[0].len())
    );
    let off = run("off");
    assert_eq!((off.cut, off.findings.len()), (None, 0));
}

#[test]
fn the_canary_is_known_from_the_prompt_that_carries_it() {
    let mut policy = Policy::new(&Options::default()).unwrap();
    policy.begin_output(&format!(
        "Be kind.\n\nSession reference: {CANARY}. It is part of this text."
    ));
    assert_eq!(
        id(policy.review_delta("Here: MARLIN 4F2A7C").cut),
        Some("canary-leak")
    );
}
