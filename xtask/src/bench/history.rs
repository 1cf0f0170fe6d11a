//! What a long conversation costs: processor time of a turn that reads, has judged and sends 100,000 tokens, against a bare
//! client that serialises and sends as much.

use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::process::{chat, processor_time, release_binary};
use super::{Figure, median};
use crate::demo::Mock;
use crate::error::TaskError;

const RUNS: usize = 5;
const FEW: u32 = 1;
const MANY: u32 = 21;
/// A token of prose is some four bytes, one of code some two and a half. The policies are given 256 KiB at most.
const MESSAGES: usize = 10;
const MESSAGE_BYTES: usize = 24_000;

const CONFIG: &str = "[models.\"*\"]\ncontext_tokens = 1000000\n[limits]\nmessage_chars = 100000\n";

pub(super) fn measure() -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir().map_err(failed)?;
    let config = home.path().join("config.toml");
    std::fs::write(&config, CONFIG).map_err(failed)?;
    let mock = Mock::start(&release_binary("mock-openai"))?;
    let (mut subject, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        subject.push(of_history(|messages, count| {
            turns(home.path(), &config, &mock.url, messages, count)
        })?);
        baseline.push(of_history(|messages, count| {
            bare_turns(&mock.url, messages, count)
        })?);
    }
    Ok(vec![Figure {
        name: "processor time of a turn for 100,000 tokens before it",
        unit: "ms",
        subject: median(&mut subject),
        baseline: Some(median(&mut baseline)),
        aim: "≤ 2 × to serialise and send them",
    }])
}

/// What the messages before it add to a turn.
fn of_history(run: impl Fn(usize, u32) -> Result<f64, TaskError>) -> Result<f64, TaskError> {
    let per_turn =
        |messages| Ok((run(messages, MANY)? - run(messages, FEW)?) / f64::from(MANY - FEW));
    Ok(per_turn(MESSAGES)? - per_turn(0)?)
}

/// A long message that is no secret and no attack, different each time.
fn message(number: usize) -> String {
    let sentence = format!("let total_{number} = items.iter().map(|item| item.price).sum(); ");
    sentence.chars().cycle().take(MESSAGE_BYTES).collect()
}

/// Milliseconds of processor time of a chat with long messages first and then so many short turns.
fn turns(
    home: &Path,
    config: &Path,
    url: &str,
    messages: usize,
    turns: u32,
) -> Result<f64, TaskError> {
    let mut input = tempfile::tempfile().map_err(failed)?;
    writeln!(input, "clear").map_err(failed)?;
    for number in 0..messages {
        writeln!(input, "{}", message(number)).map_err(failed)?;
    }
    for turn in 0..turns {
        writeln!(input, "message {turn}").map_err(failed)?;
    }
    input.rewind().map_err(failed)?;
    let mut command = chat(home);
    command
        .arg("--config")
        .arg(config)
        .args(["--base-url", url, "--model", "mock-1-deltas"])
        .stdin(Stdio::from(input));
    processor_time(&mut command).map(|time| time.as_secs_f64() * 1e3)
}

/// The same of a client that keeps nothing: it makes the messages once and sends them with each turn.
fn bare_turns(url: &str, messages: usize, turns: u32) -> Result<f64, TaskError> {
    let mut command = Command::new(release_binary("bare-client"));
    let numbers = [turns as usize, messages, MESSAGE_BYTES].map(|number| number.to_string());
    command.args([url, "mock-1-deltas"]).args(numbers);
    processor_time(&mut command).map(|time| time.as_secs_f64() * 1e3)
}

fn failed(error: std::io::Error) -> TaskError {
    TaskError::Unexpected(format!("messages for the chat: {error}"))
}
