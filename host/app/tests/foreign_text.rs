//! Text that the program did not write is data: it moves no cursor, reorders nothing and forges no log line.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

#[path = "support/plugins.rs"]
mod plugins;
mod support;

use mini_llm_chat_sandbox::printable;
use mock_openai::{Fault, MockServer, Script};
use plugins::{directory, example};
use serde_json::Value;
use support::{Home, Run};

/// Erases the screen, returns, begins a line, rings, reverses.
const HOSTILE: &str = "a\u{1b}[2J\rb\u{9b}31m\u{7}c\u{202e}d\u{2066}e\u{2028}f";

/// Nothing on the screen but printable text, and no log record but those that the program raised.
fn assert_tame(home: &Home, run: &Run) {
    for text in [&run.out, &run.err] {
        let raw = text
            .chars()
            .find(|&c| c != '\n' && c != '\t' && !printable::is_safe(c));
        assert_eq!(raw, None, "{text:?}");
    }
    let log = home.log();
    assert!(!log.is_empty());
    for line in log.split('\n').filter(|line| !line.is_empty()) {
        assert!(line.chars().all(printable::is_safe), "{line:?}");
        if line.starts_with('{') {
            serde_json::from_str::<Value>(line).unwrap();
        }
        assert!(!line.starts_with("INFO forged"), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer() {
    let server = MockServer::start(Script::answer(HOSTILE)).await.unwrap();
    let home = Home::new();
    let run = home.chat(&server, &["hello"]);
    assert!(run.out.contains("\\u{1b}[2J\\rb"), "{run:?}");
    assert_tame(&home, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_servers_error() {
    let server = MockServer::start(Script::fault(Fault::ControlsInError))
        .await
        .unwrap();
    let home = Home::new();
    let run = home.chat(&server, &["hello"]);
    assert!(run.err.contains("forged"), "{run:?}");
    assert_tame(&home, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_plugin_a_title_and_a_command_name() {
    let server = MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap();
    let home = Home::new();
    home.config("[plugins.hello]\ngrants = ['output', 'storage']\n");
    let dir = directory(home.path(), &[("hello.wasm", example("hello"))]);
    let url = server.base_url();
    let arguments = ["--base-url", &url, "--plugin-dir", dir.to_str().unwrap()];
    let lines = format!(
        "hello\n/hello {HOSTILE}\n/rename {HOSTILE}\n/rename x\u{202e}y\n/list\n/{HOSTILE}\n/help {HOSTILE}\n"
    );
    let run = home.pipe(&arguments, lines.as_bytes());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("Hello, a\\u{1b}[2J"), "{run:?}");
    assert_tame(&home, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_becomes_a_title() {
    let server = MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap();
    let home = Home::new();
    let run = home.chat(&server, &[HOSTILE, "/list", "status"]);
    assert_tame(&home, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_models_name() {
    let server = MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap();
    let home = Home::new();
    let url = server.base_url();
    let arguments = ["--base-url", &url, "--model", HOSTILE];
    let run = home.pipe(&arguments, b"hello\nstatus\n");
    let raw = |c: char| c != '\n' && !printable::is_safe(c);
    assert!(!run.out.contains(raw) && !run.err.contains(raw), "{run:?}");
}
