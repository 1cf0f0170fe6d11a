//! Memory over a long time: many turns in one process, and one answer of many deltas.
//!
//! The chat reads its messages from a pipe as fast as it answers them, so it is never idle. Resident memory is read each
//! time that another piece of the answers has come; the highest value in the last tenth is compared with the highest in
//! the first, in which the conversation already fills the model's budget.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use super::Figure;
use super::process::{chat, release_binary};
use crate::demo::Mock;
use crate::error::TaskError;

/// Turns that are asked for without a number behind `--soak`.
pub(super) const TURNS: u32 = 10_000;
const DELTAS: u32 = 100_000;

/// What was seen of a run.
struct Watched {
    /// Kibibytes after each piece.
    memory: Vec<u64>,
    seconds: f64,
}

pub(super) fn measure(turns: u32) -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir().map_err(failed("a temporary directory"))?;
    let mock = Mock::start(&release_binary("mock-openai"))?;
    // The first start compiles the components, and what that took could hide what leaks.
    watch(home.path(), &mock.url, "mock-20-deltas", 1, b"AI: ")?;
    let many_turns = watch(home.path(), &mock.url, "mock-20-deltas", turns, b"AI: ")?;
    let many_deltas = watch(home.path(), &mock.url, "mock-100000-deltas", 1, b"word")?;
    let rate = f64::from(DELTAS) / many_deltas.seconds;
    let memory = |name, watched: &Watched| -> Result<Figure, TaskError> {
        let (first, last) = watched.tenths()?;
        Ok(Figure {
            name,
            unit: "MiB",
            subject: last,
            baseline: Some(first),
            aim: "≤ 1.1 × the first tenth",
        })
    };
    Ok(vec![
        memory("peak memory in the last tenth of all turns", &many_turns)?,
        memory(
            "peak memory in the last tenth of 100,000 deltas",
            &many_deltas,
        )?,
        Figure {
            name: "deltas a second, sustained",
            unit: "/s",
            subject: rate,
            baseline: None,
            aim: "≥ 1,000",
        },
    ])
}

impl Watched {
    /// The highest memory in the first and in the last tenth, in MiB.
    fn tenths(&self) -> Result<(f64, f64), TaskError> {
        let tenth = self.memory.len() / 10;
        let highest = |part: &[u64]| part.iter().max().map(|&kib| kib as f64 / 1024.0);
        let ends = (
            highest(&self.memory[..tenth]),
            highest(&self.memory[self.memory.len() - tenth..]),
        );
        match ends {
            (Some(first), Some(last)) => Ok((first, last)),
            _ => Err(TaskError::Unexpected(
                "a soak needs at least ten turns".to_owned(),
            )),
        }
    }
}

/// Runs `turns` turns and looks at the memory each time that `piece` comes.
fn watch(
    home: &Path,
    url: &str,
    model: &str,
    turns: u32,
    piece: &[u8],
) -> Result<Watched, TaskError> {
    let mut command = chat(home);
    command
        .args(["--base-url", url, "--model", model])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let started = Instant::now();
    let mut chat = command.spawn().map_err(failed("the chat"))?;
    let (input, output) = (chat.stdin.take(), chat.stdout.take());
    let (Some(mut input), Some(mut output)) = (input, output) else {
        return Err(TaskError::Unexpected("the chat has no pipes".to_owned()));
    };
    let writer = std::thread::spawn(move || {
        writeln!(input, "clear")?;
        (0..turns).try_for_each(|turn| writeln!(input, "message {turn}"))
    });
    let (mut memory, mut buffer, mut rest) = (Vec::new(), [0; 16 * 1024], Vec::new());
    loop {
        let read = output.read(&mut buffer).map_err(failed("the chat"))?;
        if read == 0 {
            break;
        }
        rest.extend_from_slice(&buffer[..read]);
        let found = rest
            .windows(piece.len())
            .filter(|part| *part == piece)
            .count();
        if found > 0 {
            let now = resident(&chat)?;
            memory.extend(std::iter::repeat_n(now, found));
        }
        // A piece may be cut in two.
        rest.drain(..rest.len().saturating_sub(piece.len() - 1));
    }
    let seconds = started.elapsed().as_secs_f64();
    let status = chat.wait().map_err(failed("the chat"))?;
    let written = writer.join().is_ok_and(|written| written.is_ok());
    if !status.success() || !written {
        return Err(TaskError::Failed {
            command: "the chat under soak".to_owned(),
            status: status.to_string(),
        });
    }
    Ok(Watched { memory, seconds })
}

/// Kibibytes of the process that are in memory now.
fn resident(process: &Child) -> Result<u64, TaskError> {
    let path = format!("/proc/{}/status", process.id());
    let text = std::fs::read_to_string(path).map_err(failed("memory of the chat"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    // A process that has just ended has no memory any more.
    Ok(number.unwrap_or(0))
}

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> TaskError {
    move |error| TaskError::Unexpected(format!("{what}: {error}"))
}
