//! The review of a stream: what is shown, however it was cut, and what a failing policy does to it.

use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{FaultCause, HOLD_OVERFLOW, Nonsense, OutputReview, PolicyTurn};
use proptest::prelude::*;

use crate::support::turn;

fn review(turn: &mut PolicyTurn) -> OutputReview {
    turn.output(Channel::Answer).unwrap()
}

/// Reviews deltas as a complete answer: what is shown, and the rule that cut it.
fn show<'a>(
    policies: usize,
    deltas: impl IntoIterator<Item = &'a str>,
) -> (String, Option<String>) {
    let mut review = review(&mut turn(policies));
    let mut text = String::new();
    for delta in deltas {
        let shown = review.push(delta).unwrap();
        text += &shown.text;
        if let Some(cut) = shown.cut {
            return (text, Some(cut.rule));
        }
    }
    let shown = review.end(true).unwrap();
    (text + &shown.text, shown.cut.map(|cut| cut.rule))
}

fn fails_closed(delta: &str, expected: FaultCause) {
    let mut failing = review(&mut turn(1));
    assert_eq!(failing.push("fine SEC").unwrap().text, "fine ");
    let fault = failing.push(delta).unwrap_err();
    assert_eq!(fault.cause, expected, "{delta}");
    assert_eq!(
        failing.end(false),
        Err(fault),
        "what was held must not come out"
    );
    assert_eq!(show(1, ["works"]), ("works".to_owned(), None));
}

#[test]
fn nonsensical_steps_end_the_answer_and_drop_what_is_held() {
    let invalid = FaultCause::Invalid;
    fails_closed("hostile:release-beyond", invalid(Nonsense::Release));
    fails_closed(
        "hostile:span-outside-release",
        invalid(Nonsense::OutOfRange),
    );
    fails_closed("ñ hostile:off-boundary", invalid(Nonsense::OffBoundary));
    fails_closed("hostile:cut-index", invalid(Nonsense::Index));
}

#[test]
fn an_endless_loop_in_a_delta_is_cut() {
    let mut failing = review(&mut turn(1));
    failing.push("warm").unwrap();
    let fault = failing.push("hostile:loop").unwrap_err();
    assert!(
        matches!(fault.cause, FaultCause::ProcessorTime { .. }),
        "{fault}"
    );
}

#[test]
fn an_end_that_leaves_a_tail_is_a_fault_and_the_tail_is_not_shown() {
    let mut hoarding = review(&mut turn(1));
    hoarding.push("hostile:hoard keep-tail").unwrap();
    let fault = hoarding.end(true).unwrap_err();
    assert_eq!(fault.cause, FaultCause::Invalid(Nonsense::Unreleased));
}

#[test]
fn a_slow_drip_into_the_held_back_part_cuts_the_answer() {
    let mut review = review(&mut turn(1));
    review.push("hostile:hoard").unwrap();
    let cut = (0..1_000)
        .find_map(|_| review.push("drip drop ").unwrap().cut)
        .unwrap();
    assert_eq!(cut.rule, HOLD_OVERFLOW);
    assert_eq!(
        review.push("more").unwrap().text,
        "",
        "nothing follows a cut"
    );
}

#[test]
fn a_slow_drip_into_memory_ends_at_the_limit() {
    let mut review = review(&mut turn(1));
    let fault = (0..100)
        .find_map(|_| review.push("hostile:leak").err())
        .unwrap();
    assert!(matches!(fault.cause, FaultCause::Memory { .. }), "{fault}");
}

#[test]
fn an_incomplete_answer_drops_what_could_become_a_match() {
    let mut cancelled = review(&mut turn(1));
    assert_eq!(cancelled.push("a SECR").unwrap().text, "a ");
    assert_eq!(cancelled.end(false).unwrap().text, "");
    assert_eq!(show(1, ["a SECR"]).0, "a SECR");
}

#[test]
fn a_secret_split_at_every_position_is_masked() {
    let text = "one SECRET two {three} four";
    let expected = "one [redacted:secret] two [redacted:braces] four";
    for at in 0..text.len() {
        let (first, second) = text.split_at(at);
        assert_eq!(show(2, [first, second]).0, expected, "split at {at}");
    }
}

#[test]
fn a_further_channel_has_instances_of_its_own() {
    let mut turn = turn(1);
    turn.review_prompt(&[], "hello").unwrap();
    let mut answer = turn.output(Channel::Answer).unwrap();
    let mut reasoning = turn.output(Channel::Reasoning).unwrap();
    assert_eq!(answer.push("a SEC").unwrap().text, "a ");
    assert_eq!(reasoning.push("RET").unwrap().text, "RET");
    assert_eq!(answer.push("RET").unwrap().text, "[redacted:secret]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_re_chunking_shows_the_same(
        words in prop::collection::vec(
            prop::sample::select(vec!["SECRET", "SEC", "{", "}", "ñ€🙂", " plain ", "STOP", "STOPNOW", "S"]),
            0..24,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        policies in 1_usize..3,
    ) {
        let text = words.concat();
        let mut at: Vec<usize> = cuts
            .iter()
            .map(|cut| text.floor_char_boundary(cut.index(text.len() + 1)))
            .collect();
        at.push(text.len());
        at.sort_unstable();
        let mut from = 0;
        let deltas: Vec<&str> = at.iter().map(|&to| &text[std::mem::replace(&mut from, to)..to]).collect();
        prop_assert_eq!(show(policies, deltas), show(policies, [text.as_str()]));
    }
}
