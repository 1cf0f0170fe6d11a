//! A chat with a home directory of its own, against a mock server over real HTTP.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mini_llm_chat_engine::storage::{
    Conversations, Location, SqliteStore, StoredMessage, Turns, Users, open,
};
use mock_openai::MockServer;
use serde_json::Value;

/// No real key: a pattern of letters.
pub(crate) const KEY: &str = "sk-abcdefghijklmnopqrstuvwxyz";

pub(crate) struct Home {
    dir: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// Where nobody answers: a port that was free a moment ago.
pub(crate) fn closed_port() -> String {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

impl Home {
    /// Nothing of the caller's environment; the key is in the environment. All homes share the compiled
    /// components: compiling them takes a debug build seconds.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "work"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let cache = concat!(env!("CARGO_TARGET_TMPDIR"), "/cache");
        let variables = [("OPENAI_API_KEY", KEY), ("XDG_CACHE_HOME", cache)];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        Self { dir, variables }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// In the place of what it was.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file in the working directory, closed to others.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join("work").join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).unwrap();
        }
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn config(&self, text: &str) {
        let dir = self.dir.path().join("home/.config/mini-llm-chat");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("config.toml"), text).unwrap();
        fs::set_permissions(dir.join("config.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-llm-chat"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path().join("home"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.dir.path().join("work"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// The program with this on standard input, which is no terminal.
    pub(crate) fn pipe(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A program that refuses its input may be gone before it read it.
        child.stdin.take().unwrap().write_all(input).ok();
        Run::of(child.wait_with_output().unwrap())
    }

    /// The chat with these lines on standard input, against `server`, without a wait for the limit.
    pub(crate) fn chat(&self, server: &MockServer, lines: &[&str]) -> Run {
        let input = lines.join("\n") + "\n";
        let url = server.base_url();
        self.pipe(
            &["--base-url", &url, "--max-calls", "1000"],
            input.as_bytes(),
        )
    }

    /// Every file with its bytes, but those that report what happened.
    pub(crate) fn files_but_logs(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let state = self.dir.path().join("home/.local/state");
        let mut files = self.files();
        files.retain(|(path, _)| !path.starts_with(&state));
        files.sort();
        files
    }

    /// Every file in which `secret` stands.
    pub(crate) fn files_with(&self, secret: &str) -> Vec<PathBuf> {
        let mut files = self.files();
        files.retain(|(_, bytes)| {
            let mut windows = bytes.windows(secret.len());
            windows.any(|window| window == secret.as_bytes())
        });
        files.into_iter().map(|(path, _)| path).collect()
    }

    /// The log's and the audit trail's text.
    pub(crate) fn log(&self) -> String {
        let log = self.state().join("mini-llm-chat.log");
        let events = self.events().into_iter().map(|event| format!("{event}\n"));
        fs::read_to_string(log).unwrap_or_default() + &events.collect::<String>()
    }

    /// Every audit event, oldest first: of the file, then of the database.
    pub(crate) fn events(&self) -> Vec<Value> {
        let file = fs::read_to_string(self.state().join("audit.jsonl")).unwrap_or_default();
        let mut events = json_lines(&file);
        if self.database().exists() {
            let list = self.run(&["audit", "list", "--json", "--limit", "10000"]);
            assert_eq!(list.code, Some(0), "{list:?}");
            let stored = json_lines(&list.out);
            events.extend(stored.into_iter().rev().map(|row| row["fields"].clone()));
        }
        events
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("home/.local/state/mini-llm-chat")
    }

    /// Turns that wait for the database.
    pub(crate) fn spooled(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.state().join("spool")) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The trail verifies and names so many turns without an end.
    pub(crate) fn verified(&self, unended: usize) {
        let run = self.run(&["audit", "verify"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let line = format!("turns begun without an end: {unended}\n");
        assert!(run.out.contains(&line), "{run:?}");
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir
            .path()
            .join("home/.local/share/mini-llm-chat/mini-llm-chat.db")
    }

    /// Every stored message, newest conversation first, oldest message first.
    pub(crate) async fn stored(&self) -> Vec<StoredMessage> {
        if !self.database().exists() {
            return Vec::new();
        }
        let store: SqliteStore = open(
            &Location::File(self.database()),
            std::time::Duration::from_secs(5),
        )
        .await
        .unwrap();
        let user = store.local_user("nobody").await.unwrap().id;
        let mut messages = Vec::new();
        for conversation in store.list(user, None, 100).await.unwrap() {
            let mut page = store
                .messages(user, conversation.id, None, 100)
                .await
                .unwrap();
            page.reverse();
            messages.extend(page);
        }
        messages
    }

    /// Every file below the home and the working directory with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(self.dir.path(), &mut found);
        found
    }
}

fn json_lines(text: &str) -> Vec<Value> {
    let values = text.lines().map(|line| serde_json::from_str(line).unwrap());
    values.collect()
}

fn collect(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            // Reading a FIFO would wait for a writer.
            let bytes = path.is_file().then(|| fs::read(&path).unwrap());
            found.push((path, bytes.unwrap_or_default()));
        }
    }
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
