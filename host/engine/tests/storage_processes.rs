//! Several processes on one file, and the death of one.
//!
//! A child process is this test binary, asked to run [`child_writes_turns`] alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::print_stdout,
    reason = "a child tells its parent what it has stored"
)]

mod storage;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mini_llm_chat_engine::ids::{ConversationId, UserId};
use mini_llm_chat_engine::limit::Window;
use mini_llm_chat_engine::storage::{
    Author, Calls, Location, SqliteStore, StoredMessage, Taken, Turns, open,
};
use storage::{start, turn};

const PATH: &str = "STORAGE_TEST_PATH";
const COUNT: &str = "STORAGE_TEST_COUNT";

async fn open_at(path: &Path) -> SqliteStore {
    open(&Location::File(path.to_owned()), Duration::from_secs(30))
        .await
        .unwrap()
}

fn child(path: &Path, turns: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_turns", "--ignored", "--nocapture"])
        .env(PATH, path)
        .env(COUNT, turns.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The prompts that a child says are stored, as it says so.
fn confirmed(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| {
        line.split_once("stored:")
            .map(|(_, prompt)| prompt.to_owned())
    })
}

#[tokio::test]
#[ignore = "run by the other tests as a child process"]
async fn child_writes_turns() {
    let (Ok(path), Ok(count)) = (std::env::var(PATH), std::env::var(COUNT)) else {
        return;
    };
    let store = open_at(Path::new(&path)).await;
    let (user, conversation) = start(&store).await;
    for number in 0..count.parse().unwrap() {
        let prompt = format!("{} {number}", std::process::id());
        store
            .append_turn(
                user,
                &turn(conversation, &prompt, &format!("answer to {prompt}")),
            )
            .await
            .unwrap();
        println!("stored:{prompt}");
    }
}

async fn all_messages(
    store: &SqliteStore,
    user: UserId,
    conversation: ConversationId,
) -> Vec<StoredMessage> {
    let mut all: Vec<StoredMessage> = Vec::new();
    loop {
        let before = all.last().map(|message| message.sequence);
        let page = store
            .messages(user, conversation, before, 100)
            .await
            .unwrap();
        if page.is_empty() {
            all.reverse();
            return all;
        }
        all.extend(page);
    }
}

/// Every turn is whole and its answer follows its prompt. Returns the prompts.
fn whole_turns(messages: &[StoredMessage]) -> BTreeSet<String> {
    let prompts = messages.chunks(2).map(|pair| {
        let [prompt, answer] = pair else {
            panic!("half a turn: {pair:?}")
        };
        assert_eq!(
            (prompt.author, answer.author),
            (Author::User, Author::Assistant)
        );
        assert_eq!(
            (answer.turn, answer.sequence),
            (prompt.sequence, prompt.sequence + 1)
        );
        assert_eq!(answer.content, format!("answer to {}", prompt.content));
        prompt.content.clone()
    });
    prompts.collect()
}

#[tokio::test]
async fn two_processes_in_one_conversation_lose_no_turn() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chat.db");
    let mut children = [child(&path, 25), child(&path, 25)];
    let mut expected = BTreeSet::new();
    for child in &mut children {
        expected.extend(confirmed(child));
        assert!(child.wait().unwrap().success());
    }
    let store = open_at(&path).await;
    let (user, conversation) = start(&store).await;
    assert_eq!(expected.len(), 50);
    assert_eq!(
        whole_turns(&all_messages(&store, user, conversation).await),
        expected
    );
}

#[tokio::test]
async fn what_was_confirmed_is_there_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chat.db");
    let mut expected = BTreeSet::new();
    for kill_after in [1, 4, 9] {
        let mut child = child(&path, 10_000);
        let mut lines = confirmed(&mut child);
        expected.extend(lines.by_ref().take(kill_after));
        child.kill().unwrap();
        expected.extend(lines);
        child.wait().unwrap();
    }
    let store = open_at(&path).await;
    let (user, conversation) = start(&store).await;
    let stored = whole_turns(&all_messages(&store, user, conversation).await);
    assert!(stored.is_superset(&expected));
    assert!(expected.len() >= 14);
}

#[tokio::test]
async fn two_pools_take_exactly_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chat.db");
    let stores = [open_at(&path).await, open_at(&path).await];
    let (user, _) = start(&stores[0]).await;
    let window = Window {
        max_calls: 7,
        seconds: 60,
    };
    let tasks = stores.map(|store| {
        tokio::spawn(async move {
            let mut granted = 0;
            for _ in 0..10 {
                let taken = store.take_call(user, window, 1_000_000).await.unwrap();
                granted += u32::from(matches!(taken, Taken::Granted { .. }));
            }
            granted
        })
    });
    let mut granted = 0;
    for task in tasks {
        granted += task.await.unwrap();
    }
    assert_eq!(granted, window.max_calls);
}
