//! The contract in wit/ is what plugins were built against: any change of it has to be seen and meant.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

use std::fmt::Write as _;
use std::path::Path;

use wit_parser::{Resolve, WorldItem, WorldKey};

fn wit(part: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../wit")
        .join(part)
}

fn contract() -> Resolve {
    let mut resolve = Resolve::default();
    for part in ["plugin", "host"] {
        resolve.push_dir(wit(part)).unwrap();
    }
    resolve
}

/// The source without its comments: what the words say may change, the shapes may not.
fn shapes(part: &str) -> String {
    let mut files: Vec<_> = std::fs::read_dir(wit(part))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut shapes = String::new();
    for file in files {
        let source = std::fs::read_to_string(file).unwrap();
        let code = source
            .lines()
            .map(|line| line.split("//").next().unwrap().trim_end());
        for line in code.filter(|line| !line.is_empty()) {
            writeln!(shapes, "{line}").unwrap();
        }
    }
    shapes
}

#[test]
fn the_shapes_that_plugins_export_are_unchanged() {
    insta::assert_snapshot!("plugin", shapes("plugin"));
}

#[test]
fn the_functions_that_the_host_offers_are_unchanged() {
    insta::assert_snapshot!("host", shapes("host"));
}

#[test]
fn every_import_of_a_world_is_settings_shapes_or_a_grant() {
    let resolve = contract();
    for (_, world) in &resolve.worlds {
        for (key, item) in &world.imports {
            let (WorldKey::Interface(id), WorldItem::Interface { .. }) = (key, item) else {
                panic!("{} imports more than interfaces", world.name);
            };
            let interface = &resolve.interfaces[*id];
            let name = interface.name.as_deref().unwrap();
            let known =
                name == "settings" || mini_llm_chat_sandbox::Grant::from_name(name).is_some();
            assert!(
                known || interface.functions.is_empty(),
                "{name} carries authority and is no grant"
            );
        }
    }
}

#[test]
fn every_grant_but_wasi_is_an_interface_of_the_host() {
    let resolve = contract();
    for grant in mini_llm_chat_sandbox::Grant::ALL {
        let found = resolve
            .interfaces
            .iter()
            .any(|(_, interface)| interface.name.as_deref() == Some(grant.name()));
        assert_eq!(
            found,
            grant != mini_llm_chat_sandbox::Grant::Wasi,
            "{grant}"
        );
    }
}
