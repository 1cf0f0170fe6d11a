//! Plugin directories as an operator has them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mini_llm_chat_componentize::Build;

/// The plugins of examples/, built once; cargo keeps what it made for the next run.
static EXAMPLES: LazyLock<BTreeMap<String, Vec<u8>>> =
    LazyLock::new(|| built("examples/plugins", "examples"));

/// Guests that misbehave on request, likewise.
static HOSTILE: LazyLock<BTreeMap<String, Vec<u8>>> =
    LazyLock::new(|| built("host/sandbox/tests/hostile", "hostile"));

fn built(workspace: &str, target: &str) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(target);
    let build = Build::new(root.join(workspace), root, target);
    let built = build.run().unwrap().into_iter();
    built
        .map(|plugin| (plugin.name, plugin.component))
        .collect()
}

/// The component of one example.
pub(crate) fn example(name: &str) -> &'static [u8] {
    EXAMPLES.get(name).unwrap()
}

/// The component of one guest that misbehaves.
pub(crate) fn hostile(name: &str) -> &'static [u8] {
    HOSTILE.get(name).unwrap()
}

/// A directory that only this user can write to, with these files.
pub(crate) fn directory(parent: &Path, files: &[(&str, &[u8])]) -> PathBuf {
    let dir = parent.join("plugins");
    fs::create_dir(&dir).unwrap();
    mode(&dir, 0o700);
    for (name, content) in files {
        fs::write(dir.join(name), content).unwrap();
        mode(&dir.join(name), 0o600);
    }
    dir
}

pub(crate) fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
