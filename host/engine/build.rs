//! A new migration is embedded without a change of any Rust file.

#![allow(clippy::print_stdout, reason = "cargo reads it")]

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
