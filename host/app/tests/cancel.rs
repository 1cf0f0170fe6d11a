//! What stops an answer stops the request: the server sees the connection close at once, what was shown is stored as
//! partial, and its tokens are settled.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Read;
use std::process::{Child, Command};

use mock_openai::{Fault, Gate, MockServer, Reply, Script};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, Connection, Row};
use support::{Home, Run};

/// How the turn was stored, and the tokens of prompt and answer.
async fn settled(home: &Home) -> (String, i64, i64) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.database());
    let mut connection = options.connect().await.unwrap();
    let turn = sqlx::query("SELECT finish, prompt_tokens, completion_tokens FROM turns")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    (turn.get(0), turn.get(1), turn.get(2))
}

/// Starts it and reads until this much of the answer was shown.
async fn started(mut command: Command, shown: &'static str) -> Child {
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut bytes = vec![0; shown.len()];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut bytes)
            .unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), shown);
        child
    })
    .await
    .unwrap()
}

async fn ended(child: Child) -> Run {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output());
    Run::of(output.await.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_closes_the_connection_and_keeps_the_partial_answer() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let gate = Gate::closed();
        let script = Script::deltas(["One two three. ", "Four five six. ", "Seven."]).gated(&gate);
        let server = MockServer::start(script).await.unwrap();
        gate.open(2);
        let home = Home::new();
        let command = home.command(&["ask", "--base-url", &server.base_url(), "count"]);
        let child = started(command, "One two three. ").await;
        kill_process(Pid::from_child(&child), signal).unwrap();
        server.wait_for_close().await;
        let run = ended(child).await;
        assert_eq!(run.code, Some(code), "{run:?}");
        let stored = home.stored().await;
        let [prompt, answer] = stored.as_slice() else {
            panic!("{run:?}: {stored:?}")
        };
        assert!(prompt.content == "count" && answer.partial, "{stored:?}");
        assert!(
            answer.content.starts_with("One two three.") && !answer.content.contains("Seven"),
            "{stored:?}"
        );
        let (finish, prompt_tokens, answer_tokens) = settled(&home).await;
        assert_eq!(finish, "cancelled");
        // Counted, not bounded by the bytes.
        let bytes = i64::try_from(answer.content.len()).unwrap();
        assert!(prompt_tokens > 0 && answer_tokens > 0 && answer_tokens * 2 < bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_before_the_first_delta_leaves_nothing_behind_but_the_call() {
    let server = MockServer::start(Script::fault(Fault::StallBeforeHeaders))
        .await
        .unwrap();
    let home = Home::new();
    let url = server.base_url();
    let child = home
        .command(&["ask", "--base-url", &url, "count"])
        .spawn()
        .unwrap();
    server.wait_for_requests(1).await;
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    server.wait_for_close().await;
    let run = ended(child).await;
    assert_eq!((run.code, run.out.as_str()), (Some(143), ""), "{run:?}");
    assert!(home.stored().await.is_empty());
    // The request was made, so it counts.
    let again = [
        "ask",
        "--no-wait",
        "--max-calls",
        "1",
        "--base-url",
        &url,
        "count",
    ];
    let mut command = home.command(&again);
    let run = ended(
        tokio::task::spawn_blocking(move || command.spawn().unwrap())
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(run.code, Some(75), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_closes_the_connection() {
    let gate = Gate::closed();
    let script = Script::deltas(["One two three. ", "Four five six. ", "Seven."]).gated(&gate);
    let server = MockServer::start(script).await.unwrap();
    gate.open(1);
    let home = Home::new();
    let command = home.command(&["ask", "--base-url", &server.base_url(), "count"]);
    let mut child = started(command, "One two").await;
    drop(child.stdout.take());
    // The program notices when it writes.
    gate.open(1);
    server.wait_for_close().await;
    assert_eq!(ended(child).await.code, Some(74));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_by_policy_closes_the_connection() {
    // Tells the system prompt, then keeps the connection open.
    let script = Script {
        reply: Reply::Magic,
        fault: Some(Fault::StallAfterFinish),
        ..Script::default()
    };
    let server = MockServer::start(script).await.unwrap();
    let home = Home::new();
    let url = server.base_url();
    let mut command = home.command(&["ask", "--base-url", &url, "--model", "mock-leak", "hello"]);
    let child = tokio::task::spawn_blocking(move || command.spawn().unwrap())
        .await
        .unwrap();
    server.wait_for_close().await;
    let run = ended(child).await;
    assert_eq!(run.code, Some(77), "{run:?}");
    assert!(run.err.contains("the answer was cut"), "{run:?}");
    let (finish, prompt_tokens, _) = settled(&home).await;
    assert!(finish == "cut" && prompt_tokens > 0);
}
