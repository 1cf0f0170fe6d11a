//! Set-up, test, bench, demo: everything a person runs, through cargo.
fn main() {}
