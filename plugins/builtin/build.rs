//! Builds the guests in plugins/guests and leaves their components in OUT_DIR.
//!
//! They have a workspace of their own, because `cargo build --workspace` must not build them natively,
//! and a target directory of their own, because the outer cargo holds the lock of its own.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use mini_llm_chat_componentize::Build;

/// What a component is made from, relative to the root of the tree.
const SOURCES: [&str; 6] = [
    "wit",
    "plugins/sdk",
    "plugins/redaction",
    "plugins/prompt-policy",
    "plugins/commands",
    "plugins/guests",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = root()?;
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    // Shared dependency versions and features come from here.
    println!(
        "cargo::rerun-if-changed={}",
        root.join("Cargo.toml").display()
    );

    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let build = Build::new(root.join("plugins/guests"), &root, out.join("guests"));
    match build.run() {
        Ok(components) => {
            for built in components {
                fs::write(out.join(format!("{}.wasm", built.name)), built.component)?;
            }
            Ok(())
        }
        // cargo shows this line; the error's own form would be its debug output.
        Err(error) => {
            println!("cargo::error=cannot build the built-in plugins: {error}");
            Err("see the line above".into())
        }
    }
}

fn root() -> Result<PathBuf, Box<dyn Error>> {
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set CARGO_MANIFEST_DIR")?;
    let root = Path::new(&here)
        .ancestors()
        .nth(2)
        .ok_or("plugins/builtin lies too high")?;
    Ok(root.to_path_buf())
}
