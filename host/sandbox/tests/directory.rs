//! What a plugin directory may hold, who may have written it, and the words of each refusal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use mini_llm_chat_sandbox::directory::{self, Found};
use mini_llm_chat_sandbox::{Grant, Operator, OperatorPlugin, PluginName};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    mode(dir.path(), 0o755);
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
        mode(&dir.path().join(name), 0o644);
    }
    dir
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn read(dir: &Path) -> Vec<Found> {
    directory::read(dir, &Operator::default()).unwrap()
}

fn refusal(dir: &Path) -> String {
    let refusals = directory::read(dir, &Operator::default()).unwrap_err();
    refusals
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn operator(name: &str, section: &str) -> Operator {
    let word = OperatorPlugin::from_toml(section.parse().unwrap()).unwrap();
    Operator {
        plugins: [(PluginName::new(name).unwrap(), word)].into(),
        ..Operator::default()
    }
}

#[test]
fn plugins_come_in_the_order_of_their_file_names() {
    let dir = folder(&[
        ("20-a.wasm", "A"),
        ("10-b.wasm", "B"),
        ("c.wasm", "C"),
        ("README.md", ""),
        (".hidden", ""),
    ]);
    let names: Vec<_> = read(dir.path())
        .into_iter()
        .map(|found| found.component.name.to_string())
        .collect();
    assert_eq!(names, ["b", "a", "c"]);
}

#[test]
fn an_empty_directory_is_fine() {
    assert!(read(folder(&[]).path()).is_empty());
}

#[test]
fn settings_of_the_file_with_the_operators_over_them() {
    let dir = folder(&[
        ("10-terms.wasm", "x"),
        ("terms.toml", "limit = 1\nname = 'file'"),
    ]);
    let operator = operator("terms", "limit = 2\ngrants = ['storage']");
    let found = directory::read(dir.path(), &operator).unwrap().remove(0);
    let shown = format!("{:?}", found.component.settings.entries());
    assert!(
        shown.contains("Integer(2)") && shown.contains("\"file\"") && !shown.contains("grants"),
        "{shown}"
    );
    assert!(found.component.grants.contains(&Grant::Storage));
}

#[test]
fn what_a_plugin_requests_is_shown_and_not_granted() {
    let dir = folder(&[("terms.wasm", "x"), ("terms.toml", "grants = ['users']")]);
    let found = read(dir.path()).remove(0);
    assert!(found.requested.contains(&Grant::Users));
    assert!(found.component.grants.is_empty());
}

#[test]
fn every_stray_file_is_named() {
    let dir = folder(&[("policy.wsam", ""), ("notes.txt", ""), ("good.wasm", "")]);
    let text = refusal(dir.path());
    assert!(
        text.contains("policy.wsam: it has no place in a plugin directory"),
        "{text}"
    );
    assert!(
        text.contains("notes.txt: it has no place") && !text.contains("good.wasm:"),
        "{text}"
    );
}

#[test]
fn a_name_that_is_no_plugin_name() {
    let text = refusal(folder(&[("My Policy.wasm", "")]).path());
    assert!(text.contains("use 1 to 64 of a-z, 0-9 and -"), "{text}");
}

#[test]
fn a_file_name_with_control_characters_is_shown_escaped() {
    let text = refusal(folder(&[("a\u{1b}[2J\n.wasm", "")]).path());
    assert!(
        text.contains("a\\u{1b}[2J\\n.wasm") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[test]
fn settings_without_a_plugin() {
    let text = refusal(folder(&[("terms.toml", "")]).path());
    assert!(
        text.contains("terms.toml: there is no terms.wasm for these settings"),
        "{text}"
    );
}

#[test]
fn the_same_plugin_twice() {
    let text = refusal(folder(&[("10-terms.wasm", ""), ("20-terms.wasm", "")]).path());
    assert!(
        text.contains("20-terms.wasm: the plugin `terms` is there twice"),
        "{text}"
    );
}

#[test]
fn broken_toml_with_its_place() {
    let text = refusal(folder(&[("terms.wasm", ""), ("terms.toml", "a = 1\nb = = 2")]).path());
    assert!(text.contains("terms.toml: line 2, column 5: "), "{text}");
}

#[test]
fn unknown_grants_and_wrong_shapes() {
    let text = refusal(folder(&[("a.wasm", ""), ("a.toml", "grants = ['root']")]).path());
    assert!(text.contains("a.toml: `root` is no grant"), "{text}");
    let text = refusal(folder(&[("a.wasm", ""), ("a.toml", "grants = 'log'")]).path());
    assert!(text.contains("`grants` must be a list of names"), "{text}");
}

#[test]
fn settings_that_are_not_text() {
    let dir = folder(&[("a.wasm", "")]);
    fs::write(dir.path().join("a.toml"), [0xff, 0xfe]).unwrap();
    assert!(refusal(dir.path()).contains("a.toml: it is not UTF-8 text"));
}

#[test]
fn a_directory_that_is_missing_or_a_file() {
    let dir = folder(&[("a.wasm", "")]);
    assert!(refusal(&dir.path().join("gone")).ends_with("gone: there is no such directory"));
    assert!(refusal(&dir.path().join("a.wasm")).ends_with("a.wasm: it is not a directory"));
}

#[test]
fn a_directory_that_others_can_write_to() {
    for bits in [0o775, 0o757, 0o1777] {
        let dir = folder(&[("a.wasm", "")]);
        mode(dir.path(), bits);
        let text = refusal(dir.path());
        assert!(
            text.contains(&format!("(mode {bits:04o}); run: chmod go-w ")),
            "{text}"
        );
    }
}

#[test]
fn a_directory_under_one_that_others_can_exchange() {
    let outer = folder(&[]);
    let inner = outer.path().join("plugins");
    fs::create_dir(&inner).unwrap();
    mode(&inner, 0o755);
    mode(outer.path(), 0o777);
    assert!(refusal(&inner).contains("others can write to "));
    // With the sticky bit nobody can rename what is another's.
    mode(outer.path(), 0o1777);
    assert!(read(&inner).is_empty());
}

#[test]
fn a_file_that_others_can_write_to() {
    let dir = folder(&[("a.wasm", ""), ("a.toml", "")]);
    mode(&dir.path().join("a.wasm"), 0o664);
    mode(&dir.path().join("a.toml"), 0o646);
    let text = refusal(dir.path());
    assert!(
        text.contains("a.wasm (mode 0664); run: chmod go-w"),
        "{text}"
    );
    assert!(text.contains("a.toml (mode 0646)"), "{text}");
}

#[test]
fn what_belongs_to_another_user() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    let dir = folder(&[("a.wasm", "")]);
    std::os::unix::fs::chown(dir.path().join("a.wasm"), Some(4_242), None).unwrap();
    let text = refusal(dir.path());
    assert!(
        text.contains("belongs to user 4242, but must belong to you or to root; run: chown "),
        "{text}"
    );
    let dir = folder(&[]);
    std::os::unix::fs::chown(dir.path(), Some(4_242), None).unwrap();
    assert!(refusal(dir.path()).contains("belongs to user 4242"));
}

#[test]
fn links_stay_inside() {
    let outside = folder(&[("evil.wasm", "x")]);
    let dir = folder(&[]);
    symlink(outside.path().join("evil.wasm"), dir.path().join("a.wasm")).unwrap();
    symlink("nowhere.wasm", dir.path().join("b.wasm")).unwrap();
    let text = refusal(dir.path());
    assert!(
        text.contains("a.wasm: it is a link that leaves the plugin directory"),
        "{text}"
    );
    assert!(
        text.contains("b.wasm: it is a link to something that is not there"),
        "{text}"
    );
}

#[test]
fn links_inside_are_followed_as_mounted_configuration_has_them() {
    let dir = folder(&[]);
    let version = dir.path().join(".version-1");
    fs::create_dir(&version).unwrap();
    mode(&version, 0o755);
    fs::write(version.join("a.wasm"), "bytes").unwrap();
    mode(&version.join("a.wasm"), 0o644);
    symlink(".version-1", dir.path().join(".data")).unwrap();
    symlink(".data/a.wasm", dir.path().join("a.wasm")).unwrap();
    assert_eq!(read(dir.path()).remove(0).component.bytes, b"bytes");
    mode(&version, 0o777);
    assert!(refusal(dir.path()).contains("(mode 0777)"));
}

#[test]
fn what_is_no_file_is_not_opened() {
    let dir = folder(&[]);
    fs::create_dir(dir.path().join("a.wasm")).unwrap();
    let fifo = dir.path().join("b.wasm");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("c.wasm")).unwrap();
    // Opening the FIFO would wait for a writer for ever.
    let text = refusal(dir.path());
    assert!(
        text.contains("a.wasm: it is a directory, not a regular file"),
        "{text}"
    );
    assert!(
        text.contains("b.wasm: it is a FIFO, not a regular file"),
        "{text}"
    );
    assert!(
        text.contains("c.wasm: it is a socket, not a regular file"),
        "{text}"
    );
}

#[test]
fn a_file_is_read_up_to_its_limit_only() {
    let dir = folder(&[("a.wasm", "")]);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(dir.path().join("a.wasm"))
        .unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(refusal(dir.path()).contains("a.wasm: it has more than 32768 KiB"));
}

#[test]
fn one_file_alone_is_read_with_the_settings_beside_it() {
    let dir = folder(&[
        ("10-a.wasm", "x"),
        ("10-a.toml", "limit = 7"),
        ("stray.txt", ""),
    ]);
    let found = directory::read_file(&dir.path().join("10-a.wasm"), &Operator::default()).unwrap();
    assert_eq!(found.component.name.as_str(), "a");
    assert_eq!(found.component.settings.entries().len(), 1);
    let refusals =
        directory::read_file(&dir.path().join("gone.wasm"), &Operator::default()).unwrap_err();
    assert!(
        refusals[0]
            .to_string()
            .ends_with("gone.wasm: there is no such file")
    );
}
