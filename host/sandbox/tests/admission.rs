//! What is refused before it is compiled or run, and with which words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use common::{Shape, component, plugin, refusal, refusal_with, sandbox};
use mini_llm_chat_sandbox::{Grant, Kind};

const LOG: &str = "mini-llm-chat:host/log@0.1.0";
const STORAGE: &str = "mini-llm-chat:host/storage@0.1.0";
const LLM: &str = "mini-llm-chat:host/llm@0.1.0";

#[test]
fn each_kind_is_known_by_what_it_exports() {
    let sandbox = sandbox();
    for kind in Kind::ALL {
        let admitted = sandbox
            .examine(component(plugin(kind).bytes(), &[]))
            .unwrap();
        assert_eq!(admitted.kind(), kind);
    }
}

#[test]
fn a_plugin_may_check_its_own_settings() {
    let bytes = plugin(Kind::Redactor)
        .exports("mini-llm-chat:plugin/configurable@0.1.0")
        .bytes();
    assert!(sandbox().examine(component(bytes, &[])).is_ok());
}

#[test]
fn a_later_version_of_the_same_track_fits() {
    let bytes = Shape::default()
        .exports("mini-llm-chat:plugin/redactor@0.1.7")
        .bytes();
    assert!(sandbox().examine(component(bytes, &[])).is_ok());
}

#[test]
fn shapes_alone_carry_no_authority() {
    let bytes = plugin(Kind::Redactor)
        .imports_types("mini-llm-chat:plugin/types@0.1.0")
        .bytes();
    assert!(sandbox().examine(component(bytes, &[])).is_ok());
}

#[test]
fn an_empty_file() {
    assert_eq!(refusal(Vec::new()), "notes.wasm: the file is empty");
}

#[test]
fn a_file_beyond_the_size_cap() {
    let text = refusal(vec![0; (32 << 20) + 1]);
    assert_eq!(
        text,
        "notes.wasm: it has more than 32 MiB, which is the most for a component"
    );
}

#[test]
fn text_under_the_name_of_a_component() {
    let wat = refusal(b"\n(component)".to_vec());
    assert!(
        wat.contains("WebAssembly text") && wat.contains("wasm-tools parse"),
        "{wat}"
    );
    assert_eq!(
        refusal(b"deny everything".to_vec()),
        "notes.wasm: it is a text file, not a binary component"
    );
}

#[test]
fn a_core_module() {
    let text = refusal(wat::parse_str("(module)").unwrap());
    assert!(
        text.contains("core module") && text.contains("wasm-tools component new"),
        "{text}"
    );
}

#[test]
fn native_code_even_if_wasmtime_made_it() {
    let sandbox = sandbox();
    let precompiled = sandbox
        .engine()
        .precompile_component(&plugin(Kind::Redactor).bytes())
        .unwrap();
    let elf = std::fs::read(std::env::current_exe().unwrap()).unwrap()[..4096].to_vec();
    for bytes in [precompiled, elf, b"MZ\x90\0".to_vec()] {
        let text = refusal(bytes);
        assert!(
            text.contains("native code, which is never loaded"),
            "{text}"
        );
    }
}

#[test]
fn bytes_that_are_nothing_known() {
    assert_eq!(
        refusal(vec![0xff, 0xfe, 0x80]),
        "notes.wasm: it is not a WebAssembly component"
    );
}

#[test]
fn a_component_cut_at_any_byte() {
    let sandbox = sandbox();
    let bytes = plugin(Kind::Redactor).bytes();
    for length in 1..bytes.len() {
        let Err(refusal) = sandbox.examine(component(bytes[..length].to_vec(), &[])) else {
            assert_eq!(
                bytes[length], 0,
                "only a custom section may be missing: {length}"
            );
            continue;
        };
        let text = refusal.to_string();
        // Cut between two sections it is whole, but has lost its export.
        let fits =
            text.contains(&format!("cut off after {length} bytes")) || text.contains("no plugin");
        assert!(fits, "{length}: {text}");
    }
}

