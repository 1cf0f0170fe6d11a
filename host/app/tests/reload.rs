//! The plugin set is swapped as a whole or not at all, from the chat and by a signal, and the audit says so.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use support::Home;

/// Only a test that hangs waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

struct Chat {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Chat {
    fn open(home: &Home) -> Self {
        let mut child = home
            .command(&["--plugin-dir", "rules"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        let input = child.stdin.take().unwrap();
        Self {
            child,
            input,
            lines,
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Lines up to the first that holds `text`.
    fn until(&self, text: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(text) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => seen.push_str(&format!("{line}\n")),
                Err(error) => panic!("no `{text}` ({error}) in:\n{seen}"),
            }
        }
        seen
    }

    fn signal(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::USR1).unwrap();
    }

    fn leave(mut self) {
        drop(self.input);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            if to.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
}

fn home() -> Home {
    let home = Home::new();
    fs::create_dir(home.path().join("work/rules")).unwrap();
    assert_eq!(home.run(&["plugins", "eject", "ejected"]).code, Some(0));
    home
}

fn add_redactor(home: &Home) {
    let work = home.path().join("work");
    fs::copy(
        work.join("ejected/redaction.wasm"),
        work.join("rules/10-company.wasm"),
    )
    .unwrap();
}

fn named<'a>(events: &'a [serde_json::Value], name: &str) -> Vec<&'a serde_json::Value> {
    events
        .iter()
        .filter(|event| event["event"] == name)
        .collect()
}

#[test]
fn the_command_swaps_the_set_and_the_audit_has_both_digests() {
    let home = home();
    let mut chat = Chat::open(&home);
    chat.say("/plugins");
    chat.until("commands");
    add_redactor(&home);
    chat.say("/plugins reload");
    chat.until("redaction: built-in + company");
    chat.say("/plugins");
    chat.until("company");
    chat.leave();
    let events = home.events();
    assert_eq!(named(&events, "plugin-loaded").len(), 3 + 4);
    let swaps = named(&events, "plugins-swapped");
    assert_eq!(swaps.len(), 1);
    assert_ne!(swaps[0]["before"], swaps[0]["after"]);
    let company = named(&events, "plugin-loaded")
        .into_iter()
        .find(|event| event["plugin"]["name"] == "company");
    assert_eq!(
        company.unwrap()["plugin"]["digest"].as_str().unwrap().len(),
        64
    );
}

#[test]
fn a_signal_reloads_while_the_chat_waits_for_a_line() {
    let home = home();
    let mut chat = Chat::open(&home);
    chat.say("/plugins");
    chat.until("commands");
    add_redactor(&home);
    chat.signal();
    let said = chat.until("(plugins reloaded:");
    assert!(said.contains("redaction: built-in + company"), "{said}");
    chat.say("/plugins");
    chat.until("company");
    chat.leave();
    assert_eq!(named(&home.events(), "plugins-swapped").len(), 1);
}

#[test]
fn a_set_with_a_bad_file_leaves_the_old_one_and_says_why() {
    let home = home();
    add_redactor(&home);
    let mut chat = Chat::open(&home);
    chat.say("/plugins");
    chat.until("commands");
    home.write("rules/20-broken.wasm", "no component");
    chat.signal();
    let said = chat.until("20-broken.wasm");
    assert!(said.contains("the old set stays"), "{said}");
    chat.say("/plugins reload");
    chat.until("20-broken.wasm");
    chat.say("/plugins");
    chat.until("company");
    fs::remove_file(home.path().join("work/rules/20-broken.wasm")).unwrap();
    chat.signal();
    chat.until("(plugins reloaded:");
    chat.leave();
    let events = home.events();
    let refused = named(&events, "plugin-refused");
    assert_eq!(refused.len(), 2);
    assert!(
        refused[0]["plugin"]
            .as_str()
            .unwrap()
            .contains("20-broken.wasm")
    );
    assert!(!refused[0]["reason"].as_str().unwrap().is_empty());
    assert_eq!(named(&events, "plugins-swapped").len(), 1);
}

#[test]
fn a_set_that_is_refused_at_start_is_audited_with_its_reason() {
    let home = home();
    home.write("rules/20-broken.wasm", "no component");
    let run = home.run(&["ask", "--plugin-dir", "rules", "hello"]);
    assert_eq!(run.code, Some(78), "{}", run.err);
    let events = home.events();
    let refused = named(&events, "plugin-refused");
    assert!(
        refused[0]["reason"]
            .as_str()
            .unwrap()
            .contains("20-broken.wasm")
    );
    assert_eq!(named(&events, "plugin-loaded").len(), 0);
}

#[test]
fn a_reload_reads_the_sections_of_the_config_file_anew() {
    let home = home();
    let mut chat = Chat::open(&home);
    chat.say("/plugins");
    chat.until("commands");
    home.config("[plugins.redaction]\noff = [\"no-such-kind\"]\n");
    chat.say("/plugins reload");
    chat.until("`no-such-kind` is no kind");
    home.config("[plugins.redaction\n");
    chat.say("/plugins reload");
    chat.until("config.toml line 1");
    home.config("[plugins.redaction]\noff = [\"email\"]\n");
    chat.say("/plugins reload");
    chat.until("Reloaded. Active now:");
    chat.leave();
    let events = home.events();
    assert_eq!(named(&events, "plugin-refused").len(), 2);
    assert_eq!(named(&events, "plugins-swapped").len(), 1);
}
