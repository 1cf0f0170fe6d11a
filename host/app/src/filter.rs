//! What the filters share: standard input line by line, and the plugin set that judges it.
//!
//! A line is answered as soon as no further one has arrived, so that a filter behind `tail -f` keeps up;
//! what has arrived is one batch. One buffer tells both, so that needs no clock.

use std::io::{self, BufRead, BufReader, StdinLock, Write};
use std::ops::Range;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use mini_llm_chat_sandbox::{PluginSet, Sandbox, SandboxConfig};

use crate::config::FilterSettings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::PATIENCE;
use crate::{built_in, plugins_cmd, terminal};

/// Most bytes of a batch, and of the buffer that lines are read through.
const BATCH_BYTES: usize = 256 * 1024;

/// Most lines of a batch.
const BATCH_LINES: usize = 4096;

/// Of a part of a very long line so much stands before what is shown of it, and behind it: whatever is found by what
/// stands around it is found in one part or the other.
const AROUND_BYTES: usize = 4 * 1024;

/// Batches that are read while others are judged.
pub(crate) const AHEAD: usize = 3;

/// The set that the settings name. Nothing but the cache of compiled components is written.
///
/// # Errors
/// When a plugin is refused.
pub(crate) fn plugins(settings: &FilterSettings) -> Result<PluginSet> {
    let cache_dir = Some(settings.paths.compiled());
    let sandbox = Sandbox::new(SandboxConfig { cache_dir })
        .map_err(|error| Failure::new(Exit::Internal, error))?;
    sandbox.notices().iter().for_each(terminal::notice);
    let dir = settings.plugins.dir.as_ref().map(|dir| dir.as_path());
    let operator = &settings.plugins.operator;
    let built_in = built_in::components()?;
    let (assembling, assembled) = mpsc::channel::<()>();
    let tell = move || {
        if assembled.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            terminal::compiling();
        }
    };
    thread::Builder::new().spawn(tell).map_err(no_thread)?;
    let set = PluginSet::assemble(&sandbox, built_in, dir, operator)
        .map_err(|refusals| plugins_cmd::refused(&refusals))?;
    drop(assembling);
    set.notices().iter().for_each(terminal::notice);
    Ok(set)
}

/// Why a line is no JSON. Its line number is always 1, which would be taken for that of the input.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let (text, column) = (error.to_string(), error.column());
    let place = format!(" at line {} column {column}", error.line());
    match text.strip_suffix(&place) {
        Some(text) => format!("{text} (column {column})"),
        None => text,
    }
}

/// How long a line may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Longest {
    /// A longer one comes in parts of so many bytes, which overlap.
    Parts(usize),
    /// A longer one is refused.
    Refused(usize),
}

/// One line, or a part of a very long one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Without what ends it.
    pub(crate) bytes: Vec<u8>,
    /// The bytes that are this row's to show; the others are another part's.
    pub(crate) shown: Range<usize>,
    /// What ended it: `\n`, `\r\n`, or nothing.
    pub(crate) end: &'static [u8],
}

/// Input in batches of lines.
pub(crate) struct Rows<R> {
    input: BufReader<R>,
    longest: Longest,
    number: u64,
    /// The end of the last part of a very long line, which the next part begins with.
    rest: Vec<u8>,
}

