//! Redactors as WebAssembly text, for what a Rust guest cannot do: in `start`, with tables, with many
//! memories, with handles.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A redactor that finds nothing, with `extra` in its core module.
pub(crate) fn redactor(extra: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 2)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
            (func (export "mini-llm-chat:plugin/redactor@0.1.0#kinds") (result i32) (i32.const 1024))
            (func (export "mini-llm-chat:plugin/redactor@0.1.0#find") (param i32 i32) (result i32)
                (i32.store (i32.const 1032) (i32.const 32768))
                (i32.store (i32.const 1036) (local.get 1))
                (i32.const 1032))
            {extra})"#
    );
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    resolve.push_dir(wit.join("plugin")).unwrap();
    let (host, _) = resolve.push_dir(wit.join("host")).unwrap();
    let world = resolve
        .select_world(&[host], Some("redactor-plugin"))
        .unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().validate(true);
    encoder.encode().unwrap()
}

/// The same with `items` beside it in the component: core modules and instances, resources.
pub(crate) fn redactor_beside(items: &str) -> Vec<u8> {
    let printed = wasmprinter::print_bytes(redactor("")).unwrap();
    let (component, _) = printed.trim_end().rsplit_once(')').unwrap();
    wat::parse_str(format!("{component} {items})")).unwrap()
}
