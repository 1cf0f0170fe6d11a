//! A component that misbehaves while an instance is made is refused, in plain words.

use mini_llm_chat_sandbox::{Problem, Redactor, RedactorPre, Text};

use crate::support::{self, SANDBOX, component};
use crate::text;

/// Admits the component; says why not.
fn refused(bytes: Vec<u8>) -> String {
    let admitted = SANDBOX
        .examine(component(bytes, &[]))
        .unwrap_or_else(|error| panic!("{error}"));
    let problems = RedactorPre::new(SANDBOX.engine(), &admitted).err().unwrap();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(matches!(problems[0], Problem::Start(_)), "{said:?}");
    said.join("; ")
}

#[test]
fn a_well_behaved_component_in_text_form_is_admitted() {
    let mut redactor = Redactor::new(&[support::redactor(text::redactor_beside(""))]);
    let redacted = redactor.redact(&[Text {
        source: 1,
        content: "plain",
    }]);
    assert_eq!(redacted[0].text, "plain");
}

#[test]
fn an_endless_start_is_cut() {
    let said = refused(text::redactor("(func $s (loop (br 0))) (start $s)"));
    assert!(said.contains("ms of processor time"), "{said}");
}

#[test]
fn a_start_that_traps_is_refused() {
    let said = refused(text::redactor("(func $s unreachable) (start $s)"));
    assert!(said.contains("crashed"), "{said}");
}

#[test]
fn tables_that_grow_too_large_are_refused() {
    let said = refused(text::redactor(
        "(table $t 1 funcref)
         (func $s (drop (table.grow $t (ref.null func) (i32.const 1000000))))
         (start $s)",
    ));
    assert!(said.contains("tables of more than"), "{said}");
}

#[test]
fn eight_small_memories_count_together() {
    // Each alone is far below the limit.
    let mut items = String::from(
        "(core module $small (memory 1) (func $s (drop (memory.grow (i32.const 80)))) (start $s))",
    );
    items.push_str(&"(core instance (instantiate $small))".repeat(8));
    let said = refused(text::redactor_beside(&items));
    assert!(said.contains("MiB of memory"), "{said}");
}

#[test]
fn handles_that_are_never_given_back_are_limited() {
    let said = refused(text::redactor_beside(
        r#"(type $held (resource (rep i32)))
           (core func $new (canon resource.new $held))
           (core module $leak
               (import "" "new" (func $new (param i32) (result i32)))
               (func $s (loop (drop (call $new (i32.const 1))) (br 0)))
               (start $s))
           (core instance (instantiate $leak (with "" (instance (export "new" (func $new))))))"#,
    ));
    assert!(said.contains("handles"), "{said}");
}
