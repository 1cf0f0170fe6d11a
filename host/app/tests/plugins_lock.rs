//! A lock pins every plugin and its settings: what changed, is missing or was added is refused, with 78.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::PathBuf;

use support::Home;

struct Locked {
    home: Home,
    dir: PathBuf,
}

impl Locked {
    /// The built-in policy and redaction in a directory, with settings, locked.
    fn new() -> Self {
        let home = Home::new();
        let dir = home.path().join("work/rules");
        let made = home.run(&["plugins", "eject", "rules"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        // It would need grants.
        fs::remove_file(dir.join("commands.wasm")).unwrap();
        home.write("rules/redaction.toml", "");
        let locked = home.run(&["plugins", "lock", "rules"]);
        assert_eq!(locked.code, Some(0), "{}", locked.err);
        assert!(locked.out.contains("plugins.lock"), "{}", locked.out);
        Self { home, dir }
    }

    /// Every way in refuses, and names the file.
    fn refuses(&self, file: &str) {
        for arguments in [
            &["plugins", "list"][..],
            &["plugins", "check", "rules"],
            &["redact"],
            &["ask", "hello"],
        ] {
            let run = self
                .home
                .run(&[arguments, &["--plugin-dir", "rules"]].concat());
            assert_eq!(
                (run.code, run.out.as_str()),
                (Some(78), ""),
                "{arguments:?}: {}",
                run.err
            );
            assert!(run.err.contains(file), "{arguments:?}: {}", run.err);
        }
    }

    fn accepts(&self) {
        let run = self.home.run(&["plugins", "list", "--plugin-dir", "rules"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
}

#[test]
fn a_changed_byte_is_refused_until_it_is_changed_back() {
    let locked = Locked::new();
    locked.accepts();
    let path = locked.dir.join("redaction.wasm");
    let honest = fs::read(&path).unwrap();
    let mut changed = honest.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&path, &changed).unwrap();
    locked.refuses("redaction.wasm");
    fs::write(&path, &honest).unwrap();
    locked.accepts();
}

#[test]
fn changed_settings_are_refused() {
    let locked = Locked::new();
    fs::write(locked.dir.join("redaction.toml"), "# other\n").unwrap();
    locked.refuses("redaction.toml");
}

#[test]
fn a_plugin_or_settings_that_the_lock_does_not_list_are_refused() {
    let locked = Locked::new();
    locked.home.write("rules/prompt-policy.toml", "");
    locked.refuses("prompt-policy.toml");
    fs::remove_file(locked.dir.join("prompt-policy.toml")).unwrap();
    fs::copy(
        locked.dir.join("redaction.wasm"),
        locked.dir.join("company.wasm"),
    )
    .unwrap();
    locked.refuses("company.wasm");
}

#[test]
fn a_missing_plugin_is_refused() {
    let locked = Locked::new();
    fs::remove_file(locked.dir.join("prompt-policy.wasm")).unwrap();
    locked.refuses("prompt-policy.wasm");
}

#[test]
fn a_lock_that_is_required_and_not_there_is_refused() {
    let locked = Locked::new();
    locked.home.config("plugin_lock_required = true\n");
    locked.accepts();
    fs::remove_file(locked.dir.join("plugins.lock")).unwrap();
    locked.refuses("requires a lock");
}
