//! Limits on tokens and on all users at the whole program: what is reserved, settled and given back, and what is said.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use mock_openai::{Fault, MockServer, Script, Usage};
use support::{Home, Run};

async fn ask(home: &Home, server: &MockServer, prompt: &str) -> Run {
    let mut command = home.command(&[
        "ask",
        "--no-wait",
        "--max-calls",
        "50",
        "--base-url",
        &server.base_url(),
        prompt,
    ]);
    let output = tokio::task::spawn_blocking(move || command.output());
    Run::of(output.await.unwrap().unwrap())
}

fn script(prompt: u64, completion: u64) -> Script {
    Script::answer("Because.").usage(Usage { prompt, completion })
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_reserved_settled_by_the_servers_count_and_given_back_after_a_failure() {
    let server = MockServer::start(script(40, 2)).await.unwrap();
    let home = Home::new();
    // A turn reserves some thousands: the room for an answer.
    home.config("[limits]\ntokens = 9000\n");
    for prompt in ["one", "two", "three"] {
        let run = ask(&home, &server, prompt).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    server.set_script(Script::fault(Fault::Unprocessable));
    for prompt in ["four", "five", "six"] {
        let run = ask(&home, &server, prompt).await;
        assert_eq!(run.code, Some(65), "{run:?}");
    }
    server.set_script(script(8000, 500));
    assert_eq!(ask(&home, &server, "seven").await.code, Some(0));
    let run = ask(&home, &server, "eight").await;
    assert_eq!(run.code, Some(75), "{run:?}");
    let says = ["limit of 9000 tokens in 60 s", "`tokens` under `[limits]`"];
    assert!(says.iter().all(|words| run.err.contains(words)), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_over_all_users_says_so() {
    let server = MockServer::start(script(40, 2)).await.unwrap();
    let home = Home::new();
    home.config("[limits]\noverall_calls = 1\n");
    assert_eq!(ask(&home, &server, "one").await.code, Some(0));
    let run = ask(&home, &server, "two").await;
    assert_eq!(run.code, Some(75), "{run:?}");
    let says = ["1 model calls of all users", "overall_calls"];
    assert!(says.iter().all(|words| run.err.contains(words)), "{run:?}");
    assert_eq!(server.requests().len(), 1);
}
