//! What anybody may rely on about the embedded components, read from their bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;

use mini_llm_chat_builtin::{COMMANDS, PROMPT_POLICY, REDACTION, all};
use wasmparser::{Parser, Payload};

/// More would be felt at start, where the components are read and hashed.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Names at the outermost level: what the component imports and what it exports.
fn surface(component: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_owned()),
                );
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|export| export.unwrap().name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    (imports, exports)
}

fn host(interfaces: &[&str]) -> BTreeSet<String> {
    let types = "mini-llm-chat:plugin/types@0.1.0".to_owned();
    let named = interfaces
        .iter()
        .map(|interface| format!("mini-llm-chat:host/{interface}@0.1.0"));
    named.chain([types]).collect()
}

fn plugin(interfaces: &[&str]) -> BTreeSet<String> {
    interfaces
        .iter()
        .map(|interface| format!("mini-llm-chat:plugin/{interface}@0.1.0"))
        .collect()
}

#[test]
fn redactor_reaches_its_settings_only() {
    let (imports, exports) = surface(REDACTION);
    assert_eq!(imports, host(&["settings"]));
    assert_eq!(exports, plugin(&["configurable", "redactor"]));
}

#[test]
fn policy_reaches_its_settings_and_the_log_only() {
    let (imports, exports) = surface(PROMPT_POLICY);
    assert_eq!(imports, host(&["log", "settings"]));
    assert_eq!(exports, plugin(&["configurable", "prompt-policy"]));
}

#[test]
fn commands_reach_what_they_are_granted_only() {
    let (imports, exports) = surface(COMMANDS);
    let granted = [
        "auth",
        "cache",
        "conversations",
        "conversations-all",
        "log",
        "output",
        "plugins",
        "session",
        "settings",
        "users",
    ];
    assert_eq!(imports, host(&granted));
    assert_eq!(exports, plugin(&["commands", "configurable"]));
}

#[test]
fn no_component_tells_where_it_was_built() {
    let here = env!("CARGO_MANIFEST_DIR");
    let root = here.strip_suffix("/plugins/builtin").unwrap_or(here);
    let home = std::env::home_dir().unwrap();
    for (name, bytes) in all() {
        for place in [root, home.to_str().unwrap()] {
            let found = bytes
                .windows(place.len())
                .any(|window| window == place.as_bytes());
            assert!(!found, "{name} holds {place}");
        }
    }
}

#[test]
fn components_are_small() {
    for (name, bytes) in all() {
        assert!(bytes.len() < MAX_BYTES, "{name} has {} bytes", bytes.len());
    }
}
