//! Every scripted fault of the mock over real HTTP: none is a false success, none loses what had arrived.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod upstream_support;

use mini_llm_chat_engine::upstream::{Class, Client, FinishReason, Settings, Timeouts};
use mock_openai::{Fault, MockServer, PLANTED_KEY, Script};
use upstream_support::{KEY, NEVER, Outcome, PATIENT, SOON, ask, settings};

const PLAIN: &str = "**Hello** from the mock: naïve café, 你好, 👩‍👩‍👧.\n\n- one\n- two\n\n`done`";

enum Expected {
    /// The answer with this finish reason.
    Complete(FinishReason),
    /// An error of this class after this many requests; partial: some of the answer had arrived.
    Fails {
        class: Class,
        requests: usize,
        partial: bool,
    },
}

use Expected::{Complete, Fails};

const fn refused(class: Class) -> Expected {
    Fails {
        class,
        requests: 1,
        partial: false,
    }
}

const fn retried() -> Expected {
    Fails {
        class: Class::Unavailable,
        requests: 3,
        partial: false,
    }
}

const fn partial(class: Class) -> Expected {
    Fails {
        class,
        requests: 1,
        partial: true,
    }
}

/// No wildcard: a new fault of the mock does not compile before it has its line here.
fn expected(fault: Fault) -> Expected {
    match fault {
        Fault::CrLines
        | Fault::CrLfLines
        | Fault::Comments
        | Fault::NoSpaceAfterColon
        | Fault::SeveralDataLines
        | Fault::SplitEveryByte
        | Fault::LineSeparatorInData
        | Fault::ByteOrderMark
        | Fault::UnknownFields
        | Fault::NoFinalBlankLine
        | Fault::LargeEvent
        | Fault::Gzip
        | Fault::NullContent
        | Fault::EmptyChoices
        | Fault::AzureFirstChunk
        | Fault::ChunksAfterUsage
        | Fault::PaddingFields
        | Fault::SecondChoice
        | Fault::NoUsage
        | Fault::ReasoningContent
        | Fault::Reasoning
        | Fault::Refusal
        | Fault::VendorFinish
        | Fault::CompleteJson
        | Fault::NoDone
        | Fault::StallAfterFinish
        | Fault::ControlsInText => Complete(FinishReason::Stop),
        Fault::Length => Complete(FinishReason::Length),
        Fault::ContentFilter => Complete(FinishReason::ContentFilter),
        Fault::ToolCalls => Complete(FinishReason::ToolCalls),

        Fault::NoFinishReason
        | Fault::EndMidStream
        | Fault::CutMidStream
        | Fault::ErrorData
        | Fault::ErrorEvent
        | Fault::ErrorBesideChoices
        | Fault::StallMidStream
        | Fault::KeepAlivesOnly => partial(Class::Unavailable),
        Fault::GarbageData | Fault::WrongJson | Fault::EndlessEvent => partial(Class::Garbage),

        Fault::CutBeforeFirstDelta
        | Fault::EmptyBody
        | Fault::JsonErrorWith200
        | Fault::JsonErrorAsStream
        | Fault::StallBeforeHeaders
        | Fault::StallBeforeFirstDelta => refused(Class::Unavailable),
        Fault::HtmlWith200 | Fault::HtmlAsStream => refused(Class::Garbage),

        Fault::CloseWithoutResponse
        | Fault::RequestTimeout
        | Fault::Conflict
        | Fault::InternalError
        | Fault::BadGateway
        | Fault::Overloaded
        | Fault::GatewayTimeout
        | Fault::SecretsInError
        | Fault::HugeError => retried(),

        Fault::ContextLength
        | Fault::UnsupportedParameter
        | Fault::TooLarge
        | Fault::Unprocessable
        | Fault::ControlsInError => refused(Class::Rejected),
        Fault::Unauthorized | Fault::Forbidden => refused(Class::Auth),
        Fault::PaymentRequired
        | Fault::InsufficientQuota
        // These ask for a longer wait than the test's settings allow.
        | Fault::RateLimitSeconds
        | Fault::RateLimitMilliseconds
        | Fault::RateLimitDate => refused(Class::Limited),
        Fault::ModelNotFound | Fault::Redirect => refused(Class::Config),
    }
}

/// Short only where the fault is silence: a busy machine must not fail the others.
fn timeouts(fault: Fault) -> Timeouts {
    match fault {
        Fault::StallBeforeHeaders => Timeouts {
            first_byte: SOON,
            ..PATIENT
        },
        Fault::StallBeforeFirstDelta | Fault::StallMidStream => Timeouts {
            between: SOON * 5,
            ..PATIENT
        },
        Fault::StallAfterFinish => Timeouts {
            after_finish: SOON,
            ..PATIENT
        },
        Fault::KeepAlivesOnly => Timeouts {
            total: SOON * 10,
            ..PATIENT
        },
        _ => PATIENT,
    }
}

