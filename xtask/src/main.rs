//! Set-up, test, bench, demo: everything a person runs, through cargo.
//!
//! `cargo xtask` lists the tasks. Every task that builds checks first what the machine lacks and names
//! the one line that installs it, so that a bare machine never fails deep inside a build.

#[cfg(unix)]
mod bench;
mod command;
mod demo;
mod error;
mod eval;
mod plugins;
mod prerequisites;
#[cfg(unix)]
mod servers;
mod test;

use std::process::ExitCode;

use error::TaskError;

const USAGE: &str = "\
Usage: cargo xtask TASK

  setup   check what a build needs; add the WebAssembly target when rustup is here, and PostgreSQL and Redis
          for the tests when apt is
  demo    build, then chat against a bundled mock of the OpenAI API (--live: against the real one)
  test    set up and run every test
  plugins build WORKSPACE --out DIR [--only NAME]
          build the plugins of a workspace, such as examples/plugins
  eval --data DIR [--binary FILE] [--misses FILE]
          how good the rules are on labelled samples, see docs/quality.md
  lint    cargo fmt, clippy and doc, without warnings
  ci      lint, then test
  bench   build in release mode and measure against baselines of the same run (--soak [TURNS]: memory over many
          turns; --no-build: measure what was built before)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("xtask: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), TaskError> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["setup"] => prerequisites::ensure().and_then(|()| prerequisites::ensure_servers()),
        ["demo", options @ ..] => demo::run(options),
        ["test", options @ ..] => test::test(options),
        #[cfg(unix)]
        ["bench", options @ ..] => bench::run(options),
        ["plugins", words @ ..] => plugins::run(words),
        ["eval", options @ ..] => eval::run(options),
        ["lint"] => test::lint(),
        ["ci"] => test::lint().and_then(|()| test::test(&[])),
        [] | ["help" | "--help" | "-h"] => {
            say(USAGE);
            Ok(())
        }
        [unknown, ..] => Err(TaskError::Usage(format!(
            "there is no task `{unknown}`\n\n{USAGE}"
        ))),
    }
}

/// One line of progress on standard output.
#[expect(
    clippy::print_stdout,
    reason = "a task runner talks to the person who ran it"
)]
fn say(line: &str) {
    println!("{line}");
}

#[expect(
    clippy::print_stderr,
    reason = "a task runner talks to the person who ran it"
)]
fn complain(line: &str) {
    eprintln!("{line}");
}
