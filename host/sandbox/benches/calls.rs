//! What a call into a plugin costs. `cargo bench -p mini-llm-chat-sandbox`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on must fail"
)]
#![allow(dead_code, reason = "shared with the tests")]

use divan::Bencher;
use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{PolicyTurn, Text};

#[path = "../tests/fail_closed/support.rs"]
mod support;

fn main() {
    divan::main();
}

/// The floor: one call with an empty batch.
#[divan::bench]
fn empty_redactor_call(bencher: Bencher<'_, '_>) {
    let mut redactor = support::warm_redactor();
    bencher.bench_local(|| redactor.warm());
}

/// A full batch of log lines.
#[divan::bench]
fn redact_64_lines(bencher: Bencher<'_, '_>) {
    let mut redactor = support::warm_redactor();
    let line = "2030-01-01 INFO request served in 12 ms for user 1234 by worker 7 ".repeat(3);
    let texts: Vec<Text<'_>> = (0..64)
        .map(|source| Text {
            source,
            content: &line,
        })
        .collect();
    bencher.bench_local(|| redactor.redact(&texts));
}

/// What a turn pays before the prompt can be sent.
#[divan::bench]
fn fresh_policy_with_first_review(bencher: Bencher<'_, '_>) {
    let policies = support::policies(1);
    let caller = support::caller("someone");
    bencher.bench_local(|| {
        let mut turn = PolicyTurn::begin(&policies, &caller, "canary").unwrap();
        turn.review_prompt(&[], "What is the capital of France?")
            .unwrap()
    });
}

/// What each piece of an answer pays.
#[divan::bench]
fn review_one_delta(bencher: Bencher<'_, '_>) {
    let mut review = support::turn(1).output(Channel::Answer).unwrap();
    bencher.bench_local(|| review.push(" token").unwrap());
}