async fn run(fault: Fault) -> (MockServer, Outcome) {
    let server = MockServer::start(Script::fault(fault)).await.unwrap();
    let client = Client::new(Settings {
        timeouts: timeouts(fault),
        ..settings(&server)
    })
    .unwrap();
    let outcome = tokio::time::timeout(NEVER, ask(&client, "hello"))
        .await
        .unwrap();
    (server, outcome)
}

#[tokio::test]
async fn every_fault_ends_as_it_should() {
    let mut wrong = Vec::new();
    for fault in Fault::ALL {
        let (server, outcome) = run(*fault).await;
        let requests = server.requests().len();
        let right = match (expected(*fault), &outcome.end) {
            (Complete(reason), Ok(end)) => reason == *end && requests == 1,
            (
                Fails {
                    class,
                    requests: wanted,
                    partial,
                },
                Err(error),
            ) => {
                error.class() == class && requests == wanted && partial != outcome.answer.is_empty()
            }
            _ => false,
        };
        if !right {
            wrong.push(format!("{fault}: {requests} requests, {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_complete_is_whole() {
    for fault in Fault::ALL
        .iter()
        .filter(|fault| matches!(expected(**fault), Complete(_)))
    {
        let (_server, outcome) = run(*fault).await;
        match fault {
            Fault::Refusal => assert_eq!((&*outcome.refusal, &*outcome.answer), (PLAIN, "")),
            Fault::ToolCalls => assert_eq!(outcome.answer, ""),
            Fault::LineSeparatorInData => {
                assert_eq!(outcome.answer, format!("{PLAIN}\u{2028}after\u{85}end"))
            }
            Fault::LargeEvent => assert!(outcome.answer.len() > 200_000),
            Fault::ControlsInText => assert!(outcome.answer.contains('\u{1b}')),
            _ => assert_eq!(outcome.answer, PLAIN, "{fault}"),
        }
        let thinks = matches!(fault, Fault::Reasoning | Fault::ReasoningContent);
        assert_eq!(
            outcome.reasoning,
            if thinks { "Let me think." } else { "" },
            "{fault}"
        );
        assert_eq!(outcome.usage.is_none(), *fault == Fault::NoUsage, "{fault}");
    }
}

#[tokio::test]
async fn what_was_delivered_before_a_fault_is_the_beginning_of_the_answer() {
    for fault in Fault::ALL {
        if let Fails { partial: true, .. } = expected(*fault) {
            let (_server, outcome) = run(*fault).await;
            assert!(PLAIN.starts_with(&outcome.answer), "{fault}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn no_error_shows_a_key_or_foreign_text_by_itself() {
    for fault in Fault::ALL {
        let (_server, outcome) = run(*fault).await;
        let Err(error) = outcome.end else { continue };
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(
            !shown.contains(KEY) && !shown.contains(PLANTED_KEY),
            "{fault}: {shown}"
        );
        assert!(
            !error.to_string().chars().any(char::is_control),
            "{fault}: {shown}"
        );
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
async fn messages_say_who_failed_and_what_to_do() {
    for (fault, words) in [
        (
            Fault::ContextLength,
            "the conversation is too long for the model",
        ),
        (Fault::UnsupportedParameter, "--temperature"),
        (Fault::Unauthorized, "check --api-key or OPENAI_API_KEY"),
        (Fault::ModelNotFound, "check --model and --base-url"),
        (Fault::InsufficientQuota, "billing"),
        (Fault::RateLimitSeconds, "asks to wait 7 s"),
        (Fault::RateLimitMilliseconds, "asks to wait 2 s"),
        (Fault::RateLimitDate, "asks to wait"),
        (Fault::Overloaded, "failed (HTTP 503); try again later"),
        (Fault::HtmlWith200, "a web page instead of an answer"),
        (
            Fault::GarbageData,
            "something that is not a chat completion",
        ),
        (Fault::CutMidStream, "is not complete: the connection broke"),
        (Fault::EndMidStream, "without a finish reason"),
        (Fault::StallMidStream, "stopped in the middle of the answer"),
        (Fault::StallBeforeHeaders, "did not begin to answer in time"),
        (Fault::KeepAlivesOnly, "did not finish the answer in time"),
        (Fault::Redirect, "set --base-url to the final address"),
        (
            Fault::CloseWithoutResponse,
            "closes the connection without a response",
        ),
        (Fault::ErrorBesideChoices, "failed (HTTP 502)"),
    ] {
        let (server, outcome) = run(fault).await;
        let message = outcome.end.unwrap_err().to_string();
        assert!(message.contains(words), "{fault}: {message}");
        assert!(
            message.contains(&format!("http://{}", server.address())),
            "{fault}: {message}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, outcome) = run(Fault::Redirect).await;
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        outcome.end.unwrap_err().detail().unwrap().foreign(),
        "/v1/elsewhere"
    );
}
