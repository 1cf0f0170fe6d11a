//! A chat whose PostgreSQL server goes away and comes back: the person is told, nothing that was confirmed is missing,
//! nothing is doubled, and the trail verifies.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/chat.rs"]
mod chat;
#[path = "support/accounts.rs"]
mod people;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chat::Chat;
use mock_openai::{Gate, MockServer, Script};
use people::administered_at;
use support::Home;
use test_servers::{Postgres, Stop};

const ANSWER: &str = "A short answer.";
const AWAY: &str = "cannot be reached";

/// A server of its own, an empty database on it, and a home whose administrator is logged in there.
fn served() -> (Postgres, String, Home) {
    let server = Postgres::start().unwrap();
    let name = server.database(None).unwrap();
    let home = administered_at(Home::new().variable("DATABASE_URL", &server.url(&name)));
    (server, name, home)
}

async fn model() -> MockServer {
    MockServer::start(Script::answer(ANSWER)).await.unwrap()
}

/// What is stored, in order: prompts, each followed by its answer.
fn stored(server: &Postgres, name: &str) -> Vec<String> {
    let messages = "SELECT content FROM messages ORDER BY conversation_id, sequence";
    let text = server.execute(name, messages).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// One after the other, with their answers.
fn turns(prompts: &[&str]) -> Vec<String> {
    let turns = prompts.iter().flat_map(|&prompt| [prompt, ANSWER]);
    turns.map(str::to_owned).collect()
}

/// Waits until everything that was said before is done: the chat takes one line after the other. Returns its notices.
fn finish(chat: &mut Chat) -> String {
    chat.say("/no-such-command");
    chat.until("no-such-command")
}

/// Says it until the model is asked: each connection that was cut is noticed by one call. Returns the notices.
fn insist(chat: &mut Chat, model: &MockServer, line: &str) -> String {
    let asked = model.requests().len();
    let mut said = String::new();
    for _ in 0..4 {
        chat.say(line);
        said += &finish(chat);
        if model.requests().len() > asked {
            return said;
        }
    }
    panic!("{line}: never asked: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn between_two_turns_new_ones_are_refused_until_it_is_back() {
    let (mut server, name, home) = served();
    let model = model().await;
    let mut chat = Chat::open(&home, &model);
    chat.say("first");
    finish(&mut chat);
    for how in [Stop::Fast, Stop::Immediate] {
        server.stop(how).unwrap();
        let asked = model.requests().len();
        chat.say("refused");
        chat.until(AWAY);
        assert_eq!(model.requests().len(), asked, "nothing was sent for it");
        server.resume().unwrap();
        insist(&mut chat, &model, "refused");
    }
    chat.leave();
    assert!(home.spooled().is_empty());
    assert_eq!(
        stored(&server, &name),
        turns(&["first", "refused", "refused"])
    );
    home.verified(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_an_answer_the_turn_waits_and_is_stored_once() {
    let (mut server, name, home) = served();
    for (how, prompt) in [(Stop::Fast, "second"), (Stop::Immediate, "fourth")] {
        let gate = Gate::closed();
        let model = MockServer::start(Script::answer(ANSWER).gated(&gate))
            .await
            .unwrap();
        let before = stored(&server, &name);
        let mut chat = Chat::open(&home, &model);
        gate.open(1);
        chat.say(prompt);
        model.wait_for_requests(1).await;
        server.stop(how).unwrap();
        gate.open(100);
        chat.until("[this turn is NOT stored yet: ");
        let waiting = home.spooled();
        assert_eq!(waiting.len(), 1);
        let mode = fs::metadata(&waiting[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        chat.say("refused");
        chat.until(AWAY);
        assert_eq!(model.requests().len(), 1, "nothing was sent for it");
        server.resume().unwrap();
        assert_eq!(stored(&server, &name), before);
        let said = insist(&mut chat, &model, "next");
        assert!(
            said.contains("the turn that waited is stored now"),
            "{said}"
        );
        let shown = chat.leave();
        assert_eq!(shown.matches(ANSWER).count(), 2, "{shown}");
        assert!(home.spooled().is_empty());
        let now = stored(&server, &name);
        assert_eq!(now[before.len()..], turns(&[prompt, "next"]));
        home.verified(0);
        // What is said next is said of both.
        let sent = model.requests()[1].json();
        assert!(sent["messages"].to_string().contains(prompt), "{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_waits_when_the_chat_ends_is_stored_by_the_next_start() {
    let (mut server, name, home) = served();
    let gate = Gate::closed();
    let gated = MockServer::start(Script::answer(ANSWER).gated(&gate))
        .await
        .unwrap();
    let mut chat = Chat::open(&home, &gated);
    chat.say("first");
    gated.wait_for_requests(1).await;
    server.stop(Stop::Immediate).unwrap();
    gate.open(100);
    chat.until("[this turn is NOT stored yet: ");
    assert!(chat.leave().contains(ANSWER));
    assert_eq!(home.spooled().len(), 1);
    // A start without its database says so, and leaves what waits alone.
    let url = gated.base_url();
    let away = home.run(&["--db-backend", "postgresql", "--base-url", &url, "ask", "x"]);
    assert_eq!(away.code, Some(69), "{away:?}");
    assert_eq!(home.spooled().len(), 1);
    server.resume().unwrap();
    let model = model().await;
    let run = home.chat(&model, &["second", "exit"]);
    assert!(
        run.err.contains("the turn that waited is stored now"),
        "{run:?}"
    );
    assert_eq!(stored(&server, &name), turns(&["first", "second"]));
    assert!(home.spooled().is_empty());
    home.verified(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_cost_no_turn() {
    let (server, name, home) = served();
    let model = model().await;
    let mut chat = Chat::open(&home, &model);
    for round in 0..3 {
        let gate = Gate::closed();
        // While the answer comes, and between two turns.
        model.set_script(Script::answer(ANSWER).gated(&gate));
        let asked = model.requests().len();
        chat.say(&format!("cut in {round}"));
        model.wait_for_requests(asked + 1).await;
        server.cut_connections(&name).unwrap();
        model.set_script(Script::answer(ANSWER));
        gate.open(100);
        finish(&mut chat);
        insist(&mut chat, &model, &format!("cut after {round}"));
        server.cut_connections(&name).unwrap();
        insist(&mut chat, &model, &format!("next {round}"));
    }
    chat.leave();
    // The last turn may wait; the next start stores it.
    assert_eq!(home.chat(&model, &["exit"]).code, Some(0));
    let round = |round| ["cut in", "cut after", "next"].map(|what| format!("{what} {round}"));
    let said: Vec<String> = (0..3).flat_map(round).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    assert_eq!(stored(&server, &name), turns(&said));
    assert!(home.spooled().is_empty());
    home.verified(0);
}
