//! `cargo xtask test`, `lint` and `ci`.

use crate::error::TaskError;
use crate::{command, prerequisites};

/// Workspaces of their own, whose crates become components.
const GUEST_WORKSPACES: [&str; 3] = [
    "plugins/guests",
    "examples/plugins",
    "host/sandbox/tests/hostile",
];

/// Sets up and runs every test of the workspace and of the crates that live outside it.
///
/// # Errors
/// When something is missing or a test fails.
pub(crate) fn test(options: &[&str]) -> Result<(), TaskError> {
    prerequisites::ensure()?;
    prerequisites::ensure_servers()?;
    let cargo = command::cargo();
    let mut arguments = vec!["test", "--workspace", "--locked"];
    arguments.extend_from_slice(options);
    command::run(&cargo, &arguments)?;
    // What an author tests natively is tested natively here, too.
    let examples = [
        "test",
        "--manifest-path",
        "examples/plugins/Cargo.toml",
        "--locked",
    ];
    command::run(&cargo, &examples)
}

/// Formatting, lints and documentation, all without warnings.
///
/// # Errors
/// When one of them complains.
pub(crate) fn lint() -> Result<(), TaskError> {
    prerequisites::ensure()?;
    let cargo = command::cargo();
    command::run(&cargo, &["fmt", "--all", "--check"])?;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    command::run(&cargo, &clippy)?;
    for workspace in GUEST_WORKSPACES {
        lint_guests(&cargo, &format!("{workspace}/Cargo.toml"))?;
    }
    // rustdoc takes its flags from its own variable; a child process gets it without touching ours.
    command::run(
        "env",
        &[
            "RUSTDOCFLAGS=-D warnings",
            cargo.as_str(),
            "doc",
            "--workspace",
            "--no-deps",
            "--locked",
        ],
    )
}

fn lint_guests(cargo: &str, manifest: &str) -> Result<(), TaskError> {
    command::run(
        cargo,
        &["fmt", "--all", "--check", "--manifest-path", manifest],
    )?;
    let target = ["--target", prerequisites::WASM_TARGET];
    let clippy = ["clippy", "--locked", "--manifest-path", manifest];
    command::run(
        cargo,
        &[&clippy[..], &target, &["--", "-D", "warnings"]].concat(),
    )
}
