//! `cargo xtask demo`: a chat against the bundled mock of the OpenAI API, with nothing set up before.
//!
//! The chat runs in temporary directories and with an environment that holds nothing of the person's:
//! no key, no proxy, no configuration. The mock lives as long as its standard input is open, so it ends
//! with the demo even when that is killed.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::TaskError;
use crate::{command, prerequisites};

/// Without a terminal one turn is run, so that the demo can be checked by a script.
const SCRIPTED_PROMPT: &str = "Say hello and show one line of code.";

/// What a terminal program needs from the environment and what is not the person's own.
const KEPT_VARIABLES: [&str; 6] = ["PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL"];

/// Runs the demo; `--live` keeps the person's environment and talks to the real server.
///
/// # Errors
/// When the build fails, the mock does not start, or the chat ends with an error.
pub(crate) fn run(options: &[&str]) -> Result<(), TaskError> {
    let live = match options {
        [] => false,
        ["--live"] => true,
        _ => {
            return Err(TaskError::Usage(
                "usage: cargo xtask demo [--live]".to_owned(),
            ));
        }
    };
    prerequisites::ensure()?;
    let packages = ["-p", "mini-llm-chat", "-p", "mock-openai"];
    let build: Vec<&str> = ["build", "--locked"].into_iter().chain(packages).collect();
    command::run(&command::cargo(), &build)?;
    let chat = binary("mini-llm-chat");
    if live {
        return finish(Command::new(&chat), &chat);
    }
    // Removed when the demo ends.
    let home = tempfile::tempdir().map_err(|source| TaskError::File {
        path: std::env::temp_dir(),
        source,
    })?;
    let mock = Mock::start(&binary("mock-openai"))?;
    let mut command = Command::new(&chat);
    scrub(&mut command, home.path());
    command.args(["--base-url", &mock.url, "--max-calls", "1000"]);
    if !std::io::stdin().is_terminal() {
        command.args(["ask", SCRIPTED_PROMPT]).stdin(Stdio::null());
    }
    if std::io::stdin().is_terminal() {
        crate::say(
            "Try as messages: mock:secret (a key streams), mock:leak, mock:slow (press Ctrl-C).",
        );
    }
    finish(command, &chat)
}

fn finish(mut command: Command, program: &Path) -> Result<(), TaskError> {
    let name = program.display().to_string();
    // A terminal sends Ctrl-C to both. It is meant for the chat, which would lose its terminal without this process.
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default()).map_err(
        |error| TaskError::Unexpected(format!("cannot leave Ctrl-C to the chat: {error}")),
    )?;
    let status = command.status().map_err(|source| TaskError::Start {
        command: name.clone(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed {
        command: name,
        status: status.to_string(),
    })
}

fn binary(name: &str) -> PathBuf {
    command::target_directory()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Leaves only what a terminal needs, and points every directory of the chat into `home`.
fn scrub(command: &mut Command, home: &Path) {
    command.env_clear().current_dir(home);
    for name in KEPT_VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // A cache that outlives the demo would belong to nobody; the first start compiles instead.
    command.env("HOME", home).env("USERPROFILE", home);
}

/// The bundled mock server; it ends when this is dropped.
pub(crate) struct Mock {
    process: Child,
    pub(crate) url: String,
}

impl Mock {
    pub(crate) fn start(program: &Path) -> Result<Self, TaskError> {
        let mut process = Command::new(program)
            .args(["--port", "0", "--print-url", "--until-stdin-closes"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| TaskError::Start {
                command: program.display().to_string(),
                source,
            })?;
        let mut url = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut url)
                .map_err(|error| TaskError::Unexpected(format!("the mock server: {error}")))?;
        }
        let url = url.trim().to_owned();
        if url.is_empty() {
            return Err(TaskError::Unexpected(
                "the mock server printed no address".to_owned(),
            ));
        }
        Ok(Self { process, url })
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself; waiting only collects its exit status.
        self.process.wait().ok();
    }
}
