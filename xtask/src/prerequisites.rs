//! What a build needs from the machine, checked before anything is built.

use crate::command;
use crate::error::TaskError;

/// The minimum compiler, as `rust-version` in Cargo.toml.
const MINIMUM_RUSTC: (u32, u32) = (1, 95);
/// What plugins are built for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Checks the compiler, a C compiler and the WebAssembly target; adds the target when rustup can.
///
/// # Errors
/// Names the first thing that is missing and the line that installs it.
pub(crate) fn ensure() -> Result<(), TaskError> {
    check_rustc()?;
    check_c_compiler()?;
    ensure_wasm_target()
}

/// The servers that tests run against; where there are none, those tests are not built.
///
/// # Errors
/// Names the first one that is missing and the line that installs it.
pub(crate) fn ensure_servers() -> Result<(), TaskError> {
    #[cfg(unix)]
    crate::servers::ensure()?;
    Ok(())
}

fn check_rustc() -> Result<(), TaskError> {
    let version = command::output("rustc", &["--version"]).unwrap_or_default();
    if parse_version(&version).is_some_and(|found| found >= MINIMUM_RUSTC) {
        return Ok(());
    }
    let (major, minor) = MINIMUM_RUSTC;
    Err(TaskError::Missing {
        what: format!("rustc {major}.{minor} or newer (found: {})", version.trim()),
        remedy: "rustup update stable".to_owned(),
    })
}

/// `rustc 1.95.0 (59807616e 2026-04-14)` gives `(1, 95)`.
fn parse_version(line: &str) -> Option<(u32, u32)> {
    let number = line.split_whitespace().nth(1)?;
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn check_c_compiler() -> Result<(), TaskError> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    if cfg!(windows) || command::output(&compiler, &["--version"]).is_some() {
        return Ok(());
    }
    Err(TaskError::Missing {
        what: format!("a C compiler (`{compiler}`), for SQLite and the TLS library"),
        remedy: if cfg!(target_os = "macos") {
            "xcode-select --install".to_owned()
        } else {
            "apt-get install build-essential".to_owned()
        },
    })
}

fn ensure_wasm_target() -> Result<(), TaskError> {
    if has_wasm_target() {
        return Ok(());
    }
    let add = format!("rustup target add {WASM_TARGET}");
    let missing = || TaskError::Missing {
        what: format!("the Rust target {WASM_TARGET}"),
        remedy: add.clone(),
    };
    command::run("rustup", &["target", "add", WASM_TARGET]).map_err(|_| missing())?;
    if has_wasm_target() {
        Ok(())
    } else {
        Err(missing())
    }
}

/// The target is there when its libraries are, however they were installed.
fn has_wasm_target() -> bool {
    command::output(
        "rustc",
        &["--print", "target-libdir", "--target", WASM_TARGET],
    )
    .is_some_and(|directory| std::path::Path::new(directory.trim()).is_dir())
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn a_version_line_gives_major_and_minor() {
        assert_eq!(
            parse_version("rustc 1.95.0 (abc 2026-01-01)"),
            Some((1, 95))
        );
        assert_eq!(parse_version("rustc 2.0.0-nightly"), Some((2, 0)));
        assert_eq!(parse_version(""), None);
    }
}
