//! `kill -9` between any two steps of a turn, in both databases: nothing that was confirmed is missing, nothing is
//! doubled, and the trail verifies.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "support/accounts.rs"]
mod people;
mod support;

use std::process::Command;

use databases::{CRASH, Place, was_killed};
use mock_openai::{Gate, MockServer, Script};

/// Each step, whether the turn is begun in the trail by then, and whether it is stored with its end.
const STEPS: [(&str, bool, bool); 9] = [
    ("accepted", false, false),
    ("call-taken", false, false),
    ("begun", true, false),
    ("asked", true, false),
    ("answered", true, false),
    ("reviewed", true, false),
    ("committed", true, true),
    ("stored", true, true),
    ("checkpoint-kept", true, true),
];

/// Inside the transaction of a turn whose trail went on elsewhere meanwhile, and behind it.
const STEPS_BEHIND_ANOTHER: [(&str, bool); 2] = [("half-stored", false), ("committed", true)];

async fn server() -> MockServer {
    MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap()
}

/// One that answers no sooner than the gate opens.
async fn gated() -> (MockServer, Gate) {
    let gate = Gate::closed();
    let script = Script::answer("A short answer.").gated(&gate);
    (MockServer::start(script).await.unwrap(), gate)
}

fn ask(place: &Place, server: &MockServer, prompt: &str) -> Command {
    let url = server.base_url();
    let limit = ["--max-calls", "1000"];
    let arguments = [&["ask", "--base-url", &url], &limit[..], &[prompt]].concat();
    place.home.command(&arguments)
}

fn answered(place: &Place, server: &MockServer, prompt: &str) {
    let output = ask(place, server, prompt).output().unwrap();
    assert!(output.status.success(), "{prompt}: {output:?}");
}

/// The turn before the kill and the one after it are stored, and `second` if it was confirmed.
async fn nothing_is_lost(place: &Place, server: &MockServer, at: &str, begun: bool, stored: bool) {
    let unended = usize::from(begun && !stored);
    place.home.verified(unended);
    answered(place, server, "third");
    let mut expected = vec!["first", "second", "third"];
    expected.retain(|prompt| stored || *prompt != "second");
    assert_eq!(place.prompts().await, expected, "{at}");
    place.home.verified(unended);
}

async fn killed_at_every_step(mut place: Place) {
    let server = server().await;
    answered(&place, &server, "first");
    place.save();
    for (step, begun, stored) in STEPS {
        place.restore();
        let killed = ask(&place, &server, "second").env(CRASH, step).output();
        was_killed(&killed.unwrap(), step);
        nothing_is_lost(&place, &server, step, begun, stored).await;
    }
}

async fn killed_behind_another_process(mut place: Place) {
    let server = server().await;
    answered(&place, &server, "first");
    place.save();
    for (step, stored) in STEPS_BEHIND_ANOTHER {
        place.restore();
        let (gated, gate) = gated().await;
        let asking = ask(&place, &gated, "second").env(CRASH, step).spawn();
        gated.wait_for_requests(1).await;
        let elsewhere = place.home.run(&["audit", "export"]);
        assert_eq!(elsewhere.code, Some(0), "{elsewhere:?}");
        gate.open(100);
        was_killed(&asking.unwrap().wait_with_output().unwrap(), step);
        nothing_is_lost(&place, &server, step, true, stored).await;
    }
}

/// A turn that could not be stored waits in the spool; both the process that put it there and the next one, which has
/// just stored it, are killed.
async fn killed_beside_the_spool(mut place: Place) {
    let (gated, gate) = gated().await;
    let asking = ask(&place, &gated, "first").env(CRASH, "spooled").spawn();
    gated.wait_for_requests(1).await;
    place.shut().await;
    gate.open(100);
    was_killed(&asking.unwrap().wait_with_output().unwrap(), "spooled");
    place.reopen().await;
    assert_eq!(place.home.spooled().len(), 1);
    assert_eq!(place.prompts().await, [""; 0]);
    place.home.verified(1);
    let server = server().await;
    let killed = ask(&place, &server, "second")
        .env(CRASH, "settled")
        .output();
    was_killed(&killed.unwrap(), "settled");
    assert_eq!(
        place.home.spooled().len(),
        1,
        "stored, and its file is still there"
    );
    answered(&place, &server, "third");
    assert!(place.home.spooled().is_empty());
    assert_eq!(place.prompts().await, ["first", "third"]);
    place.home.verified(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_step_sqlite_loses_nothing_confirmed_and_doubles_nothing() {
    killed_at_every_step(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_step_postgresql_loses_nothing_confirmed_and_doubles_nothing() {
    killed_at_every_step(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_the_transaction_sqlite_keeps_all_of_a_turn_or_nothing() {
    killed_behind_another_process(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_the_transaction_postgresql_keeps_all_of_a_turn_or_nothing() {
    killed_behind_another_process(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_in_the_spool_is_stored_once_in_sqlite_by_the_next_start_whenever_that_dies() {
    killed_beside_the_spool(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_in_the_spool_is_stored_once_in_postgresql_by_the_next_start_whenever_that_dies() {
    killed_beside_the_spool(Place::postgres()).await;
}
