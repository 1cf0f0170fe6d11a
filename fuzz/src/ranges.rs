//! The check of what a plugin says of a text, for any answer.
#![no_main]

extern crate self as aws_lc_rs;

/// The shapes of the contract that are used here: the product makes them from wit/, which needs wasmtime.
mod contract {
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct Span {
        pub(crate) start: u32,
        pub(crate) end: u32,
        pub(crate) kind: u16,
    }

    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Step {
        pub(crate) release: u32,
        pub(crate) mask: Vec<Span>,
        pub(crate) cut: Option<u16>,
        pub(crate) findings: Vec<()>,
    }
}

pub mod digest;
#[path = "../../host/sandbox/src/fault.rs"]
mod fault;
#[path = "../../host/sandbox/src/holdback.rs"]
mod holdback;
#[path = "../../host/sandbox/src/limits.rs"]
mod limits;
#[path = "../../host/sandbox/src/names.rs"]
mod names;
#[path = "../../host/sandbox/src/printable.rs"]
pub mod printable;
#[path = "../../host/sandbox/src/span.rs"]
mod span;
#[path = "../../host/sandbox/src/target.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::ranges(data));