#[test]
fn a_component_with_a_damaged_body() {
    let mut bytes = plugin(Kind::Redactor).bytes();
    let end = bytes.len() - 1;
    bytes.extend([0xff, 0x01, 0x00]);
    bytes[end] ^= 0x7f;
    let text = refusal(bytes);
    assert!(
        text.contains("not a valid component") || text.contains("cut off"),
        "{text}"
    );
}

#[test]
fn a_component_that_is_no_plugin() {
    let text = refusal(Shape::default().bytes());
    assert!(
        text.contains("exports neither redactor, prompt-policy nor commands"),
        "{text}"
    );
}

#[test]
fn a_component_of_two_kinds() {
    let bytes = plugin(Kind::Redactor)
        .exports("mini-llm-chat:plugin/commands@0.1.0")
        .bytes();
    let text = refusal(bytes);
    assert!(
        text.contains("`redactor`, `commands`") && text.contains("one component a kind"),
        "{text}"
    );
}

#[test]
fn a_component_for_a_later_contract() {
    let text = refusal(
        Shape::default()
            .exports("mini-llm-chat:plugin/redactor@0.2.0")
            .bytes(),
    );
    assert_eq!(
        text,
        "notes.wasm: it is made for contract 0.2 (`mini-llm-chat:plugin/redactor@0.2.0`), this host speaks 0.1; \
         update mini-llm-chat or use an older build of the plugin"
    );
}

#[test]
fn a_component_that_calls_a_later_host() {
    let text = refusal(
        plugin(Kind::Commands)
            .imports("mini-llm-chat:host/storage@1.0.0")
            .bytes(),
    );
    assert!(
        text.contains("made for contract 1 ") && text.contains("this host speaks 0.1"),
        "{text}"
    );
}

#[test]
fn an_export_that_is_no_part_of_the_contract() {
    let text = refusal(plugin(Kind::Redactor).exports("wasi:cli/run@0.2.3").bytes());
    assert!(
        text.contains("`wasi:cli/run@0.2.3`, which is no part of the contract"),
        "{text}"
    );
}

#[test]
fn all_ungranted_imports_at_once_with_the_lines_that_grant_them() {
    let bytes = plugin(Kind::Commands)
        .imports(STORAGE)
        .imports(LLM)
        .imports(LOG)
        .bytes();
    let text = refusal_with(bytes, &[Grant::Output]);
    assert!(
        text.contains(STORAGE) && text.contains(LLM) && !text.contains(LOG),
        "{text}"
    );
    let line = "[plugins.notes]\n      grants = [\"output\", \"storage\", \"llm\"]";
    assert!(text.contains(line), "{text}");
}

#[test]
fn what_is_granted_is_admitted() {
    let bytes = plugin(Kind::Commands)
        .imports(STORAGE)
        .imports(LLM)
        .imports(LOG)
        .bytes();
    assert!(
        sandbox()
            .examine(component(bytes, &[Grant::Storage, Grant::Llm]))
            .is_ok()
    );
}

#[test]
fn a_grant_is_for_one_interface_only() {
    let bytes = plugin(Kind::Commands)
        .imports("mini-llm-chat:host/conversations-all@0.1.0")
        .bytes();
    let text = refusal_with(bytes, &[Grant::Conversations]);
    assert!(text.contains("conversations-all"), "{text}");
}

#[test]
fn wasi_is_a_grant_and_without_sockets() {
    let bytes = plugin(Kind::Commands)
        .imports("wasi:clocks/monotonic-clock@0.2.6")
        .bytes();
    let text = refusal(bytes.clone());
    assert!(text.contains("grants = [\"wasi\"]"), "{text}");
    assert!(sandbox().examine(component(bytes, &[Grant::Wasi])).is_ok());
    let sockets = plugin(Kind::Commands)
        .imports("wasi:sockets/tcp@0.2.6")
        .bytes();
    let text = refusal_with(sockets, &[Grant::Wasi]);
    assert!(
        text.contains("`wasi:sockets/tcp@0.2.6`, which this host does not offer"),
        "{text}"
    );
}

