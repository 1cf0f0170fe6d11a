//! `cargo xtask bench`: figures of whole processes, each as a ratio to a baseline of the same run.
//!
//! A ratio survives a change of machine, a millisecond does not. Baseline and subject alternate, so that a
//! busy moment hits both, and medians are compared. The calls into one component are timed by
//! tools/bench-calls, storage and login by tools/bench-storage, which print rows of the same table.

mod first;
mod history;
mod process;
mod redact;
mod soak;
mod start;
mod turn;

use crate::error::TaskError;
use crate::{command, prerequisites, say};

/// Builds everything in release mode and measures. `--soak [TURNS]` measures memory over many turns instead, and
/// `--no-build` measures what was built before.
///
/// # Errors
/// When an option is unknown, the build fails, or a measured process does not do what it is measured for.
pub(crate) fn run(options: &[&str]) -> Result<(), TaskError> {
    let wrong = || TaskError::Usage("bench takes --no-build and --soak [TURNS]".to_owned());
    let (mut builds, mut soak) = (true, None);
    let mut options = options.iter().peekable();
    while let Some(option) = options.next() {
        match *option {
            "--no-build" => builds = false,
            "--soak" => {
                let turns = options.peek().and_then(|turns| turns.parse().ok());
                if turns.is_some() {
                    options.next();
                }
                soak = Some(turns.unwrap_or(soak::TURNS));
            }
            _ => return Err(wrong()),
        }
    }
    if builds {
        build()?;
    }
    if let Some(turns) = soak {
        table(soak::measure(turns)?);
        return Ok(());
    }
    let figures = [
        start::measure()?,
        turn::measure()?,
        first::measure()?,
        history::measure()?,
        redact::measure()?,
    ];
    table(figures.concat());
    for bench in ["bench-calls", "bench-storage"] {
        let program = process::release_binary(bench);
        command::run(&program.to_string_lossy(), &[])?;
    }
    Ok(())
}

fn build() -> Result<(), TaskError> {
    prerequisites::ensure()?;
    let packages = [
        "mini-llm-chat",
        "mock-openai",
        "bench-calls",
        "bench-storage",
    ];
    let mut build = vec!["build", "--release", "--locked"];
    build.extend(packages.iter().flat_map(|package| ["-p", package]));
    command::run(&command::cargo(), &build)
}

fn table(figures: Vec<Figure>) {
    say("\n| figure | subject | baseline | ratio | aim |\n|---|---|---|---|---|");
    for figure in figures {
        say(&figure.to_string());
    }
}

/// One row of the table.
#[derive(Clone)]
struct Figure {
    name: &'static str,
    unit: &'static str,
    subject: f64,
    /// What it is compared with; none where the aim is an absolute size.
    baseline: Option<f64>,
    aim: &'static str,
}

impl std::fmt::Display for Figure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            unit,
            subject,
            baseline,
            aim,
        } = self;
        match baseline {
            Some(base) => {
                let ratio = subject / base;
                write!(
                    out,
                    "| {name} | {subject:.2} {unit} | {base:.2} {unit} | {ratio:.2} | {aim} |"
                )
            }
            None => write!(out, "| {name} | {subject:.2} {unit} | | | {aim} |"),
        }
    }
}

/// The middle one of `samples`, which must not be empty.
fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
