//! What the config says of models: their words, the ones to fall back to, and whom to believe.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use mock_openai::{Fault, MockServer, Script};
use support::{Home, Run};

async fn ask(home: &Home, server: &MockServer, more: &[&str]) -> Run {
    let url = server.base_url();
    let line = [&["ask", "--base-url", &url], more, &["why"]].concat();
    let mut command = home.command(&line);
    let output = tokio::task::spawn_blocking(move || command.output());
    Run::of(output.await.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_model_is_asked_where_one_does_not_answer_and_is_named() {
    let server = MockServer::start(Script::answer("Because.")).await.unwrap();
    for fault in [Fault::ModelNotFound, Fault::ShouldNotRetry] {
        server.enqueue(Script::fault(fault));
    }
    let home = Home::new();
    home.config("[model]\nname = 'first'\nfallbacks = ['second', 'third', 'fourth']\n");
    let run = ask(&home, &server, &[]).await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "Because.\n"),
        "{run:?}"
    );
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.json()["model"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked, ["first", "second", "third"]);
    let notes: Vec<&str> = run.err.lines().collect();
    assert_eq!(notes.len(), 2, "{run:?}");
    assert!(
        notes[0].ends_with("; asking second instead]")
            && notes[1].ends_with("; asking third instead]")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_models_fault_is_not_asked_of_another_one() {
    let home = Home::new();
    home.config("[model]\nfallbacks = ['second']\n");
    for (fault, code) in [
        (Fault::Unauthorized, 77),
        (Fault::InsufficientQuota, 75),
        (Fault::ContextLength, 65),
        (Fault::CutMidStream, 69),
    ] {
        let server = MockServer::start(Script::fault(fault)).await.unwrap();
        let run = ask(&home, &server, &["--max-calls", "9"]).await;
        assert_eq!(
            (run.code, server.requests().len()),
            (Some(code), 1),
            "{fault}: {run:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_model_can_be_settled() {
    let server = MockServer::start(Script::answer("Because.")).await.unwrap();
    let home = Home::new();
    home.config(
        "[model]\nname = 'thinker'\n[models.thinker]\nmax_tokens_field = 'max_completion_tokens'\n\
         system_role = 'developer'\ntemperature = false\nstream_options = false\n[models.'*']\ntemperature = true\n",
    );
    let run = ask(
        &home,
        &server,
        &["--temperature", "0.5", "--max-tokens", "50"],
    )
    .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let body = server.requests()[0].json();
    assert_eq!(
        (&body["max_completion_tokens"], &body["messages"][0]["role"]),
        (&50.into(), &"developer".into())
    );
    for field in ["temperature", "stream_options", "max_tokens"] {
        assert!(body.get(field).is_none(), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_exceeds_the_models_context_is_refused_with_both_numbers_before_any_call() {
    let server = MockServer::start(Script::answer("Because.")).await.unwrap();
    let home = Home::new();
    home.config("[model]\nname = 'small'\n[models.small]\ncontext_tokens = 2000\n");
    let question = "word ".repeat(3000);
    let run = ask(&home, &server, &[&question]).await;
    assert_eq!(run.code, Some(65), "{run:?}");
    assert!(
        run.err.contains("tokens") && run.err.chars().filter(char::is_ascii_digit).count() >= 6,
        "{run:?}"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn wrong_rules_are_named_with_their_place() {
    for (config, words) in [
        ("[models.a]\nsystem_role = 'user'\n", "line 2"),
        ("[model]\nfallbacks = ['two words']\n", "model.fallbacks"),
        ("[model]\nca_file = 'missing.pem'\n", "model.ca_file"),
        ("[model]\nca_file = 'config.toml'\n", "no certificate"),
    ] {
        let home = Home::new();
        home.config(config);
        let run = home.run(&["ask", "--base-url", "https://localhost:1", "why"]);
        assert_eq!(run.code, Some(78), "{run:?}");
        assert!(run.err.contains(words), "{run:?}");
    }
}
