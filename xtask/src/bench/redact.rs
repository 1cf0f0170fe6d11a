//! How fast `redact` is as a whole: a log of 10 MB from file to output, the start included.

use std::io::Seek;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::process::{chat, processor_time, release_binary};
use super::{Figure, median};
use crate::error::TaskError;

const RUNS: usize = 9;

pub(super) fn measure() -> Result<Vec<Figure>, TaskError> {
    let home = tempfile::tempdir().map_err(failed)?;
    let mut log = tempfile::tempfile().map_err(failed)?;
    let mut generate = Command::new(release_binary("bench-calls"));
    let status = generate
        .arg("log")
        .stdout(log.try_clone().map_err(failed)?)
        .status()
        .map_err(failed)?;
    if !status.success() {
        return Err(TaskError::Failed {
            command: format!("{generate:?}"),
            status: status.to_string(),
        });
    }
    let megabytes = log.metadata().map_err(failed)?.len() as f64 / 1e6;
    let mut rate = || {
        log.rewind().map_err(failed)?;
        let input = log.try_clone().map_err(failed)?;
        let begun = Instant::now();
        processor_time(chat(home.path()).arg("redact").stdin(Stdio::from(input)))?;
        Ok(megabytes / begun.elapsed().as_secs_f64())
    };
    // The first start compiles the components.
    rate()?;
    let mut rates = (0..RUNS).map(|_| rate()).collect::<Result<Vec<_>, _>>()?;
    Ok(vec![Figure {
        name: "`redact` over a log of 10 MB, wall time with the start",
        unit: "MB/s",
        subject: median(&mut rates),
        baseline: None,
        aim: "≥ 50 MB/s",
    }])
}

fn failed(error: std::io::Error) -> TaskError {
    TaskError::Unexpected(format!("the log for redact: {error}"))
}
