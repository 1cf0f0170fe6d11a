//! Components in text form, small enough to read, and what every test of admission needs.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use mini_llm_chat_sandbox::{
    Component, Grant, Kind, Origin, PluginName, Sandbox, SandboxConfig, Settings,
};

/// Imports and exports of a component, without anything in them.
#[derive(Default)]
pub(crate) struct Shape {
    text: String,
}

impl Shape {
    /// Exports an interface with one function `probe` that the contract does not know.
    ///
    /// Static checks look at names alone: the shapes of functions are compared when a component is linked.
    pub(crate) fn exports(mut self, interface: &str) -> Self {
        let text = &mut self.text;
        write!(
            text,
            "(core module $m{n} (func (export \"f\")))
             (core instance $i{n} (instantiate $m{n}))
             (func $f{n} (canon lift (core func $i{n} \"f\")))
             (instance $e{n} (export \"probe\" (func $f{n})))
             (export \"{interface}\" (instance $e{n}))",
            n = text.len()
        )
        .unwrap();
        self
    }

    /// Imports an interface with one function.
    pub(crate) fn imports(mut self, interface: &str) -> Self {
        self.text.insert_str(
            0,
            &format!("(import \"{interface}\" (instance (export \"probe\" (func))))\n"),
        );
        self
    }

    /// Imports an interface that holds a type alone.
    pub(crate) fn imports_types(mut self, interface: &str) -> Self {
        self.text.insert_str(
            0,
            &format!(
                "(import \"{interface}\" (instance (type $t u32) (export \"t\" (type (eq $t)))))\n"
            ),
        );
        self
    }

    /// Adds text as it is.
    pub(crate) fn with(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        wat::parse_str(format!("(component {})", self.text)).unwrap()
    }
}

/// A shape that exports this kind.
pub(crate) fn plugin(kind: Kind) -> Shape {
    Shape::default().exports(&format!("mini-llm-chat:plugin/{}@0.1.0", kind.interface()))
}

/// A component with these bytes and grants, as if it had been read.
pub(crate) fn component(bytes: Vec<u8>, grants: &[Grant]) -> Component {
    Component {
        name: PluginName::new("notes").unwrap(),
        order: "notes.wasm".to_owned(),
        origin: Origin::File("notes.wasm".into()),
        bytes,
        settings: Settings::default(),
        grants: grants.iter().copied().collect::<BTreeSet<_>>(),
    }
}

pub(crate) fn sandbox() -> Arc<Sandbox> {
    Sandbox::new(SandboxConfig { cache_dir: None }).unwrap()
}

/// The words with which a component is refused.
pub(crate) fn refusal(bytes: Vec<u8>) -> String {
    refusal_with(bytes, &[])
}

/// The words with which a component is refused in spite of these grants.
pub(crate) fn refusal_with(bytes: Vec<u8>, grants: &[Grant]) -> String {
    sandbox()
        .examine(component(bytes, grants))
        .err()
        .unwrap()
        .to_string()
}
