//! Answer, reasoning and refusal in one answer: each is whole where it is shown, and what is shown is what is stored.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/plugins.rs"]
mod plugins;
mod support;

use mock_openai::{Fault, MockServer, PLANTED_KEY, Script, Split};
use plugins::{directory, hostile};
use support::Home;

const TEXT: &str = "**Hello** from the mock: naïve café, 你好, 👩‍👩‍👧.\n\n- one\n- two\n\n`done`";
const MARK: &str = "[redacted:openai-api-key]";

async fn server(text: &str, fault: Fault) -> MockServer {
    let mut script = Script::answer(text);
    script.fault = Some(fault);
    MockServer::start(script).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_is_shown_to_its_end_before_the_answer_begins() {
    for fault in [
        Fault::Reasoning,
        Fault::ReasoningContent,
        Fault::ThinkingParts,
    ] {
        let server = server(TEXT, fault).await;
        let run = Home::new().chat(&server, &["hello"]);
        let shown = format!("AI: \n(thinking) Let me think.\n{TEXT}\n");
        assert_eq!(
            (run.code, run.out.as_str(), run.err.as_str()),
            (Some(0), shown.as_str(), ""),
            "{fault}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_between_the_words_of_an_answer_costs_a_bounded_number_of_reviews() {
    let words: String = (1..=100).map(|n| format!("word{n} ")).collect();
    let server = server(&words, Fault::ThinkingBetween).await;
    let home = Home::new();
    let run = home.chat(&server, &["hello"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(run.out.matches("Hm.").count(), 100, "{}", run.out);
    let stored = home.stored().await;
    assert_eq!(
        (stored[1].content.as_str(), stored[1].partial),
        (&*words, false)
    );
    let events = home.events();
    let ended = events.iter().find(|event| event["event"] == "turn-ended");
    let reviews = ended.unwrap()["judgements"].as_array().unwrap().len();
    // Sixteen that ended, the answer's, and the last one of the reasoning.
    assert_eq!(reviews, 18, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_in_the_middle_of_a_secret_of_the_answer_does_not_hide_it() {
    let mut script = Script::answer(format!("Use {PLANTED_KEY} now.")).split(Split::Chars(4));
    script.fault = Some(Fault::ThinkingBetween);
    let server = MockServer::start(script).await.unwrap();
    let home = Home::new();
    let run = home.chat(&server, &["hello"]);
    let stored = home.stored().await;
    assert_eq!(stored[1].content, format!("Use {MARK} now."), "{run:?}");
    assert!(!run.out.contains(&PLANTED_KEY[8..16]), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_some_text_is_stored_and_told_and_never_cached() {
    let server = server(TEXT, Fault::RefusalAfterText).await;
    let home = Home::new();
    let run = home.chat(&server, &["hello", "/clear", "hello"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let (said, refused) = TEXT.split_at(TEXT.find("mock").unwrap());
    let shown = format!("AI: {said}\n(the model refuses) {refused}\n");
    assert_eq!(run.out.matches(&shown).count(), 2, "{}", run.out);
    assert_eq!(
        run.err.matches("the model refused to answer").count(),
        2,
        "{run:?}"
    );
    assert_eq!(server.requests().len(), 2);
    let stored = home.stored().await;
    assert_eq!(
        (stored[1].content.as_str(), stored[1].partial),
        (&*format!("{said}\n{refused}"), false)
    );
}

/// A policy that held all of the reasoning back has its last word on it before anything of the answer is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_or_a_fault_at_the_end_of_the_reasoning_ends_the_answer() {
    for (thought, why) in [
        ("hostile:hoard then STOPNOW", "The rule stop says no."),
        ("hostile:hoard then keep-tail", "failed in `review-end`"),
    ] {
        let server = MockServer::start(Script::answer(TEXT).thinking(thought))
            .await
            .unwrap();
        let home = Home::new();
        let dir = directory(
            home.path(),
            &[("hostile-policy.wasm", hostile("hostile-policy"))],
        );
        let url = server.base_url();
        let options = ["--base-url", &url, "--plugin-dir", dir.to_str().unwrap()];
        let run = home.pipe(&options, b"hello\n");
        assert_eq!(run.code, Some(0), "{run:?}");
        let cut = run
            .err
            .lines()
            .find(|line| line.contains("the answer was cut"));
        assert!(cut.is_some_and(|line| line.contains(why)), "{run:?}");
        assert!(!run.out.contains("Hello"), "{run:?}");
        assert!(home.stored().await.is_empty(), "{run:?}");
    }
}
