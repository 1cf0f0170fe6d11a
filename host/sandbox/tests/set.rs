//! Which plugins are active together, and how a directory changes the built-in set.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

mod common;
#[path = "common/guest.rs"]
mod guest;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mini_llm_chat_sandbox::{
    Component, Kind, Operator, OperatorPlugin, Origin, PluginName, PluginSet, Refusal, Sandbox,
    Settings,
};
use tempfile::TempDir;

fn built_in() -> Vec<Component> {
    let bytes = [
        guest::redactor("built-in"),
        guest::policy("built-in"),
        guest::commands("help", "h"),
    ];
    let names = ["redaction", "prompt-policy", "commands"];
    names
        .into_iter()
        .zip(bytes)
        .map(|(name, bytes)| component(name, bytes))
        .collect()
}

fn component(name: &str, bytes: Vec<u8>) -> Component {
    Component {
        name: PluginName::new(name).unwrap(),
        order: String::new(),
        origin: Origin::BuiltIn,
        bytes,
        settings: Settings::default(),
        grants: BTreeSet::new(),
    }
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn sandbox() -> Arc<Sandbox> {
    common::sandbox()
}

fn assemble(dir: Option<&Path>, operator: &Operator) -> Result<PluginSet, Vec<Refusal>> {
    PluginSet::assemble(&sandbox(), built_in(), dir, operator)
}

fn with(files: &[(&str, Vec<u8>)]) -> PluginSet {
    let dir = folder(files);
    assemble(Some(dir.path()), &Operator::default())
        .unwrap_or_else(|refusals| panic!("{refusals:?}"))
}

fn refusal(files: &[(&str, Vec<u8>)]) -> String {
    let dir = folder(files);
    let refusals = assemble(Some(dir.path()), &Operator::default())
        .err()
        .unwrap();
    refusals
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn without_a_directory_the_built_in_ones_are_active() {
    let set = assemble(None, &Operator::default()).unwrap();
    assert_eq!(
        set.summary(),
        [
            "prompt policy: built-in",
            "redaction: built-in",
            "commands: built-in"
        ]
    );
    assert!(set.notices().is_empty());
    assert!(
        set.plugins()
            .iter()
            .all(|plugin| plugin.built_in && plugin.faults == 0)
    );
}

#[test]
fn an_empty_directory_gives_the_built_in_ones_and_says_so() {
    let set = with(&[]);
    assert_eq!(
        set.summary(),
        [
            "prompt policy: built-in",
            "redaction: built-in",
            "commands: built-in"
        ]
    );
    assert!(
        set.notices()[0].ends_with("holds no plugin: the built-in ones are active"),
        "{:?}",
        set.notices()
    );
}

#[test]
fn policies_replace() {
    let set = with(&[
        ("20-two.wasm", guest::policy("2")),
        ("10-one.wasm", guest::policy("1")),
    ]);
    assert_eq!(
        set.summary()[0],
        "prompt policy: one + two (the built-in one is off)"
    );
    assert_eq!(
        set.summary()[1..],
        ["redaction: built-in", "commands: built-in"]
    );
}

#[test]
fn redactors_and_commands_add() {
    let files = [
        ("company-terms.wasm", guest::redactor("terms")),
        ("notes.wasm", guest::commands("note", "n")),
    ];
    let set = with(&files);
    assert_eq!(
        set.summary(),
        [
            "prompt policy: built-in",
            "redaction: built-in + company-terms",
            "commands: built-in + notes"
        ]
    );
    assert!(set.commands().find("help").is_some() && set.commands().find("n").is_some());
}

#[test]
fn a_built_in_name_replaces_that_one() {
    let set = with(&[
        ("redaction.wasm", guest::redactor("mine")),
        ("commands.wasm", guest::commands("aid", "a")),
    ]);
    assert_eq!(
        set.summary()[1..],
        ["redaction: redaction.wasm", "commands: commands.wasm"]
    );
    assert!(set.commands().find("help").is_none());
}

#[test]
fn a_built_in_name_stands_for_its_kind() {
    let text = refusal(&[("redaction.wasm", guest::commands("note", "n"))]);
    assert!(
        text.contains(
            "it is a commands plugin, but its name is that of the built-in redactor plugin"
        ),
        "{text}"
    );
}

#[test]
fn two_commands_of_one_name_or_alias() {
    let text = refusal(&[("notes.wasm", guest::commands("help", "x"))]);
    assert!(
        text.contains("notes.wasm: the command `help` is also brought by `commands`"),
        "{text}"
    );
    let text = refusal(&[("notes.wasm", guest::commands("note", "h"))]);
    assert!(
        text.contains("the command `h` is also brought by"),
        "{text}"
    );
}

#[test]
fn the_hosts_own_commands_cannot_be_taken() {
    let text = refusal(&[("notes.wasm", guest::commands("quit", "x"))]);
    assert!(
        text.contains("the command `quit` is also brought by the chat itself"),
        "{text}"
    );
}

#[test]
fn every_component_that_is_refused_is_named() {
    let text = refusal(&[
        ("a.wasm", b"text".to_vec()),
        ("b.wasm", Vec::new()),
        ("c.wasm", guest::redactor("c")),
    ]);
    assert!(
        text.contains("a.wasm: it is a text file") && text.contains("b.wasm: the file is empty"),
        "{text}"
    );
    assert!(!text.contains("c.wasm"), "{text}");
}

#[test]
fn no_kind_is_ever_without_a_plugin() {
    let refusals = PluginSet::assemble(&sandbox(), Vec::new(), None, &Operator::default())
        .err()
        .unwrap();
    let text: Vec<_> = refusals.iter().map(ToString::to_string).collect();
    for kind in Kind::ALL {
        assert!(
            text.concat()
                .contains(&format!("there is no {kind} plugin")),
            "{text:?}"
        );
    }
}

#[test]
fn the_digest_changes_with_components_and_settings_the_policy_digest_with_policies_only() {
    let plain = assemble(None, &Operator::default()).unwrap();
    assert_eq!(
        plain.digest(),
        assemble(None, &Operator::default()).unwrap().digest()
    );

    let more = with(&[("terms.wasm", guest::redactor("terms"))]);
    assert_ne!(more.digest(), plain.digest());
    assert_eq!(more.policy_digest(), plain.policy_digest());

    let word = OperatorPlugin::from_toml("strict = true".parse().unwrap()).unwrap();
    let name = PluginName::new("prompt-policy").unwrap();
    let operator = Operator {
        plugins: [(name, word)].into(),
        ..Operator::default()
    };
    let strict = assemble(None, &operator).unwrap();
    assert_ne!(strict.policy_digest(), plain.policy_digest());
    assert_ne!(strict.digest(), plain.digest());
}
