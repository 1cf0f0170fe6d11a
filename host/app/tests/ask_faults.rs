//! `ask` against every scripted fault: exit code, what is said, and what is kept.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use mini_llm_chat_engine::storage::Author;
use mini_llm_chat_sandbox::printable;
use mock_openai::{Fault, MockServer, PLANTED_KEY, Script};
use support::{Home, KEY, Run, closed_port};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What is in storage afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    /// What was shown, marked as partial.
    Partial,
    Whole,
}

use Kept::{Nothing, Partial, Whole};

/// Exit code, what is kept, and words that standard error must hold.
fn expected(fault: Fault) -> (i32, Kept, &'static str) {
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
        | Fault::ControlsInText => (0, Whole, ""),
        Fault::Length => (0, Whole, "token limit"),
        Fault::ContentFilter => (0, Whole, "content filter"),
        // An answer without text would be sent as an empty message ever after.
        Fault::ToolCalls => (0, Nothing, "the answer has no text"),
        Fault::NoFinishReason | Fault::EndMidStream => (69, Partial, "without a finish reason"),
        Fault::CutMidStream => (69, Partial, "the connection broke"),
        Fault::ErrorData | Fault::ErrorEvent | Fault::ErrorBesideChoices => (69, Partial, "failed"),
        Fault::StallMidStream => (69, Partial, "stopped in the middle"),
        Fault::KeepAlivesOnly => (69, Partial, "did not finish"),
        Fault::GarbageData | Fault::WrongJson | Fault::EndlessEvent => (76, Partial, "sent"),
        Fault::CutBeforeFirstDelta | Fault::EmptyBody => (69, Nothing, "is not complete"),
        Fault::JsonErrorWith200 | Fault::JsonErrorAsStream => (69, Nothing, "failed"),
        Fault::StallBeforeHeaders => (69, Nothing, "did not begin to answer"),
        Fault::StallBeforeFirstDelta => (69, Nothing, "stopped in the middle"),
        Fault::HtmlWith200 | Fault::HtmlAsStream => (76, Nothing, "sent"),
        Fault::CloseWithoutResponse => (69, Nothing, "cannot reach"),
        Fault::RequestTimeout
        | Fault::Conflict
        | Fault::InternalError
        | Fault::BadGateway
        | Fault::Overloaded
        | Fault::GatewayTimeout
        | Fault::SecretsInError
        | Fault::HugeError => (69, Nothing, "failed (HTTP"),
        Fault::ContextLength
        | Fault::UnsupportedParameter
        | Fault::TooLarge
        | Fault::Unprocessable
        | Fault::ControlsInError => (65, Nothing, "rejects the request"),
        Fault::Unauthorized | Fault::Forbidden => (77, Nothing, "--api-key"),
        Fault::PaymentRequired | Fault::InsufficientQuota => (75, Nothing, "no quota left"),
        Fault::RateLimitSeconds | Fault::RateLimitMilliseconds | Fault::RateLimitDate => {
            (75, Nothing, "limits requests")
        }
        Fault::ModelNotFound => (78, Nothing, "--model"),
        Fault::Redirect => (78, Nothing, "--base-url"),
    }
}

/// Short only where the fault is silence.
fn timeouts(fault: Fault) -> &'static str {
    match fault {
        Fault::StallBeforeHeaders => "[timeouts]\nfirst_byte = 1\n",
        Fault::StallBeforeFirstDelta | Fault::StallMidStream => "[timeouts]\nidle = 1\n",
        Fault::KeepAlivesOnly => "[timeouts]\ntotal = 2\n",
        _ => "",
    }
}

/// More processes at once would only wait for each other.
static PROCESSES: Semaphore = Semaphore::const_new(8);

async fn run(fault: Fault) -> (Home, Run) {
    let _one = PROCESSES.acquire().await.unwrap();
    let server = MockServer::start(Script::fault(fault)).await.unwrap();
    let home = Home::new();
    home.config(timeouts(fault));
    let url = server.base_url();
    let (home, run) = tokio::task::spawn_blocking(move || {
        let run = home.run(&["ask", "--base-url", &url, "hello"]);
        (home, run)
    })
    .await
    .unwrap();
    (home, run)
}

fn is_one_clear_line(error: &str) -> bool {
    error.lines().count() == 1 && is_clear(error)
}

fn is_clear(error: &str) -> bool {
    let mut characters = error.chars();
    characters.all(|character| character == '\n' || printable::is_safe(character))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_has_its_exit_code_its_words_and_keeps_what_was_shown() {
    // Some faults are silence: they wait beside each other.
    let mut running: JoinSet<_> = Fault::ALL.iter().copied().map(differs).collect();
    let mut wrong = Vec::new();
    while let Some(differs) = running.join_next().await {
        wrong.extend(differs.unwrap());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// In what a run with this fault is not as expected.
async fn differs(fault: Fault) -> Option<String> {
    let (code, kept, words) = expected(fault);
    let (home, run) = run(fault).await;
    let stored = home.stored().await;
    let as_kept = match (kept, stored.as_slice()) {
        (Nothing, []) => run.out.is_empty(),
        (Partial | Whole, [prompt, answer]) => {
            let shown = run.out.trim_end_matches('\n');
            prompt.author == Author::User
                && prompt.content == "hello"
                && answer.partial == (kept == Partial)
                && printable::block(answer.content.trim_end_matches('\n')) == shown
        }
        _ => false,
    };
    let said = words.is_empty() && run.err.is_empty()
        || !words.is_empty()
            && run.err.contains(words)
            && (is_one_clear_line(&run.err) || code == 0 && is_clear(&run.err));
    let differs = run.code != Some(code) || !as_kept || !said;
    differs
        .then(|| format!("{fault}: wanted {code} {kept:?} {words:?}: {run:?}, stored {stored:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_an_error_are_in_no_file_and_not_on_the_screen() {
    let (home, run) = run(Fault::SecretsInError).await;
    assert!(
        !run.err.contains(PLANTED_KEY) && !run.err.contains(KEY),
        "{}",
        run.err
    );
    for secret in [PLANTED_KEY, KEY] {
        assert!(
            home.files_with(secret).is_empty(),
            "{:?}",
            home.files_with(secret)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_of_a_server_never_reach_the_terminal() {
    for fault in [Fault::ControlsInText, Fault::ControlsInError] {
        let (_, run) = run(fault).await;
        let raw = |text: &str| {
            text.chars()
                .any(|c| c.is_control() && c != '\n' && c != '\t')
        };
        assert!(!raw(&run.out) && !raw(&run.err), "{fault}: {run:?}");
    }
}

#[test]
fn an_unreachable_server_is_69_and_says_where() {
    let home = Home::new();
    let url = closed_port();
    let run = home.run(&["ask", "--base-url", &url, "hello"]);
    assert_eq!(run.code, Some(69), "{run:?}");
    assert!(
        run.err.contains(&url) && is_one_clear_line(&run.err),
        "{run:?}"
    );
}
