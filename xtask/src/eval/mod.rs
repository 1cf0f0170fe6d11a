//! `cargo xtask eval`: how good the rules are, on labelled samples, through the built program.
//!
//! The program runs as a user gets it: its own settings, no configuration of this machine, every sample through
//! the sandbox. Rules were tuned on one half of the samples, chosen by a hash of their ids; both halves are
//! shown beside each other, and the other half is the one that counts. docs/quality.md explains the figures.

mod figures;
mod score;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::command;
use crate::error::TaskError;
use figures::Figures;

pub(crate) const USAGE: &str = "cargo xtask eval --data DIR [--binary FILE] [--misses FILE]";

/// A file of samples, `NAME.jsonl`, and what is asked about it.
struct Set {
    name: &'static str,
    /// The filter that judges it.
    filter: &'static str,
    score: fn(&Value, &Value, &mut Figures) -> Option<&'static str>,
}

const SETS: [Set; 7] = [
    Set {
        name: "secrets",
        filter: "redact",
        score: score::hidden,
    },
    Set {
        name: "clean",
        filter: "redact",
        score: score::unchanged,
    },
    Set {
        name: "pii",
        filter: "redact",
        score: score::hidden,
    },
    Set {
        name: "pii_clean",
        filter: "redact",
        score: score::unchanged,
    },
    Set {
        name: "injection",
        filter: "review",
        score: score::verdict,
    },
    Set {
        name: "injection_indirect",
        filter: "review",
        score: score::verdict,
    },
    Set {
        name: "leak_output",
        filter: "review",
        score: score::verdict,
    },
];

/// Judges every set that `--data` holds and prints a table.
///
/// # Errors
/// When there is no data, or the program cannot be built or fails.
pub(crate) fn run(options: &[&str]) -> Result<(), TaskError> {
    let mut options = options.iter().copied();
    let (mut data, mut binary, mut misses) = (None, None, None);
    while let Some(option) = options.next() {
        let value = options.next().map(PathBuf::from);
        let slot = match option {
            "--data" => &mut data,
            "--binary" => &mut binary,
            "--misses" => &mut misses,
            _ => return Err(TaskError::Usage(format!("usage: {USAGE}"))),
        };
        *slot = Some(value.ok_or_else(|| TaskError::Usage(format!("usage: {USAGE}")))?);
    }
    let data = data.ok_or_else(|| TaskError::Usage(format!("usage: {USAGE}")))?;
    let found: Vec<_> = SETS
        .iter()
        .map(|set| (set, data.join(format!("{}.jsonl", set.name))))
        .filter(|(_, path)| path.exists())
        .collect();
    if found.is_empty() {
        return Err(TaskError::Usage(format!(
            "{} holds no set: secrets.jsonl, clean.jsonl and so on, not compressed",
            data.display()
        )));
    }
    let binary = match binary {
        Some(binary) => fs::canonicalize(&binary).map_err(at(&binary))?,
        None => build()?,
    };
    let home = tempfile::tempdir().map_err(at(Path::new("temporary directory")))?;
    let mut missed = Vec::new();
    crate::say(figures::HEADER);
    for (set, path) in found {
        evaluate(set, &path, &binary, home.path(), &mut missed)?;
    }
    match misses {
        Some(path) => fs::write(&path, missed).map_err(at(&path)),
        None => Ok(()),
    }
}

fn build() -> Result<PathBuf, TaskError> {
    crate::prerequisites::ensure()?;
    let arguments = ["build", "--release", "--locked", "-p", "mini-llm-chat"];
    command::run(&command::cargo(), &arguments)?;
    let name = format!("mini-llm-chat{}", std::env::consts::EXE_SUFFIX);
    Ok(command::target_directory().join("release").join(name))
}

fn evaluate(
    set: &Set,
    path: &Path,
    binary: &Path,
    home: &Path,
    missed: &mut Vec<u8>,
) -> Result<(), TaskError> {
    let rows = json_lines(&fs::read(path).map_err(at(path))?, path)?;
    let input = home.join("input.jsonl");
    let mut file = fs::File::create(&input).map_err(at(&input))?;
    for row in &rows {
        writeln!(file, "{}", score::question(row)).map_err(at(&input))?;
    }
    let began = Instant::now();
    let output = ask(binary, set.filter, &input, home)?;
    let took = began.elapsed();
    let answers = json_lines(&output, path)?;
    if answers.len() != rows.len() {
        let (out, into) = (answers.len(), rows.len());
        return Err(TaskError::Unexpected(format!(
            "{}: {out} answers for {into} rows",
            path.display()
        )));
    }
    let mut figures = Figures::default();
    for (row, answer) in rows.iter().zip(&answers) {
        figures.begin_row(row["id"].as_str().unwrap_or_default());
        if let Some(why) = (set.score)(row, answer, &mut figures) {
            let miss =
                serde_json::json!({"set": set.name, "why": why, "row": row, "answer": answer});
            missed.extend_from_slice(format!("{miss}\n").as_bytes());
        }
    }
    for line in figures.table(set.name) {
        crate::say(&line);
    }
    let each = took.as_micros() / (rows.len().max(1) as u128);
    crate::say(&format!(
        "| {} | {} rows, {each} µs each with the start | | |",
        set.name,
        rows.len()
    ));
    Ok(())
}

/// The filter's output. Nothing of this machine's configuration reaches it.
fn ask(binary: &Path, filter: &str, input: &Path, home: &Path) -> Result<Vec<u8>, TaskError> {
    let line = format!("{} {filter} --jsonl", binary.display());
    let started = |source| TaskError::Start {
        command: line.clone(),
        source,
    };
    let output = Command::new(binary)
        .args([filter, "--jsonl"])
        .env_clear()
        .env("HOME", home)
        .env("USERPROFILE", home)
        .env("APPDATA", home)
        .env("LOCALAPPDATA", home)
        .current_dir(home)
        .stdin(fs::File::open(input).map_err(at(input))?)
        .stderr(Stdio::inherit())
        .output()
        .map_err(started)?;
    if !output.status.success() {
        return Err(TaskError::Failed {
            command: line,
            status: output.status.to_string(),
        });
    }
    Ok(output.stdout)
}

fn json_lines(bytes: &[u8], path: &Path) -> Result<Vec<Value>, TaskError> {
    let lines = bytes.split(|&byte| byte == b'\n');
    lines
        .filter(|line| !line.trim_ascii().is_empty())
        .enumerate()
        .map(|(number, line)| {
            serde_json::from_slice(line).map_err(|error| {
                TaskError::Unexpected(format!("{}, line {}: {error}", path.display(), number + 1))
            })
        })
        .collect()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> TaskError {
    let path = path.to_owned();
    move |source| TaskError::File {
        path: path.clone(),
        source,
    }
}
