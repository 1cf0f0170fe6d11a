//! From the start of the process to the first prompt on a terminal, and the memory it then holds.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nix::pty::openpty;

use super::process::chat;
use super::{Figure, median};
use crate::command;
use crate::error::TaskError;

const RUNS: usize = 41;
const PROMPT: &[u8] = b"You: ";

/// Two figures: time to the prompt against a Python that does nothing, and peak resident memory.
pub(super) fn measure() -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir()
        .map_err(|error| TaskError::Unexpected(format!("a temporary directory: {error}")))?;
    // The first start compiles the components and creates the database.
    to_prompt(home.path())?;
    let (mut subject, mut baseline, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let python = interpreter()?;
    for _ in 0..RUNS {
        baseline.push(run_python(&python)?);
        let (milliseconds, mebibytes) = to_prompt(home.path())?;
        subject.push(milliseconds);
        memory.push(mebibytes);
    }
    Ok(vec![
        Figure {
            name: "start to first prompt",
            unit: "ms",
            subject: median(&mut subject),
            baseline: Some(median(&mut baseline)),
            aim: "≤ 3 × `python3 -I -S -c pass`",
        },
        Figure {
            name: "peak memory at the prompt",
            unit: "MiB",
            subject: median(&mut memory),
            baseline: None,
            aim: "≤ 50 MiB",
        },
    ])
}

/// The interpreter itself: `python3` may be a script that looks for it, which takes longer than Python.
fn interpreter() -> Result<PathBuf, TaskError> {
    let code = "import sys; print(sys.executable)";
    command::output("python3", &["-I", "-S", "-c", code])
        .map(|path| PathBuf::from(path.trim()))
        .filter(|path| path.is_file())
        .ok_or_else(|| TaskError::Unexpected("python3, the baseline, is not installed".to_owned()))
}

fn run_python(interpreter: &Path) -> Result<f64, TaskError> {
    let started = Instant::now();
    Command::new(interpreter)
        .args(["-I", "-S", "-c", "pass"])
        .status()
        .map_err(|source| TaskError::Start {
            command: interpreter.display().to_string(),
            source,
        })?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

/// Milliseconds until the prompt shows, and MiB of peak resident memory at that moment.
fn to_prompt(home: &Path) -> Result<(f64, f64), TaskError> {
    let failed =
        |error: std::io::Error| TaskError::Unexpected(format!("the chat on a terminal: {error}"));
    let terminal = openpty(None, None).map_err(|error| failed(error.into()))?;
    let side = |fd: &OwnedFd| fd.try_clone().map(Stdio::from).map_err(failed);
    let mut command = chat(home);
    command
        .args(["--base-url", "http://127.0.0.1:9"])
        .stdin(side(&terminal.slave)?)
        .stdout(side(&terminal.slave)?)
        .stderr(side(&terminal.slave)?);
    let started = Instant::now();
    let mut child = command.spawn().map_err(failed)?;
    // Only the child keeps the slave side, so that its end is the end of what we read.
    drop(command);
    drop(terminal.slave);
    let found = read_until_prompt(File::from(terminal.master));
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    let memory = peak_memory(&child);
    child.kill().map_err(failed)?;
    child.wait().map_err(failed)?;
    found?;
    Ok((milliseconds, memory?))
}

fn read_until_prompt(mut screen: File) -> Result<(), TaskError> {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        // Linux reports the end of a terminal as an error.
        let read = screen.read(&mut buffer).unwrap_or(0);
        seen.extend_from_slice(&buffer[..read]);
        if seen.windows(PROMPT.len()).any(|window| window == PROMPT) {
            return Ok(());
        }
        if read == 0 {
            let text = String::from_utf8_lossy(&seen).into_owned();
            return Err(TaskError::Unexpected(format!(
                "the chat ended before its prompt: {text}"
            )));
        }
    }
}

fn peak_memory(child: &Child) -> Result<f64, TaskError> {
    let path = format!("/proc/{}/status", child.id());
    let status = std::fs::read_to_string(&path).map_err(|source| TaskError::File {
        path: path.clone().into(),
        source,
    })?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes
        .map(|size| size / 1024.0)
        .ok_or_else(|| TaskError::Unexpected(format!("{path} names no peak memory")))
}
