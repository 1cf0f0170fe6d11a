//! The environment of the inner cargo: what the outer build or the user's shell set for native code must
//! not change what a plugin becomes.

use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Kept although they begin with `CARGO_`: where cargo finds itself, its registry and its job slots.
const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_TERM_COLOR"];
/// Kept by prefix: how to reach registries.
const KEPT_PREFIXES: [&str; 4] = [
    "CARGO_NET_",
    "CARGO_HTTP_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
];
/// Dropped although they do not begin with `CARGO_`.
const DROPPED: [&str; 5] = [
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "TARGET",
    "__CARGO_DEFAULT_LIB_METADATA",
];

/// Removes what would leak into the plugin, and sets the compiler flags of every plugin.
pub(crate) fn isolate(command: &mut Command, flags: &[OsString]) {
    for (name, _) in std::env::vars_os() {
        if leaks(&name) {
            command.env_remove(&name);
        }
    }
    // Set rather than removed: both also override the user's cargo configuration files.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsStr::new("\x1f")));
    command.env("RUSTC_WRAPPER", "");
}

fn leaks(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let kept = KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    DROPPED.contains(&name) || (name.starts_with("CARGO_") && !kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_outer_build_leak() {
        for name in [
            "RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "CARGO_TARGET_DIR",
            "CARGO_PROFILE_RELEASE_LTO",
        ] {
            assert!(leaks(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn access_to_registries_stays() {
        for name in [
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_MINE_INDEX",
            "PATH",
            "RUSTUP_HOME",
        ] {
            assert!(!leaks(OsStr::new(name)), "{name}");
        }
    }
}
