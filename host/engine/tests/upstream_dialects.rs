//! What a server or a model words otherwise: learned from one refusal, kept, and never against the operator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod upstream_support;

use mini_llm_chat_engine::upstream::{ChatRequest, Class, Client, Settings, Settled};
use mock_openai::{MockServer, Script};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use upstream_support::{client, read, request, settings};

fn wishes() -> ChatRequest {
    ChatRequest {
        temperature: Some(0.5),
        max_tokens: Some(50),
        ..request("hi")
    }
}

/// The bodies that the server got for one answered question.
async fn bodies(server: &MockServer, client: &Client) -> Vec<Value> {
    let before = server.requests().len();
    let cancel = CancellationToken::new();
    let answer = client.stream(&wishes(), cancel).await.unwrap();
    assert_eq!(read(answer).await.answer, "Hello.");
    let requests = server.requests();
    requests[before..]
        .iter()
        .map(|request| request.json())
        .collect()
}

async fn refusing(fields: &[&'static str]) -> MockServer {
    MockServer::start(Script::answer("Hello.").refusing(fields))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_refused_word_is_said_otherwise_and_remembered() {
    for (refused, check) in [
        (
            "max_tokens",
            (|body| body["max_completion_tokens"] == 50) as fn(&Value) -> bool,
        ),
        ("temperature", |body| body.get("temperature").is_none()),
        ("stream_options", |body| {
            body.get("stream_options").is_none()
        }),
        ("role:system", |body| {
            body["messages"][0]["role"] == "developer"
        }),
    ] {
        let server = refusing(&[refused]).await;
        let client = client(&server);
        let first = bodies(&server, &client).await;
        assert_eq!(first.len(), 2, "{refused}");
        assert!(
            !check(&first[0]) && check(&first[1]),
            "{refused}: {first:?}"
        );
        let later = bodies(&server, &client).await;
        assert!(later.len() == 1 && check(&later[0]), "{refused}: {later:?}");
    }
}

#[tokio::test]
async fn several_refused_words_are_learned_one_after_the_other() {
    let server = refusing(&["max_tokens", "temperature", "role:system"]).await;
    let client = client(&server);
    assert_eq!(bodies(&server, &client).await.len(), 4);
    assert_eq!(bodies(&server, &client).await.len(), 1);
}

#[tokio::test]
async fn a_word_that_is_refused_either_way_is_an_error_after_one_repeat() {
    let server = refusing(&["max_tokens", "max_completion_tokens"]).await;
    let cancel = CancellationToken::new();
    let error = client(&server).stream(&wishes(), cancel).await.unwrap_err();
    assert_eq!(
        (error.class(), server.requests().len()),
        (Class::Rejected, 2)
    );
}

#[tokio::test]
async fn what_is_settled_is_said_so_and_not_otherwise() {
    let server = refusing(&["temperature"]).await;
    let settle = |name: &str, temperature| {
        let settled = Settled {
            temperature: Some(temperature),
            ..Settled::default()
        };
        let mut settings = settings(&server);
        settings.dialects.insert(name.to_owned(), settled);
        Client::new(Settings { ..settings }).unwrap()
    };
    let off = settle("*", false);
    assert_eq!(bodies(&server, &off).await.len(), 1);
    let on = settle("gpt-4o", true);
    let cancel = CancellationToken::new();
    let error = on.stream(&wishes(), cancel).await.unwrap_err();
    assert_eq!(
        (error.class(), server.requests().len()),
        (Class::Rejected, 2)
    );
}
