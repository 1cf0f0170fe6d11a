//! What tests and the demo rely on, seen from a bare socket.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use mock_openai::{Ending, Fault, Gate, MockServer, PLANTED_KEY, Script};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn send(server: &MockServer, key: &str, model: &str, prompt: &str) -> TcpStream {
    let body = serde_json::json!({
        "model": model, "stream": true, "messages": [{ "role": "user", "content": prompt }],
    })
    .to_string();
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    socket
}

async fn post(server: &MockServer, model: &str, prompt: &str) -> String {
    let mut text = String::new();
    send(server, "any", model, prompt)
        .await
        .read_to_string(&mut text)
        .await
        .unwrap();
    text
}

#[test]
fn every_fault_has_a_name_of_its_own_that_reads_back() {
    let names: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::ALL.len());
    assert!(
        Fault::ALL
            .iter()
            .all(|fault| fault.name().parse() == Ok(*fault))
    );
}

#[tokio::test]
async fn model_and_prompt_choose_a_fault_and_a_prompt_wins() {
    let server = MockServer::start(Script::default()).await.unwrap();
    assert!(
        post(&server, "mock-503", "hi")
            .await
            .starts_with("HTTP/1.1 503")
    );
    assert!(
        post(&server, "gpt-4o", "mock:429")
            .await
            .contains("retry-after: 1")
    );
    assert!(
        post(&server, "mock-503", "mock:401")
            .await
            .starts_with("HTTP/1.1 401")
    );
    assert!(
        post(&server, "gpt-4o", "mock:say one\\ntwo")
            .await
            .contains("[DONE]")
    );
}

#[tokio::test]
async fn the_planted_key_comes_one_character_a_delta() {
    let server = MockServer::start(Script::default()).await.unwrap();
    let text = post(&server, "gpt-4o", "mock:secret").await;
    assert!(!text.contains(PLANTED_KEY) && text.matches("\"delta\"").count() > PLANTED_KEY.len());
}

#[tokio::test]
async fn a_wrong_key_gets_401_and_the_right_one_an_answer() {
    let server = MockServer::start(Script::answer("Hello.").require_key("right"))
        .await
        .unwrap();
    assert!(
        post(&server, "gpt-4o", "hi")
            .await
            .starts_with("HTTP/1.1 401")
    );
    let mut text = String::new();
    send(&server, "right", "gpt-4o", "hi")
        .await
        .read_to_string(&mut text)
        .await
        .unwrap();
    assert!(text.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_queue_goes_before_the_script() {
    let server = MockServer::start(Script::answer("last")).await.unwrap();
    server.enqueue(Script::answer("first"));
    assert!(post(&server, "gpt-4o", "hi").await.contains("first"));
    assert!(post(&server, "gpt-4o", "hi").await.contains("last"));
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed() {
    let gate = Gate::closed();
    let server = MockServer::start(Script::answer("one two").gated(&gate))
        .await
        .unwrap();
    let socket = send(&server, "any", "gpt-4o", "hi").await;
    server.wait_for_requests(1).await;
    drop(socket);
    server.wait_for_close().await;
    assert_eq!(server.requests()[0].ending, Ending::ClosedByClient);
}