#[test]
fn no_grant_opens_the_host_to_a_redactor_or_a_policy() {
    let everything = Grant::ALL;
    for kind in [Kind::Redactor, Kind::PromptPolicy] {
        let bytes = plugin(kind)
            .imports(LLM)
            .imports("wasi:random/random@0.2.6")
            .bytes();
        let text = refusal_with(bytes, &everything);
        assert!(
            text.contains(LLM) && text.contains("wasi:random/random"),
            "{text}"
        );
        assert!(
            text.contains(&format!("which a {kind} plugin may never call")),
            "{text}"
        );
    }
    let text = refusal_with(plugin(Kind::Redactor).imports(LOG).bytes(), &everything);
    assert!(
        text.contains("which a redactor plugin may never call"),
        "{text}"
    );
}

#[test]
fn every_problem_is_named_at_once() {
    let shape = plugin(Kind::Commands)
        .exports("wasi:cli/run@0.2.3")
        .imports(STORAGE)
        .imports("some:thing/else@1.0.0");
    let text = refusal(shape.bytes());
    for part in [
        "\n  - it exports `wasi:cli/run",
        "\n  - it calls `mini-llm-chat:host/storage",
        "\n  - it calls `some:thing",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn names_from_the_component_are_printable() {
    let text = refusal(plugin(Kind::Commands).with("(import \"x\" (func))").bytes());
    assert!(
        text.contains("`x`, which this host does not offer"),
        "{text}"
    );
}

#[test]
fn more_memory_at_the_start_than_the_kind_may_have() {
    for (kind, pages) in [
        (Kind::Redactor, 513),
        (Kind::PromptPolicy, 1025),
        (Kind::Commands, 2049),
    ] {
        let text = refusal(
            plugin(kind)
                .with(&format!("(core module (memory {pages}))"))
                .bytes(),
        );
        assert!(
            text.contains("bytes of memory at its start, at most"),
            "{text}"
        );
        // Several small ones count together.
        let half = format!("(core module (memory {}))", pages / 2 + 1);
        assert!(
            refusal(plugin(kind).with(&half.repeat(2)).bytes())
                .contains("bytes of memory at its start")
        );
    }
}

#[test]
fn a_table_beyond_the_limit() {
    let text = refusal(
        plugin(Kind::Redactor)
            .with("(core module (table 4000000 funcref))")
            .bytes(),
    );
    assert!(
        text.contains("4000000 table elements at its start"),
        "{text}"
    );
}

#[test]
fn a_function_that_would_keep_the_compiler_busy() {
    let body = "(drop (i32.const 1))".repeat(200_000);
    let text = refusal(
        plugin(Kind::Redactor)
            .with(&format!("(core module (func {body}))"))
            .bytes(),
    );
    assert!(
        text.contains("bytes in its largest function, at most 524288 are allowed"),
        "{text}"
    );
}

#[test]
fn more_functions_than_the_limit() {
    let text = refusal(
        plugin(Kind::Redactor)
            .with(&format!("(core module {})", "(func)".repeat(100_001)))
            .bytes(),
    );
    assert!(
        text.contains("it has 100002 functions, at most 100000 are allowed"),
        "{text}"
    );
}

#[test]
fn more_nested_components_and_modules_than_the_limit() {
    let text = refusal(
        plugin(Kind::Redactor)
            .with(&"(component)".repeat(65))
            .bytes(),
    );
    assert!(text.contains("65 nested components, at most 64"), "{text}");
    let text = refusal(
        plugin(Kind::Redactor)
            .with(&"(core module)".repeat(129))
            .bytes(),
    );
    assert!(text.contains("core modules, at most 128"), "{text}");
}

#[test]
fn a_feature_that_is_switched_off() {
    let text = refusal(
        plugin(Kind::Redactor)
            .with("(core module (memory i64 1))")
            .bytes(),
    );
    assert!(
        text.contains("memory64") || text.contains("64-bit"),
        "{text}"
    );
}
