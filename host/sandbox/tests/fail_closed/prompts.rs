//! A policy that fails refuses the prompt, and the next turn works.

use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{Decision, FaultCause, Nonsense, PolicyTurn};

use crate::support::{caller, policies, turn};

fn fails_closed(how: &str, expected: impl Fn(FaultCause) -> bool) {
    let mut failing = turn(1);
    let fault = failing
        .review_prompt(&[], &format!("hostile:{how}"))
        .unwrap_err();
    assert!(expected(fault.cause), "{how}: {:?}", fault.cause);
    assert!(
        !format!("{fault} {fault:?}").contains("hostile:"),
        "{fault}"
    );
    assert!(
        failing.output(Channel::Answer).is_err(),
        "a failed turn goes on"
    );
    let review = turn(1).review_prompt(&[], "hello").unwrap();
    assert_eq!(review.decision, Decision::Allow);
}

#[test]
fn a_loop_a_panic_and_a_log_flood_refuse_the_prompt() {
    fails_closed("loop", |cause| {
        matches!(cause, FaultCause::ProcessorTime { .. })
    });
    fails_closed("panic", |cause| cause == FaultCause::Crash);
    fails_closed("log-flood", |cause| {
        matches!(cause, FaultCause::HostCalls { .. })
    });
    fails_closed("log-huge", |cause| {
        matches!(cause, FaultCause::HostData { .. })
    });
}

#[test]
fn a_nonsensical_judgement_refuses_the_prompt() {
    fails_closed("rule", |cause| {
        cause == FaultCause::Invalid(Nonsense::Index)
    });
    fails_closed("kind", |cause| {
        cause == FaultCause::Invalid(Nonsense::Index)
    });
    fails_closed("range", |cause| {
        cause == FaultCause::Invalid(Nonsense::OutOfRange)
    });
    fails_closed("score", |cause| {
        cause == FaultCause::Invalid(Nonsense::Score)
    });
}

#[test]
fn a_system_prompt_that_is_too_long_or_never_comes_ends_the_turn() {
    for (who, expected) in [
        ("hostile:long", "system prompt is longer than 16 KiB"),
        ("hostile:loop", "ms of processor time"),
    ] {
        let begun = PolicyTurn::begin(&policies(1), &caller(who), "canary");
        let said = begun.err().unwrap().to_string();
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(turn(1).system_prompt(), "Be kind.");
}

#[test]
fn any_deny_denies_and_every_policy_sees_the_original() {
    let mut turn = turn(2);
    assert_eq!(turn.system_prompt(), "Be kind.\n\nBe kind.");
    let review = turn.review_prompt(&[], "a FORBIDDEN SECRET").unwrap();
    assert!(matches!(&review.decision, Decision::Deny { rule, .. } if rule == "forbidden"));
    assert_eq!(review.judgements.len(), 2);
    assert_eq!(
        review.judgements[0].findings,
        [("forbidden".to_owned(), 10)]
    );
}

#[test]
fn masks_hide_parts_of_the_prompt() {
    let review = turn(2).review_prompt(&[], "my SECRET word").unwrap();
    let Decision::Mask { text, kinds } = review.decision else {
        panic!("not masked");
    };
    assert_eq!(
        (text.as_str(), kinds),
        ("my [redacted:secret] word", vec!["secret".to_owned()])
    );
}

#[test]
fn history_beyond_the_limit_is_refused_before_the_call() {
    let fault = turn(1)
        .review_prompt(&[], &"x".repeat(300 << 10))
        .unwrap_err();
    assert!(matches!(fault.cause, FaultCause::History { .. }));
}
