//! What `status` says of the cost: by the operator's prices and the server's counts, and no guess without them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use mock_openai::{MockServer, Script, Usage};
use support::Home;

async fn server() -> MockServer {
    let usage = Usage {
        prompt: 1000,
        completion: 500,
    };
    MockServer::start(Script::answer("Because.").usage(usage))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cost_of_a_conversation_adds_up_over_restarts() {
    let (server, home) = (server().await, Home::new());
    home.config("[models.gpt-4o]\nprompt_price = 2.5\ncompletion_price = \"10\"\n");
    home.chat(&server, &["one"]);
    let run = home.chat(&server, &["two", "status"]);
    let says = "Cost          $0.0150 for 2,000 tokens in and 1,000 out; the last turn $0.0075\n";
    assert!(run.out.contains(says), "{run:?}");
    // An answer from the cache costs nothing.
    let run = home.chat(
        &server,
        &["clear", "three", "status", "clear", "three", "status"],
    );
    let says = "Cost          $0.0000 for 0 tokens in and 0 out; the last turn $0.0000\n";
    assert!(run.out.contains(says), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_nobody_set_is_not_guessed() {
    let (server, home) = (server().await, Home::new());
    let run = home.chat(&server, &["one", "status"]);
    let says =
        "Cost          unknown (no price is set for a model) for 1,000 tokens in and 500 out\n";
    assert!(run.out.contains(says), "{run:?}");
}
