//! What happens to a turn and its trail when the database is locked or the disk is full: nothing that was confirmed is
//! missing, nothing is doubled, the chain verifies, and the person was told. `kill.rs` has what a kill leaves behind.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/chat.rs"]
mod chat;
mod support;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chat::Chat;
use mini_llm_chat_engine::storage::Author;
use mock_openai::{Gate, MockServer, Script};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use support::{Home, Run};

async fn server() -> MockServer {
    MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap()
}

fn ask(home: &Home, server: &MockServer, prompt: &str) -> Command {
    let url = server.base_url();
    home.command(&["ask", "--base-url", &url, "--max-calls", "1000", prompt])
}

/// The stored prompts, sorted; every one has its answer.
async fn prompts(home: &Home) -> Vec<String> {
    let stored = home.stored().await;
    let mut prompts = Vec::new();
    for pair in stored.chunks(2) {
        let [prompt, answer] = pair else {
            panic!("half a turn: {stored:?}")
        };
        assert_eq!(
            (prompt.author, answer.author),
            (Author::User, Author::Assistant)
        );
        prompts.push(prompt.content.clone());
    }
    prompts.sort();
    prompts
}

/// Holds the write lock, as another process may.
async fn lock(home: &Home) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.database());
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_a_locked_database_cannot_take_waits_and_new_ones_do_not_begin() {
    let gate = Gate::closed();
    let server = MockServer::start(Script::answer("A short answer.").gated(&gate))
        .await
        .unwrap();
    let home = Home::new();
    let mut chat = Chat::open(&home, &server);
    chat.say("first");
    server.wait_for_requests(1).await;
    let lock = lock(&home).await;
    gate.open(100);
    chat.until("[this turn is NOT stored yet: the database is locked");
    let waiting = home.spooled();
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        fs::metadata(&waiting[0]).unwrap().permissions().mode() & 0o777,
        0o600
    );
    chat.say("second");
    chat.until("an earlier turn waits to be stored, so no new one begins");
    assert_eq!(server.requests().len(), 1, "nothing was sent for it");
    lock.close().await.unwrap();
    chat.say("third");
    chat.until("the turn that waited is stored now");
    let shown = chat.leave();
    assert_eq!(shown.matches("A short answer.").count(), 2, "{shown}");
    assert!(home.spooled().is_empty());
    assert_eq!(prompts(&home).await, ["first", "third"]);
    home.verified(0);
    // The next one got what was said before.
    let sent = server.requests()[1].json();
    assert!(sent["messages"].to_string().contains("first"), "{sent}");
}

/// Ctrl-C again and again: a program that has not looked yet takes several of a signal for one.
async fn hammered(child: Child) -> Run {
    let pid = Pid::from_child(&child);
    let ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    while !ended.is_finished() {
        kill_process(pid, Signal::INT).ok();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Run::of(ended.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_twice_while_a_turn_waits_for_a_locked_database_spools_it_and_says_so() {
    for front_end in [&["ask", "first"][..], &[]] {
        let gate = Gate::closed();
        let script = Script::answer("A short answer.").gated(&gate);
        let server = MockServer::start(script).await.unwrap();
        let home = Home::new();
        let url = server.base_url();
        let mut command = home.command(&[&["--base-url", &url][..], front_end].concat());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // Kept open: at the end of its input a chat leaves by itself.
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "first").unwrap();
        server.wait_for_requests(1).await;
        let lock = lock(&home).await;
        gate.open(100);
        let mut out = child.stdout.take().unwrap();
        let shown = tokio::task::spawn_blocking(move || {
            let mut shown = Vec::new();
            while !shown.ends_with(b"A short answer.") {
                let mut byte = [0];
                out.read_exact(&mut byte).unwrap();
                shown.push(byte[0]);
            }
            out
        });
        let _out = shown.await.unwrap();
        let run = hammered(child).await;
        assert_eq!(run.code, Some(130), "{run:?}");
        assert!(
            run.err.contains("NOT stored yet") && run.err.contains("told twice to end"),
            "{run:?}"
        );
        let waiting = home.spooled();
        assert_eq!(waiting.len(), 1);
        let mode = fs::metadata(&waiting[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        lock.close().await.unwrap();
        assert!(ask(&home, &server, "second").status().unwrap().success());
        assert!(home.spooled().is_empty());
        assert_eq!(prompts(&home).await, ["first", "second"]);
        home.verified(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_spool_that_is_not_ours_is_set_aside_and_reported() {
    let (server, home) = (server().await, Home::new());
    assert!(ask(&home, &server, "first").status().unwrap().success());
    let dir = home.state().join("spool");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
    let file = dir.join("00000000-0000-7000-8000-000000000000.turn");
    fs::write(&file, format!("{}\n{{}}\n", "0".repeat(64))).unwrap();
    assert!(ask(&home, &server, "second").status().unwrap().success());
    assert_eq!(home.spooled(), [file.with_extension("refused")]);
    assert_eq!(prompts(&home).await, ["first", "second"]);
    let refused = |event: &serde_json::Value| event["event"] == "spool-refused";
    assert_eq!(home.events().into_iter().filter(refused).count(), 1);
    home.verified(0);
}

/// No file may grow beyond that: the database's log has to hold more than the answer, the spool hardly more.
const MOST_KIB: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_a_full_disk_does_not_take_waits_too() {
    let answer = "a word and another one ".repeat(MOST_KIB * 1024 * 3 / 4 / 23);
    let (server, home) = (server().await, Home::new());
    assert!(ask(&home, &server, "first").status().unwrap().success());
    server.set_script(Script::answer(&*answer));
    let program = ask(&home, &server, "second");
    let mut limited = Command::new("bash");
    limited
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f $0; exec \"$@\"",
            &MOST_KIB.to_string(),
        ])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(program.get_current_dir().unwrap())
        .stdin(Stdio::null());
    let run = limited.output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(69), "{said}");
    assert!(said.contains("[this turn is NOT stored yet:"), "{said}");
    assert_eq!(home.spooled().len(), 1, "{said}");
    server.set_script(Script::answer("A short answer."));
    let run = ask(&home, &server, "third").output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("the turn that waited is stored now"),
        "{said}"
    );
    assert_eq!(prompts(&home).await, ["first", "second", "third"]);
    home.verified(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_chats_at_once_keep_one_trail_and_lose_no_turn() {
    let (server, home) = (server().await, Home::new());
    assert!(ask(&home, &server, "0").status().unwrap().success());
    let mut chats = [Chat::open(&home, &server), Chat::open(&home, &server)];
    for turn in 0..8 {
        for (number, chat) in chats.iter_mut().enumerate() {
            chat.say(&format!("{turn} of {number}"));
        }
    }
    for chat in chats {
        assert_eq!(chat.leave().matches("A short answer.").count(), 8);
    }
    assert_eq!(prompts(&home).await.len(), 1 + 16);
    home.verified(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_another_session_deleted_is_left_by_clear() {
    let (server, home) = (server().await, Home::new());
    let mut chat = Chat::open(&home, &server);
    chat.say("one");
    while !home.database().exists() || home.stored().await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.database());
    let mut other = options.foreign_keys(true).connect().await.unwrap();
    sqlx::raw_sql("DELETE FROM conversations")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    chat.say("two");
    chat.until("`/clear` begins a new one");
    chat.say("/clear");
    chat.say("three");
    let out = chat.leave();
    assert!(out.contains("A new conversation begins"), "{out}");
    assert_eq!(prompts(&home).await, ["three"]);
}
