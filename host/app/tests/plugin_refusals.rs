//! A plugin directory that cannot be used stops the start: 78, the file and the reason, and nothing is made.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

#[path = "support/plugins.rs"]
mod plugins;
mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use mini_llm_chat_builtin::{COMMANDS, REDACTION};
use plugins::{directory, mode};
use support::Home;

/// Starts the chat with this directory and expects the refusal with these words.
fn refused(home: &Home, dir: &Path, words: &[&str]) {
    let before = home.files_but_logs();
    let run = home.run(&["--plugin-dir", dir.to_str().unwrap()]);
    assert_eq!((run.code, run.out.as_str()), (Some(78), ""), "{run:?}");
    for word in words {
        assert!(run.err.contains(word), "{word}: {run:?}");
    }
    assert_eq!(home.files_but_logs(), before, "{words:?}");
}

/// The same for a directory with one file.
fn file_refused(name: &str, bytes: &[u8], words: &[&str]) {
    let home = Home::new();
    let dir = directory(home.path(), &[(name, bytes)]);
    let path = dir.join(name);
    refused(&home, &dir, &[&[path.to_str().unwrap()], words].concat());
}

#[test]
fn a_file_that_is_not_there_is_named_and_not_called_a_bad_plugin() {
    let home = Home::new();
    let run = home.run(&["plugins", "check", "missing.wasm"]);
    assert_eq!((run.code, run.out.as_str()), (Some(78), ""), "{run:?}");
    assert_eq!(run.err.lines().count(), 1, "{run:?}");
    assert!(
        run.err.contains("missing.wasm") && run.err.contains("No such file"),
        "{run:?}"
    );
}

/// A built-in component, with each `from` replaced by `to` of the same length.
fn patched(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = component.to_vec();
    let starts = 0..=bytes.len() - from.len();
    for start in starts {
        let place = &mut bytes[start..start + from.len()];
        if place == from.as_bytes() {
            place.copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

#[test]
fn a_directory_that_is_missing_or_none() {
    let home = Home::new();
    refused(
        &home,
        &home.path().join("gone"),
        &["gone", "there is no such directory"],
    );
    let file = home.write("file", "");
    refused(&home, &file, &["it is not a directory"]);
}

/// The superuser reads whatever its mode says, so the name is one that nobody can look up.
#[test]
fn a_directory_that_cannot_be_read() {
    let home = Home::new();
    let dir = PathBuf::from("/".to_owned() + &"x".repeat(300));
    refused(&home, &dir, &["it cannot be read"]);
    let file = home.write("file", "");
    refused(&home, &file.join("below"), &["it cannot be read"]);
}

#[test]
fn what_others_can_write() {
    let home = Home::new();
    let dir = directory(home.path(), &[("redaction.wasm", REDACTION)]);
    mode(&dir, 0o777);
    refused(&home, &dir, &["others can write", "chmod go-w"]);
    mode(&dir, 0o700);
    mode(&dir.join("redaction.wasm"), 0o666);
    refused(
        &home,
        &dir,
        &["redaction.wasm", "others can write", "chmod go-w"],
    );
}

#[test]
fn a_file_that_has_no_place_there() {
    file_refused(
        "policy.wsam",
        REDACTION,
        &["it has no place in a plugin directory"],
    );
}

#[test]
fn a_link_that_leaves_the_directory_and_a_fifo() {
    let home = Home::new();
    let outside = home.write("outside.wasm", REDACTION);
    let dir = directory(home.path(), &[]);
    symlink(outside, dir.join("linked.wasm")).unwrap();
    refused(&home, &dir, &["linked.wasm", "leaves the plugin directory"]);

    let home = Home::new();
    let dir = directory(home.path(), &[]);
    let made = Command::new("mkfifo").arg(dir.join("waits.wasm")).status();
    assert!(made.unwrap().success());
    refused(&home, &dir, &["waits.wasm", "FIFO"]);
}

#[test]
fn what_is_no_component() {
    file_refused("notes.wasm", b"just a text\n", &["it is a text file"]);
    file_refused("notes.wasm", b"(component)", &["WebAssembly text"]);
    file_refused("notes.wasm", b"", &["the file is empty"]);
    file_refused("notes.wasm", b"\0asm\x01\0\0\0", &["it is a core module"]);
    file_refused(
        "notes.wasm",
        b"\x7fELF\x02\x01\x01\0",
        &["it is native code"],
    );
    let half = &REDACTION[..REDACTION.len() / 2];
    file_refused("notes.wasm", half, &["it is cut off after"]);
}

#[test]
fn a_component_with_imports_that_were_not_granted() {
    let words = [
        "which is not granted to it",
        "mini-llm-chat:host/conversations",
        "[plugins.notes]",
        "grants = [",
    ];
    file_refused("notes.wasm", COMMANDS, &words);
}

#[test]
fn a_component_of_a_later_contract() {
    let later = patched(
        REDACTION,
        "mini-llm-chat:plugin/redactor@0.1.0",
        "mini-llm-chat:plugin/redactor@0.9.0",
    );
    file_refused(
        "notes.wasm",
        &later,
        &["contract 0.9", "update mini-llm-chat"],
    );
}

#[test]
fn two_commands_of_the_same_name() {
    let home = Home::new();
    home.config(
        "[plugins.notes]\n\
         grants = ['auth', 'cache', 'conversations', 'conversations-all', 'output', 'plugins', 'session', 'users']\n",
    );
    let dir = directory(home.path(), &[("notes.wasm", COMMANDS)]);
    refused(&home, &dir, &["the command `help` is also brought by"]);
}

#[test]
fn every_problem_is_named_at_once() {
    let home = Home::new();
    let files: [(&str, &[u8]); 2] = [("a.wasm", b"text"), ("b.wasm", b"")];
    let dir = directory(home.path(), &files);
    refused(&home, &dir, &["a.wasm", "b.wasm"]);
}

#[test]
fn settings_that_a_built_in_plugin_does_not_know() {
    let home = Home::new();
    home.config("[plugins.prompt-policy]\nnonsense = 1\n");
    let before = home.files_but_logs();
    let run = home.run(&["ask", "hello"]);
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(run.err.contains("nonsense"), "{run:?}");
    assert_eq!(home.files_but_logs(), before);
}

#[test]
fn an_existing_database_is_as_it_was() {
    let home = Home::new();
    assert_eq!(home.run(&["--init-db"]).code, Some(0));
    let bytes = fs::read(home.database()).unwrap();
    let dir = directory(home.path(), &[("notes.wasm", b"text")]);
    refused(&home, &dir, &["notes.wasm"]);
    assert_eq!(fs::read(home.database()).unwrap(), bytes);
}
