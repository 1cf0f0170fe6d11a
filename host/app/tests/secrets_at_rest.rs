//! Secrets that the user gives, or that a server throws back, are in no file and not in the process list.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use std::fs;
use std::process::Child;

use mock_openai::{Fault, Gate, MockServer, PLANTED_KEY, Script};
use support::{Home, KEY};

/// A made-up word that stands where a password stands.
const PASSWORD: &str = "planted-word-of-letters";

/// The arguments of a process as every user of the machine can read them.
fn arguments_of(child: &Child) -> String {
    let bytes = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks, and looks at the process while the answer streams.
async fn ask(home: &Home, arguments: &[&str]) -> String {
    let gate = Gate::closed();
    let script = Script::answer("A short answer.")
        .require_key(KEY)
        .gated(&gate);
    let server = MockServer::start(script).await.unwrap();
    let url = server.base_url();
    let common = ["--log-level", "DEBUG", "--base-url", &url, "ask", "hello"];
    let child = home
        .command(&[arguments, &common].concat())
        .spawn()
        .unwrap();
    server.wait_for_requests(1).await;
    let shown = arguments_of(&child);
    gate.open(100);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, b"A short answer.\n");
    shown
}

fn assert_nowhere(home: &Home, secret: &str) {
    assert!(
        home.files_with(secret).is_empty(),
        "{:?}",
        home.files_with(secret)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_environment() {
    let home = Home::new();
    assert!(!ask(&home, &[]).await.contains(KEY));
    assert_nowhere(&home, KEY);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_command_line() {
    let home = Home::new().variable("OPENAI_API_KEY", "sk-another-pattern-of-letters");
    for arguments in [&["--api-key", KEY][..], &[&format!("--api-key={KEY}")]] {
        let shown = ask(&home, arguments).await;
        assert!(shown.contains("ask") && !shown.contains(KEY), "{shown}");
        assert_nowhere(&home, KEY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_file_stays_in_that_file() {
    let file = "key";
    let home = Home::new()
        .without("OPENAI_API_KEY")
        .variable("OPENAI_API_KEY_FILE", file);
    let path = home.write(file, format!("{KEY}\n"));
    assert!(!ask(&home, &[]).await.contains(KEY));
    assert_eq!(home.files_with(KEY), [path]);
}

#[test]
fn the_password_of_a_database() {
    let url = format!("mysql://user:{PASSWORD}@localhost/chat");
    let home = Home::new().variable("DATABASE_URL", &url);
    let run = home.run(&["ask", "hello"]);
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(!run.err.contains(PASSWORD), "{run:?}");
    assert_nowhere(&home, PASSWORD);
    let url = format!("postgresql://user:{PASSWORD}@127.0.0.1:1/chat");
    let home = Home::new();
    let backend = ["--db-backend", "postgresql", "--database-url", &url];
    let run = home.run(&[&backend[..], &["ask", "hello"]].concat());
    assert_ne!(run.code, Some(0), "{run:?}");
    assert!(!run.err.contains(PASSWORD), "{run:?}");
    assert_nowhere(&home, PASSWORD);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_throws_back() {
    for fault in [Fault::SecretsInError, Fault::Unauthorized] {
        let server = MockServer::start(Script::fault(fault)).await.unwrap();
        let home = Home::new();
        let url = server.base_url();
        let run = home.run(&["--log-level", "DEBUG", "--base-url", &url, "ask", "hello"]);
        for secret in [KEY, PLANTED_KEY] {
            assert!(!run.err.contains(secret), "{run:?}");
            assert_nowhere(&home, secret);
        }
    }
}
