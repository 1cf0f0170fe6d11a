//! A chat engine for the terminal whose rules are sandboxed WebAssembly components.
fn main() {}
