//! Compiled components are kept, and only taken back where nobody else could have written them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mini_llm_chat_sandbox::{Kind, Sandbox, SandboxConfig};
use tempfile::TempDir;

/// A sandbox that has admitted one component.
fn used(dir: &Path) -> Arc<Sandbox> {
    let sandbox = Sandbox::new(SandboxConfig {
        cache_dir: Some(dir.to_owned()),
    })
    .unwrap();
    let bytes = common::plugin(Kind::Redactor).bytes();
    assert!(sandbox.examine(common::component(bytes, &[])).is_ok());
    sandbox
}

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn filled() -> (TempDir, PathBuf, PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("compiled");
    assert!(used(&dir).notices().is_empty());
    let file = files(&dir).remove(0);
    (outer, dir, file)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_cache_is_for_this_user_alone() {
    let (_keep, dir, file) = filled();
    assert_eq!(dir.metadata().unwrap().mode() & 0o777, 0o700);
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn what_was_compiled_is_taken_from_the_cache() {
    let (_keep, dir, file) = filled();
    let before = file.metadata().unwrap().ino();
    assert!(used(&dir).notices().is_empty());
    assert_eq!(files(&dir), std::slice::from_ref(&file));
    // Compiling again would have replaced the file.
    assert_eq!(file.metadata().unwrap().ino(), before);
}

#[test]
fn a_file_that_wasmtime_does_not_know_is_compiled_anew() {
    let (_keep, dir, file) = filled();
    let whole = fs::read(&file).unwrap();
    for broken in [
        Vec::new(),
        b"not native code".to_vec(),
        whole[..whole.len() / 8].to_vec(),
    ] {
        fs::remove_file(&file).unwrap();
        fs::write(&file, broken).unwrap();
        mode(&file, 0o600);
        used(&dir);
        assert_eq!(fs::read(&file).unwrap().len(), whole.len());
    }
}

#[test]
fn a_directory_open_to_others_is_not_used() {
    let (_keep, dir, file) = filled();
    fs::remove_file(file).unwrap();
    mode(&dir, 0o755);
    let notices = used(&dir).notices();
    assert!(
        notices[0].starts_with("compiled plugins are not cached: "),
        "{notices:?}"
    );
    assert!(
        notices[0].contains("is open to others (mode 0755); run: chmod go= "),
        "{notices:?}"
    );
    assert!(files(&dir).is_empty());
}

#[test]
fn a_file_open_to_others_is_not_loaded_but_replaced() {
    let (_keep, dir, file) = filled();
    mode(&file, 0o666);
    let notices = used(&dir).notices();
    assert!(notices[0].contains("(mode 0666)"), "{notices:?}");
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_file_of_another_user_is_not_loaded() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    let (_keep, dir, file) = filled();
    std::os::unix::fs::chown(&file, Some(4_242), None).unwrap();
    let notices = used(&dir).notices();
    assert!(notices[0].contains("belongs to user 4242"), "{notices:?}");
    std::os::unix::fs::chown(&dir, Some(4_242), None).unwrap();
    assert!(used(&dir).notices()[0].contains("belongs to user 4242"));
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let (_keep, dir, file) = filled();
    let elsewhere = dir.join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    let notices = used(&dir).notices();
    assert!(
        notices[0].contains("it is a link, not a regular file"),
        "{notices:?}"
    );
}

#[test]
fn a_directory_that_cannot_be_made_is_a_notice() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("file");
    fs::write(&file, "").unwrap();
    let notices = used(&file.join("compiled")).notices();
    assert!(notices[0].contains("it cannot be written"), "{notices:?}");
}

#[test]
fn the_oldest_files_go_when_there_are_many() {
    let (_keep, dir, file) = filled();
    let old = std::time::SystemTime::UNIX_EPOCH;
    for number in 0..70 {
        let other = fs::File::create(dir.join(format!("{number}.cwasm"))).unwrap();
        other.set_modified(old).unwrap();
    }
    fs::remove_file(&file).unwrap();
    used(&dir);
    assert_eq!(files(&dir).len(), 64);
    assert!(file.exists());
}
