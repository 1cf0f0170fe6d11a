//! From a message to its first visible delta: what the chat adds to a bare client, policy and audit on.
//!
//! Both stay open and are asked in turn, with a pause after each answer as a person makes it.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{chat, release_binary};
use super::{Figure, median};
use crate::demo::Mock;
use crate::error::TaskError;

const TURNS: u32 = 300;
/// The mock's first and last words.
const FIRST: &[u8] = b"word1 ";
const LAST: &[u8] = b"word200.";
const PAUSE: Duration = Duration::from_millis(20);

/// A client that is asked line by line.
struct Asked {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

pub(super) fn measure() -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir()
        .map_err(|error| TaskError::Unexpected(format!("a temporary directory: {error}")))?;
    let mock = Mock::start(&release_binary("mock-openai"))?;
    let mut command = chat(home.path());
    command.args(["--base-url", &mock.url, "--model", "mock-200"]);
    let mut subject = Asked::start(command)?;
    let mut command = Command::new(release_binary("bare-client"));
    command.args([&mock.url, "mock-200", "-"]);
    let mut baseline = Asked::start(command)?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        bare.push(baseline.first_delta(turn)?);
        ours.push(subject.first_delta(turn)?);
    }
    // The first opens connections and reads what the others find in memory.
    for samples in [&mut ours, &mut bare] {
        samples.remove(0);
    }
    subject.end()?;
    baseline.end()?;
    Ok(vec![
        Figure {
            name: "message to first visible delta, median",
            unit: "ms",
            subject: median(&mut ours),
            baseline: Some(median(&mut bare)),
            aim: "added time is small beside a model's",
        },
        Figure {
            name: "message to first visible delta, 99th percentile",
            unit: "ms",
            subject: ours[ours.len() * 99 / 100],
            baseline: Some(bare[bare.len() * 99 / 100]),
            aim: "the same",
        },
    ])
}

impl Asked {
    fn start(mut command: Command) -> Result<Self, TaskError> {
        let spawned = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = spawned.map_err(broken)?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self {
                process,
                input,
                output,
            }),
            _ => Err(TaskError::Unexpected("a client has no pipes".to_owned())),
        }
    }

    /// Milliseconds from the message to the first delta; reads the answer to its end.
    fn first_delta(&mut self, turn: u32) -> Result<f64, TaskError> {
        let started = Instant::now();
        writeln!(self.input, "message {turn}").map_err(broken)?;
        let mut seen = Vec::new();
        self.until(&mut seen, FIRST)?;
        let first = started.elapsed();
        self.until(&mut seen, LAST)?;
        std::thread::sleep(PAUSE);
        Ok(first.as_secs_f64() * 1e3)
    }

    fn until(&mut self, seen: &mut Vec<u8>, words: &[u8]) -> Result<(), TaskError> {
        let mut buffer = [0; 16 * 1024];
        while !seen.windows(words.len()).any(|part| part == words) {
            let read = self.output.read(&mut buffer).map_err(broken)?;
            if read == 0 {
                return Err(TaskError::Unexpected("a client ended early".to_owned()));
            }
            seen.extend_from_slice(&buffer[..read]);
        }
        Ok(())
    }

    fn end(self) -> Result<(), TaskError> {
        let Self {
            mut process,
            input,
            mut output,
        } = self;
        drop(input);
        std::io::copy(&mut output, &mut std::io::sink()).map_err(broken)?;
        process.wait().map(drop).map_err(broken)
    }
}

fn broken(error: std::io::Error) -> TaskError {
    TaskError::Unexpected(format!("a measured client: {error}"))
}
