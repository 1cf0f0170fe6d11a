//! The lock: what was looked at is what is used.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::{Path, PathBuf};

use mini_llm_chat_sandbox::{Grant, Operator, OperatorPlugin, PluginName, directory};
use tempfile::TempDir;

fn locked() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("10-terms.wasm"), "code").unwrap();
    fs::write(
        dir.path().join("10-terms.toml"),
        "limit = 1\ngrants = ['users']",
    )
    .unwrap();
    directory::lock(dir.path(), &granting()).unwrap();
    dir
}

fn granting() -> Operator {
    let word = OperatorPlugin {
        grants: [Grant::Storage].into(),
        ..OperatorPlugin::default()
    };
    Operator {
        plugins: [(PluginName::new("terms").unwrap(), word)].into(),
        ..Operator::default()
    }
}

fn refusal(dir: &Path, operator: &Operator) -> String {
    let refusals = directory::read(dir, operator).unwrap_err();
    refusals
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn outside() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("team.lock");
    (dir, path)
}

#[test]
fn an_unchanged_directory_is_read_with_what_the_lock_grants() {
    let dir = locked();
    let found = directory::read(dir.path(), &Operator::default())
        .unwrap()
        .remove(0);
    // What the operator granted when it was locked, never what the plugin requests.
    assert_eq!(found.component.grants, [Grant::Storage].into());
}

#[test]
fn a_changed_component_and_changed_settings() {
    let dir = locked();
    fs::write(dir.path().join("10-terms.wasm"), "evil").unwrap();
    fs::write(dir.path().join("10-terms.toml"), "limit = 2").unwrap();
    let text = refusal(dir.path(), &Operator::default());
    assert!(
        text.contains("10-terms.wasm: it changed since it was locked"),
        "{text}"
    );
    assert!(
        text.contains("10-terms.toml: it changed since it was locked"),
        "{text}"
    );
    assert!(text.contains("run: mini-llm-chat plugins lock"), "{text}");
}

#[test]
fn a_file_that_is_not_listed() {
    let dir = locked();
    fs::write(dir.path().join("new.wasm"), "code").unwrap();
    assert!(refusal(dir.path(), &Operator::default()).contains("new.wasm: it is not in the lock"));
}

#[test]
fn a_listed_file_that_is_gone() {
    let dir = locked();
    fs::remove_file(dir.path().join("10-terms.wasm")).unwrap();
    fs::remove_file(dir.path().join("10-terms.toml")).unwrap();
    let text = refusal(dir.path(), &Operator::default());
    assert!(
        text.contains("10-terms.wasm: it is in the lock, but not in the directory"),
        "{text}"
    );
}

#[test]
fn a_renamed_file_is_another_order_and_refused() {
    let dir = locked();
    fs::rename(
        dir.path().join("10-terms.wasm"),
        dir.path().join("90-terms.wasm"),
    )
    .unwrap();
    assert!(
        refusal(dir.path(), &Operator::default()).contains("90-terms.wasm: it is not in the lock")
    );
}

#[test]
fn a_required_lock_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let operator = Operator {
        require_lock: true,
        ..Operator::default()
    };
    assert!(
        refusal(dir.path(), &operator)
            .contains("the configuration requires a lock, and there is none")
    );
}

#[test]
fn a_lock_outside_wins_over_the_one_inside() {
    let dir = locked();
    let (_keep, path) = outside();
    let operator = Operator {
        lock_file: Some(path.clone()),
        ..Operator::default()
    };
    assert_eq!(directory::lock(dir.path(), &operator).unwrap(), path);
    fs::write(dir.path().join("10-terms.wasm"), "evil").unwrap();
    directory::lock(dir.path(), &Operator::default()).unwrap();
    assert!(directory::read(dir.path(), &Operator::default()).is_ok());
    assert!(refusal(dir.path(), &operator).contains("it changed since it was locked"));
}

#[test]
fn a_named_lock_that_is_missing_is_no_missing_check() {
    let (_keep, path) = outside();
    let operator = Operator {
        lock_file: Some(path),
        ..Operator::default()
    };
    assert!(refusal(locked().path(), &operator).contains("team.lock: there is no such file"));
}

#[test]
fn a_broken_lock_with_its_place() {
    let dir = locked();
    fs::write(
        dir.path().join("plugins.lock"),
        "version = 1\n[files]\n'a.wasm' = 'abc'",
    )
    .unwrap();
    let text = refusal(dir.path(), &Operator::default());
    assert!(
        text.contains("plugins.lock: line 3, column ") && text.contains("64 hexadecimal digits"),
        "{text}"
    );
}

#[test]
fn a_lock_of_a_later_format() {
    let dir = locked();
    fs::write(
        dir.path().join("plugins.lock"),
        "version = 2\nsignatures = []",
    )
    .unwrap();
    let text = refusal(dir.path(), &Operator::default());
    assert!(
        text.contains("version 2 of the lock format, this host reads version 1"),
        "{text}"
    );
}

#[test]
fn locking_again_keeps_the_grants_and_takes_the_new_bytes() {
    let dir = locked();
    fs::write(dir.path().join("10-terms.wasm"), "better").unwrap();
    directory::lock(dir.path(), &Operator::default()).unwrap();
    let found = directory::read(dir.path(), &Operator::default())
        .unwrap()
        .remove(0);
    assert_eq!(found.component.grants, [Grant::Storage].into());
}

#[test]
fn nothing_is_left_beside_a_written_lock() {
    let dir = locked();
    let mut names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["10-terms.toml", "10-terms.wasm", "plugins.lock"]);
}
