//! Every wrong setting is one clear sentence on standard error, with its exit code, and leaves no file.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home directory of its own and nothing of the caller's environment.
struct Home {
    dir: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "work"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self {
            dir,
            variables: Vec::new(),
        }
    }

    fn with(variables: &[(&str, &str)]) -> Self {
        let variables = variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            variables,
            ..Self::new()
        }
    }

    fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.work().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mini-llm-chat"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path().join("home"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.work())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Runs, and expects this exit code and these words, one line, and not a file more than before.
    fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let before = files(self.dir.path());
        let output = self.run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        let line = text
            .lines()
            .find(|line| !line.contains(": warning: "))
            .unwrap_or_default()
            .to_owned();
        assert!(line.starts_with("mini-llm-chat: "), "{text}");
        for word in words {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
        assert!(output.stdout.is_empty());
        assert_eq!(files(self.dir.path()), before, "{arguments:?}");
        text
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// No real key: a pattern of letters.
const KEY: &str = "sk-abcdefghijklmnopqrstuvwxyz";

#[test]
fn help_and_version_touch_nothing() {
    for option in ["--help", "--version", "-h"] {
        let home = Home::new();
        let before = files(home.dir.path());
        let output = home.run(&[option]);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("mini-llm-chat")
                && output.stderr.is_empty()
        );
        assert_eq!(files(home.dir.path()), before);
    }
}

#[test]
fn a_missing_key_names_its_remedy() {
    Home::new().refuses(
        &["ask", "hello"],
        78,
        &["no API key", "OPENAI_API_KEY", "OPENAI_API_KEY_FILE"],
    );
}

#[test]
fn an_ill_formed_key_is_refused_for_openai_and_never_repeated() {
    let text = Home::with(&[("OPENAI_API_KEY", "planted-words")]).refuses(
        &["ask", "x"],
        78,
        &["OPENAI_API_KEY (environment)", "sk-"],
    );
    assert!(!text.contains("planted"), "{text}");
    let text = Home::new().refuses(
        &["ask", "x", "--api-key", "planted-words"],
        2,
        &["--api-key", "sk-"],
    );
    assert!(!text.contains("planted"), "{text}");
}

#[test]
fn unknown_options_and_values_are_refused() {
    let home = Home::new();
    home.refuses(&["--nonsense"], 2, &["--nonsense"]);
    home.refuses(
        &["--db-backend", "oracle"],
        2,
        &[
            "--db-backend",
            "`oracle`",
            "auto, postgresql, sqlite or memory",
        ],
    );
    home.refuses(
        &["--log-level", "LOUD"],
        2,
        &["--log-level", "`LOUD`", "DEBUG, INFO"],
    );
    home.refuses(
        &["ask", "x", "--temperature", "3"],
        2,
        &["--temperature", "from 0 to 2"],
    );
    home.refuses(
        &["--base-url", "ftp://host"],
        2,
        &["--base-url", "https://"],
    );
    home.refuses(&["--token-expiry", "soon"], 2, &["--token-expiry", "30m"]);
    home.refuses(&["--model", ""], 2, &["--model"]);
    home.refuses(
        &["--plugin-lock", "plugins.lock"],
        2,
        &["--plugin-lock", "--plugin-dir"],
    );
}

#[test]
fn limits_are_at_least_one_wherever_they_are_set() {
    for value in ["0", "-1", "three", ""] {
        Home::new().refuses(&["--max-calls", value], 2, &["--max-calls", "at least 1"]);
        Home::new().refuses(&["--time-window", value], 2, &["--time-window", "1 to"]);
    }
    Home::with(&[("RATE_LIMIT_MAX_CALLS", "0")]).refuses(
        &[],
        78,
        &["RATE_LIMIT_MAX_CALLS (environment)", "at least 1"],
    );
    Home::with(&[("RATE_LIMIT_TIME_WINDOW", "-5")]).refuses(
        &[],
        78,
        &["RATE_LIMIT_TIME_WINDOW (environment)"],
    );
}

#[test]
fn a_dot_env_may_not_redirect_the_key_or_remove_the_policy() {
    for name in [
        "OPENAI_BASE_URL",
        "PLUGIN_DIR",
        "OPENAI_MODEL",
        "DB_BACKEND",
        "OPENAI_API_KEY_FILE",
    ] {
        let home = Home::new();
        home.write(".env", &format!("# mine\nLOG_LEVEL=INFO\n{name}=x\n"));
        home.refuses(&["ask", "x"], 78, &[".env line 3", name, "--env-file"]);
    }
}

