//! Plugins that work, written as core modules in text form: they find nothing, allow everything, and bring one
//! command. The contract in wit/ makes components of them, so no guest has to be built.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Memory, the allocator that the canonical ABI asks for, and room for results from address 1024 on.
const BASE: &str = r#"
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.get $next)
        (global.set $next (i32.add (global.get $next) (local.get 3))))
"#;

/// Finds nothing. `salt` makes components with different bytes.
pub(crate) fn redactor(salt: &str) -> Vec<u8> {
    let body = r#"
        (func (export "mini-llm-chat:plugin/redactor@0.1.0#kinds") (result i32) (i32.const 1024))
        (func (export "mini-llm-chat:plugin/redactor@0.1.0#find") (param i32 i32) (result i32)
            (i32.store (i32.const 1032) (i32.const 32768))
            (i32.store (i32.const 1036) (local.get 1))
            (i32.const 1032))"#;
    component("redactor-plugin", body, salt)
}

/// Allows everything and releases every delta whole.
pub(crate) fn policy(salt: &str) -> Vec<u8> {
    let body = r#"
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#rules") (result i32) (i32.const 1024))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#kinds") (result i32) (i32.const 1024))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#system-prompt")
            (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#review-prompt")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#begin-output") (param i32 i32))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#review-delta") (param i32 i32) (result i32)
            (i32.store (i32.const 1088) (local.get 1))
            (i32.const 1088))
        (func (export "mini-llm-chat:plugin/prompt-policy@0.1.0#review-end") (param i32) (result i32)
            (i32.const 1024))"#;
    component("policy-plugin", body, salt)
}

/// Brings one command of this name, with one alias.
pub(crate) fn commands(name: &str, alias: &str) -> Vec<u8> {
    let (n, a) = (name.len(), alias.len());
    let body = format!(
        r#"
        (data (i32.const 2048) "{name}")
        (data (i32.const 2304) "{alias}")
        (func (export "mini-llm-chat:plugin/commands@0.1.0#describe") (result i32)
            ;; list of commands: one, at 1100
            (i32.store (i32.const 1024) (i32.const 1100))
            (i32.store (i32.const 1028) (i32.const 1))
            ;; name, aliases, usage, summary, needs
            (i32.store (i32.const 1100) (i32.const 2048)) (i32.store (i32.const 1104) (i32.const {n}))
            (i32.store (i32.const 1108) (i32.const 1200)) (i32.store (i32.const 1112) (i32.const 1))
            (i32.store (i32.const 1116) (i32.const 2048)) (i32.store (i32.const 1120) (i32.const {n}))
            (i32.store (i32.const 1124) (i32.const 2048)) (i32.store (i32.const 1128) (i32.const {n}))
            (i32.store (i32.const 1200) (i32.const 2304)) (i32.store (i32.const 1204) (i32.const {a}))
            (i32.const 1024))
        (func (export "mini-llm-chat:plugin/commands@0.1.0#run") (param i32 i32 i32 i32) (result i32)
            (i32.const 3000))"#
    );
    component("commands-plugin", &body, name)
}

fn component(world: &str, body: &str, salt: &str) -> Vec<u8> {
    let text = format!("(module {BASE} {body} (data (i32.const 3500) \"{salt}\"))");
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let wit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    resolve.push_dir(wit.join("plugin")).unwrap();
    let (host, _) = resolve.push_dir(wit.join("host")).unwrap();
    let world = resolve.select_world(&[host], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap()
}
