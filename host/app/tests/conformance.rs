//! The conformance list, at the whole program: exit code, what is said, what is kept, how often was asked.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use mini_llm_chat_engine::storage::Author;
use mini_llm_chat_sandbox::printable;
use mock_openai::conformance::{self, Kept, Scenario, Wait};
use mock_openai::{Fault, MockServer, PLANTED_KEY, Script};
use support::{Home, KEY, Run, closed_port};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Short only where the fault is silence.
fn timeouts(waits: Option<Wait>) -> &'static str {
    match waits {
        Some(Wait::FirstByte) => "[timeouts]\nfirst_byte = 1\n",
        Some(Wait::Between) => "[timeouts]\nidle = 1\n",
        Some(Wait::Total) => "[timeouts]\ntotal = 2\n",
        // Its few seconds cannot be set.
        Some(Wait::AfterFinish) | None => "",
    }
}

/// More processes at once would only wait for each other.
static PROCESSES: Semaphore = Semaphore::const_new(8);

async fn run(fault: Fault) -> (Home, Run) {
    let scenario = conformance::scenarios().find(|one| one.fault == fault);
    let (home, run, _) = run_scenario(scenario.unwrap()).await;
    (home, run)
}

/// And how many requests the server saw.
async fn run_scenario(scenario: &Scenario) -> (Home, Run, usize) {
    let _one = PROCESSES.acquire().await.unwrap();
    let server = MockServer::start(Script::fault(scenario.fault))
        .await
        .unwrap();
    let home = Home::new();
    home.config(timeouts(scenario.waits));
    let url = server.base_url();
    let (home, run) = tokio::task::spawn_blocking(move || {
        let run = home.run(&["ask", "--base-url", &url, "hello"]);
        (home, run)
    })
    .await
    .unwrap();
    (home, run, server.requests().len())
}

fn is_one_clear_line(error: &str) -> bool {
    error.lines().count() == 1 && is_clear(error)
}

fn is_clear(error: &str) -> bool {
    let mut characters = error.chars();
    characters.all(|character| character == '\n' || printable::is_safe(character))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_of_the_conformance_list_is_as_it_says() {
    // Some faults are silence: they wait beside each other.
    let mut running: JoinSet<_> = conformance::scenarios().map(differs).collect();
    let mut wrong = Vec::new();
    while let Some(differs) = running.join_next().await {
        wrong.extend(differs.unwrap());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// In what a run of this scenario is not as expected.
async fn differs(scenario: &Scenario) -> Option<String> {
    let (home, run, requests) = run_scenario(scenario).await;
    let stored = home.stored().await;
    let as_kept = match (scenario.kept, stored.as_slice()) {
        (Kept::Nothing, []) => run.out.is_empty(),
        (Kept::Partial | Kept::Whole, [prompt, answer]) => {
            let shown = run.out.trim_end_matches('\n');
            prompt.author == Author::User
                && prompt.content == "hello"
                && answer.partial == (scenario.kept == Kept::Partial)
                && printable::block(answer.content.trim_end_matches('\n')) == shown
        }
        _ => false,
    };
    let said = scenario.says.is_empty() && run.err.is_empty()
        || !scenario.says.is_empty()
            && run.err.contains(scenario.says)
            && (is_one_clear_line(&run.err) || scenario.exit() == 0 && is_clear(&run.err));
    let code = Some(i32::from(scenario.exit()));
    let differs = run.code != code || !as_kept || !said || requests != scenario.requests;
    differs.then(|| format!("{scenario:?}: {requests} requests, {run:?}, stored {stored:?}"))
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