#[test]
fn a_dot_env_that_others_can_write_is_refused() {
    for mode in [0o666, 0o620] {
        let home = Home::new();
        let path = home.write(".env", "LOG_LEVEL=INFO\n");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        home.refuses(
            &["ask", "x"],
            78,
            &[".env", "others can write", "chmod go-w"],
        );
    }
}

#[test]
fn a_broken_dot_env_names_the_line_and_not_its_content() {
    let home = Home::new();
    home.write(".env", "LOG_LEVEL=INFO\nplanted words\n");
    let text = home.refuses(&["ask", "x"], 78, &[".env line 2", "NAME=value"]);
    assert!(!text.contains("planted"), "{text}");
}

#[test]
fn a_dot_env_is_weaker_than_the_environment_and_other_programs_names_are_passed_over() {
    let home = Home::with(&[("RATE_LIMIT_MAX_CALLS", "5")]);
    home.write(
        ".env",
        "DJANGO_DEBUG=1\nRATE_LIMIT_MAX_CALLS=0\nLOG_LEVEL=LOUD\n",
    );
    home.refuses(&["ask", "x"], 78, &["LOG_LEVEL (.env line 3)"]);
}

#[test]
fn a_chosen_file_may_set_everything_and_must_exist() {
    let home = Home::new();
    home.write("chosen", "OPENAI_BASE_URL=nonsense\n");
    home.refuses(
        &["ask", "x", "--env-file", "chosen"],
        78,
        &["OPENAI_BASE_URL (chosen line 1)"],
    );
    home.refuses(
        &["ask", "x", "--env-file", "missing"],
        78,
        &["missing", "no such file"],
    );
}

#[test]
fn a_broken_config_file_names_the_place() {
    let home = Home::new();
    home.write("c.toml", "[model]\nname = \n");
    home.refuses(&["--config", "c.toml"], 78, &["c.toml line 2"]);
    home.write("c.toml", "[model]\n\nnmae = 'x'\n");
    home.refuses(&["--config", "c.toml"], 78, &["c.toml line 3", "nmae"]);
    home.write("c.toml", "[limits]\nmax_calls = 0\n");
    home.refuses(
        &["--config", "c.toml"],
        78,
        &["limits.max_calls (c.toml)", "at least 1"],
    );
    home.write("c.toml", "[plugins.x]\ngrants = ['root']\n");
    home.refuses(&["--config", "c.toml"], 78, &["plugins.x", "`root`"]);
    home.refuses(&["--config", "missing.toml"], 78, &["missing.toml"]);
}

#[test]
fn a_key_goes_over_plain_http_to_this_machine_only() {
    let home = Home::with(&[("OPENAI_API_KEY", KEY)]);
    let text = home.refuses(
        &["ask", "x", "--base-url", "http://192.0.2.1/v1"],
        2,
        &["plain http", "192.0.2.1"],
    );
    assert!(!text.contains(KEY));
}

#[test]
fn what_comes_later_says_so() {
    let home = Home::with(&[("OPENAI_API_KEY", KEY)]);
    home.refuses(&["login"], 2, &["USERNAME"]);
}

#[test]
fn a_password_in_an_address_is_never_repeated() {
    let text = Home::with(&[("DATABASE_URL", "mysql://u:planted@host/db")]).refuses(
        &[],
        78,
        &["DATABASE_URL (environment)", "sqlite://"],
    );
    assert!(!text.contains("planted"), "{text}");
}

#[test]
fn a_state_directory_that_cannot_be_made_is_73() {
    let home = Home::with(&[
        ("OPENAI_API_KEY", KEY),
        ("XDG_STATE_HOME", "/dev/null/state"),
    ]);
    home.refuses(&["ask", "x"], 73, &["/dev/null/state", "log"]);
}

#[test]
fn eject_writes_the_built_in_set_once() {
    let home = Home::new();
    let output = home.run(&["plugins", "eject", "out"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read_dir(home.work().join("out")).unwrap().count(), 3);
    home.refuses(&["plugins", "eject", "out"], 73, &["not overwritten"]);
}

#[test]
fn what_is_no_component_is_refused_by_check() {
    let home = Home::new();
    home.write("text.wasm", "not WebAssembly");
    home.refuses(&["plugins", "check", "text.wasm"], 78, &["text.wasm"]);
    home.refuses(&["plugins", "check", "missing.wasm"], 78, &["missing.wasm"]);
}
