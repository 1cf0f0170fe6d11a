//! Processor time of a turn of 200 deltas against a bare HTTP client that reads and prints the same stream.
//!
//! Both run once with few and once with many turns in one process; the difference, divided, is the cost of
//! a turn without the start of the process.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::process::{chat, processor_time, release_binary};
use super::{Figure, median};
use crate::demo::Mock;
use crate::error::TaskError;

const RUNS: usize = 7;
const FEW: u32 = 1;
const MANY: u32 = 41;
const SHORT: &str = "mock-200";
const LONG: &str = "mock-4200-deltas";
const MORE_DELTAS: f64 = 4000.0;
const MANY_LONG: u32 = 5;

pub(super) fn measure() -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir()
        .map_err(|error| TaskError::Unexpected(format!("a temporary directory: {error}")))?;
    let mock = Mock::start(&release_binary("mock-openai"))?;
    let (mut subject, mut baseline) = (Vec::new(), Vec::new());
    let (mut delta, mut bare_delta) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        subject.push(per_turn(|turns| {
            chat_turns(home.path(), &mock.url, SHORT, turns)
        })?);
        baseline.push(per_turn(|turns| bare_turns(&mock.url, SHORT, turns))?);
        let ours = (
            chat_turns(home.path(), &mock.url, LONG, MANY_LONG)?,
            chat_turns(home.path(), &mock.url, SHORT, MANY_LONG)?,
        );
        let bare = (
            bare_turns(&mock.url, LONG, MANY_LONG)?,
            bare_turns(&mock.url, SHORT, MANY_LONG)?,
        );
        delta.push(per_delta(ours));
        bare_delta.push(per_delta(bare));
    }
    Ok(vec![
        Figure {
            name: "processor time of a turn of 200 deltas",
            unit: "ms",
            subject: median(&mut subject),
            baseline: Some(median(&mut baseline)),
            aim: "≤ 3 × a bare client",
        },
        Figure {
            name: "processor time of a delta",
            unit: "µs",
            subject: median(&mut delta),
            baseline: Some(median(&mut bare_delta)),
            aim: "≤ 3 × a bare client",
        },
    ])
}

/// Microseconds a delta: what more deltas in as many turns cost.
fn per_delta((long, short): (f64, f64)) -> f64 {
    (long - short) * 1e3 / (f64::from(MANY_LONG) * MORE_DELTAS)
}

/// Milliseconds a turn.
fn per_turn(run: impl Fn(u32) -> Result<f64, TaskError>) -> Result<f64, TaskError> {
    Ok((run(MANY)? - run(FEW)?) / f64::from(MANY - FEW))
}

/// A chat whose standard input holds one message a line; each differs, so that no answer is cached.
fn chat_turns(home: &Path, url: &str, model: &str, turns: u32) -> Result<f64, TaskError> {
    let failed =
        |error: std::io::Error| TaskError::Unexpected(format!("messages for the chat: {error}"));
    let mut input = tempfile::tempfile().map_err(failed)?;
    writeln!(input, "clear").map_err(failed)?;
    for turn in 0..turns {
        writeln!(input, "message {turn}").map_err(failed)?;
    }
    std::io::Seek::rewind(&mut input).map_err(failed)?;
    let mut command = chat(home);
    command
        .args(["--base-url", url, "--model", model])
        .stdin(Stdio::from(input));
    processor_time(&mut command).map(|time| time.as_secs_f64() * 1e3)
}

fn bare_turns(url: &str, model: &str, turns: u32) -> Result<f64, TaskError> {
    let mut command = Command::new(release_binary("bare-client"));
    command.args([url, model, &turns.to_string()]);
    processor_time(&mut command).map(|time| time.as_secs_f64() * 1e3)
}