/// Reads standard input on a thread of its own. The channel closes at the end of input, or behind a failure.
///
/// # Errors
/// When no thread can be started.
pub(crate) fn read_ahead(longest: Longest) -> Result<Receiver<Result<Vec<Row>>>> {
    let (batches, arrived) = mpsc::sync_channel(AHEAD);
    let read = move || {
        let mut rows = Rows::standard_input(longest);
        loop {
            let batch = rows.batch();
            let failed = batch.is_err();
            if batch.as_ref().is_ok_and(Vec::is_empty) || batches.send(batch).is_err() || failed {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("input".into()).spawn(read);
    thread.map_err(no_thread)?;
    Ok(arrived)
}

/// The failure of a thread that the system does not give.
pub(crate) fn no_thread(error: io::Error) -> Failure {
    Failure::new(
        Exit::Internal,
        format_args!("cannot start a thread: {error}"),
    )
}

impl Rows<StdinLock<'static>> {
    pub(crate) fn standard_input(longest: Longest) -> Self {
        Self::new(io::stdin().lock(), longest)
    }
}

impl<R: io::Read> Rows<R> {
    fn new(input: R, longest: Longest) -> Self {
        Self {
            input: BufReader::with_capacity(BATCH_BYTES, input),
            longest,
            number: 1,
            rest: Vec::new(),
        }
    }

    /// Waits for a line and takes with it what has arrived already. Empty at the end of input.
    ///
    /// # Errors
    /// When input cannot be read or a line is too long.
    pub(crate) fn batch(&mut self) -> Result<Vec<Row>> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = self.row()? {
            bytes += row.bytes.len();
            rows.push(row);
            let ahead = self.rest.is_empty() && self.input.buffer().contains(&b'\n');
            if !ahead || rows.len() >= BATCH_LINES || bytes >= BATCH_BYTES {
                break;
            }
        }
        Ok(rows)
    }

    fn row(&mut self) -> Result<Option<Row>> {
        let (Longest::Parts(limit) | Longest::Refused(limit)) = self.longest;
        let around = AROUND_BYTES.min(limit / 4);
        let mut bytes = std::mem::take(&mut self.rest);
        let from = if bytes.is_empty() { 0 } else { around };
        let room = (limit + 2).saturating_sub(bytes.len());
        let mut limited = io::Read::take(&mut self.input, room as u64);
        limited.read_until(b'\n', &mut bytes).map_err(|error| {
            Failure::new(
                Exit::Data,
                format_args!("cannot read standard input: {error}"),
            )
        })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let number = self.number;
        let end: &[u8] = match bytes.as_slice() {
            [.., b'\r', b'\n'] => b"\r\n",
            [.., b'\n'] => b"\n",
            _ => b"",
        };
        let mut to = bytes.len() - end.len();
        if !end.is_empty() {
            self.number += 1;
            bytes.truncate(to);
        } else if bytes.len() > limit {
            if matches!(self.longest, Longest::Refused(_)) {
                return Err(Failure::new(
                    Exit::Data,
                    format_args!("line {number} is longer than {} MiB", limit >> 20),
                ));
            }
            to -= around;
            self.rest = bytes[to - around..].to_vec();
        }
        Ok(Some(Row {
            number,
            bytes,
            shown: from..to,
            end,
        }))
    }
}

/// Standard output. Once it is closed the filter ends.
pub(crate) struct Sink(io::StdoutLock<'static>);

impl Sink {
    pub(crate) fn standard_output() -> Self {
        Self(io::stdout().lock())
    }

    /// Writes a whole batch at once. Nothing of the reason is said where output was merely closed.
    ///
    /// # Errors
    /// When output is closed or full.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.0.write_all(bytes).and_then(|()| self.0.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(Exit::OutputClosed, ""),
            _ => Failure::new(
                Exit::OutputClosed,
                format_args!("cannot write standard output: {error}"),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn all(input: &[u8], longest: Longest) -> Vec<Row> {
        let mut rows = Rows::new(input, longest);
        let mut all = Vec::new();
        loop {
            let batch = rows.batch().unwrap();
            if batch.is_empty() {
                return all;
            }
            all.extend(batch);
        }
    }

    fn joined(rows: &[Row]) -> Vec<u8> {
        let bytes = rows
            .iter()
            .map(|row| [&row.bytes[row.shown.clone()], row.end].concat());
        bytes.collect::<Vec<_>>().concat()
    }

    #[test]
    fn every_byte_comes_through_with_its_line_end() {
        let input = b"one\ntwo\r\n\n\xff\xfe\rthree\n\r\nlast";
        let rows = all(input, Longest::Parts(100));
        assert_eq!(joined(&rows), input);
        let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn every_byte_of_a_very_long_line_is_shown_once_and_has_its_neighbours() {
        let line: String = (0..500).map(|n| format!("{n} €")).collect();
        let input = format!("{line}\r\nnext\n");
        for limit in 20..210 {
            let rows = all(input.as_bytes(), Longest::Parts(limit));
            assert_eq!(joined(&rows), input.as_bytes());
            let (last, parts) = rows.split_last().unwrap();
            assert_eq!(
                (last.number, last.bytes.as_slice()),
                (2, b"next".as_slice())
            );
            assert!(parts.len() > 3);
            for row in parts {
                assert!(row.bytes.len() <= limit + 2);
                assert!(row.shown.start == 0 || row.shown.start == limit / 4);
                let behind = row.bytes.len() - row.shown.end;
                assert!(behind == limit / 4 || !row.end.is_empty());
            }
        }
    }

    #[test]
    fn a_line_that_may_not_be_cut_is_refused_by_its_number() {
        let mut rows = Rows::new(b"short\nmuch too long\n".as_slice(), Longest::Refused(8));
        assert_eq!(rows.batch().unwrap_err().exit, Exit::Data);
    }
}
