//! The list of scenarios is whole, and the documentation is that list.

use mock_openai::{Fault, conformance};

#[test]
fn every_fault_is_in_the_list_once_and_in_order() {
    let listed: Vec<Fault> = conformance::scenarios().map(|one| one.fault).collect();
    assert_eq!(listed, Fault::ALL);
}

#[test]
fn the_documentation_is_the_list() {
    let document = include_str!("../../../docs/conformance.md");
    assert!(
        document.ends_with(&conformance::table()),
        "replace the tables of docs/conformance.md by what `cargo run -p mock-openai -- --conformance` prints"
    );
}
