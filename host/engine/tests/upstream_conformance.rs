//! The conformance list over real HTTP, at the client: no false success, and nothing lost that had arrived.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod upstream_support;

use mini_llm_chat_engine::upstream::{Client, FinishReason, Retries, Settings, Timeouts};
use mock_openai::conformance::{self, End, Finish, Kept, Scenario, Wait};
use mock_openai::{Fault, MockServer, PLANTED_KEY, Script};
use tokio::task::JoinSet;
use upstream_support::{KEY, NEVER, Outcome, PATIENT, SOON, ask, settings};

const PLAIN: &str = "**Hello** from the mock: naïve café, 你好, 👩‍👩‍👧.\n\n- one\n- two\n\n`done`";

/// Short only where the fault is silence: a busy machine must not fail the others.
fn timeouts(waits: Option<Wait>) -> Timeouts {
    match waits {
        Some(Wait::FirstByte) => Timeouts {
            first_byte: SOON * 40,
            ..PATIENT
        },
        Some(Wait::Between) => Timeouts {
            between: SOON * 40,
            ..PATIENT
        },
        Some(Wait::AfterFinish) => Timeouts {
            after_finish: SOON,
            ..PATIENT
        },
        Some(Wait::Total) => Timeouts {
            total: SOON * 40,
            ..PATIENT
        },
        None => PATIENT,
    }
}

async fn run(scenario: &Scenario) -> (MockServer, Outcome) {
    let server = MockServer::start(Script::fault(scenario.fault))
        .await
        .unwrap();
    let client = Client::new(Settings {
        timeouts: timeouts(scenario.waits),
        retries: Retries::STANDARD,
        ..settings(&server)
    })
    .unwrap();
    let outcome = tokio::time::timeout(NEVER, ask(&client, "hello"))
        .await
        .unwrap();
    (server, outcome)
}

/// All scenarios beside each other: most of their time is waiting.
async fn run_all() -> Vec<(&'static Scenario, MockServer, Outcome)> {
    let running: JoinSet<_> = conformance::scenarios()
        .map(|scenario| async move {
            let (server, outcome) = run(scenario).await;
            (scenario, server, outcome)
        })
        .collect();
    running.join_all().await
}

fn reason(finish: Finish) -> FinishReason {
    match finish {
        Finish::Stop => FinishReason::Stop,
        Finish::Length => FinishReason::Length,
        Finish::Filter => FinishReason::ContentFilter,
        Finish::Tools => FinishReason::ToolCalls,
        Finish::Other => FinishReason::Other("flagged".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_of_the_conformance_list_ends_as_it_says() {
    let mut wrong = Vec::new();
    for (scenario, server, outcome) in run_all().await {
        let requests = server.requests().len();
        let ended = match (scenario.end, &outcome.end) {
            (End::Complete(finish), Ok(end)) => reason(finish) == *end,
            (End::Fails(code), Err(error)) => {
                error.class().exit_code() == code
                    && (scenario.kept == Kept::Partial) != outcome.answer.is_empty()
            }
            _ => false,
        };
        if !ended || requests != scenario.requests {
            wrong.push(format!(
                "{}: {requests} requests, {outcome:?}",
                scenario.fault
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_complete_is_whole_and_what_is_partial_is_its_beginning() {
    for (scenario, _server, outcome) in run_all().await {
        let fault = scenario.fault;
        if let End::Fails(_) = scenario.end {
            assert!(PLAIN.starts_with(&outcome.answer), "{fault}: {outcome:?}");
            continue;
        }
        match fault {
            Fault::Refusal => assert_eq!((&*outcome.refusal, &*outcome.answer), (PLAIN, "")),
            Fault::RefusalAfterText => {
                assert!(!outcome.answer.is_empty() && !outcome.refusal.is_empty());
                assert_eq!(outcome.answer + &outcome.refusal, PLAIN);
            }
            Fault::ToolCalls
            | Fault::FunctionCall
            | Fault::EmptyAnswer
            | Fault::ReasoningToTheLimit => assert_eq!(outcome.answer, "", "{fault}"),
            // What was withheld is the turn's business, not the client's.
            Fault::LengthInWord => assert_eq!(outcome.answer, "only-word"),
            Fault::LineSeparatorInData => {
                assert_eq!(outcome.answer, format!("{PLAIN}\u{2028}after\u{85}end"));
            }
            Fault::NotUtf8 => assert_eq!(outcome.answer.replacen("\u{fffd} ", "", 1), PLAIN),
            Fault::LargeEvent => assert!(outcome.answer.len() > 200_000),
            Fault::ControlsInText => assert!(outcome.answer.contains('\u{1b}')),
            _ => assert_eq!(outcome.answer, PLAIN, "{fault}"),
        }
        let thought = match fault {
            Fault::Reasoning
            | Fault::ReasoningContent
            | Fault::ThinkingParts
            | Fault::ReasoningToTheLimit => "Let me think.".to_owned(),
            Fault::ThinkingBetween => "Hm. ".repeat(PLAIN.split_inclusive(' ').count()),
            _ => String::new(),
        };
        assert_eq!(outcome.reasoning, thought, "{fault}");
        assert_eq!(outcome.usage.is_none(), fault == Fault::NoUsage, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_who_failed_and_show_neither_a_key_nor_foreign_text() {
    for (scenario, server, outcome) in run_all().await {
        let fault = scenario.fault;
        let Err(error) = outcome.end else { continue };
        let message = error.to_string();
        let who = format!("http://{}", server.address());
        assert!(
            message.contains(&who) && message.contains(scenario.says),
            "{fault}: {message}"
        );
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(
            !shown.contains(KEY) && !shown.contains(PLANTED_KEY),
            "{fault}: {shown}"
        );
        assert!(!message.chars().any(char::is_control), "{fault}: {shown}");
        for foreign in [
            "overload ",
            "forged",
            "Bad gateway",
            "Incorrect API key",
            "/v1/elsewhere",
        ] {
            assert!(!shown.contains(foreign), "{fault}: {shown}");
        }
        if let Some(detail) = error.detail() {
            assert!(!detail.foreign().contains(KEY), "{fault}");
            assert!(
                detail.foreign().len() < 700,
                "{fault}: {}",
                detail.foreign().len()
            );
        }
    }
}

#[tokio::test]
async fn a_redirect_is_named_in_the_detail() {
    let redirect = |one: &&Scenario| one.fault == Fault::Redirect;
    let (_server, outcome) = run(conformance::scenarios().find(redirect).unwrap()).await;
    assert_eq!(
        outcome.end.unwrap_err().detail().unwrap().foreign(),
        "/v1/elsewhere"
    );
}
