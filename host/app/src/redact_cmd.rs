//! `mini-llm-chat redact`: hides secrets in any log, from standard input to standard output.
//!
//! A plain log is one source: a key over many lines is hidden as a whole. With `--jsonl` each line is a text
//! of its own. What was not hidden leaves as the bytes that came in, valid UTF-8 or not.
//!
//! What has arrived together is shared out among redactors that work at the same time. In a plain log each takes
//! its share for a source of its own, as if it began there. Where the share before ends inside a secret, that is
//! wrong: the redactor that knows of the secret then judges the share anew.

use std::io;
use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};

use mini_llm_chat_sandbox::Redactor;

use crate::cli::RedactArguments;
use crate::config::FilterSettings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::filter::{self, Longest, Row, Sink};
use crate::share::{self, Answer};
use crate::terminal;

/// A longer line of a plain log is judged in parts.
const LINE_BYTES: usize = 16 << 20;

/// A longer JSON string is refused: it cannot be cut without being read whole.
const JSON_LINE_BYTES: usize = 64 << 20;

/// Most redactors at work, each with instances of its own.
const REDACTORS: usize = 4;

/// A smaller share is not worth another redactor.
const SHARE_BYTES: usize = 16 * 1024;

/// Filters until input ends or output is closed. Needs no key, database or login.
///
/// # Errors
/// When a plugin is refused or failed, output is closed, or a line is no JSON string.
pub(crate) fn run(settings: &FilterSettings, arguments: &RedactArguments) -> Result<Exit> {
    let set = filter::plugins(settings)?;
    let at_work = available_parallelism().map_or(1, |processors| processors.get().min(REDACTORS));
    let mut filter = Filter {
        redactors: (0..at_work).map(|_| set.redactor()).collect(),
        jsonl: arguments.jsonl,
        open: None,
        next_source: 0,
        faults: 0,
    };
    let longest = if arguments.jsonl {
        Longest::Refused(JSON_LINE_BYTES)
    } else {
        Longest::Parts(LINE_BYTES)
    };
    let batches = filter::read_ahead(longest)?;
    let mut output = Sink::standard_output();
    while let Ok(first) = batches.recv() {
        let mut rows = first?;
        let mut wrong = None;
        for batch in batches.try_iter().take(filter::AHEAD) {
            match batch {
                Ok(more) => rows.extend(more),
                Err(failure) => wrong = Some(failure),
            }
        }
        filter.batch(&rows, &mut output)?;
        if let Some(failure) = wrong {
            return Err(failure);
        }
    }
    filter.end()
}

struct Filter {
    redactors: Vec<Redactor>,
    jsonl: bool,
    /// The source that ends inside a secret so far. The first redactor knows about it.
    open: Option<u32>,
    next_source: u32,
    /// Texts that no redactor judged.
    faults: u64,
}

/// Rows that one redactor judges.
struct Share<'r> {
    /// The number of their source, or of the first one's.
    source: u32,
    rows: &'r [Row],
}

impl Filter {
    fn batch(&mut self, rows: &[Row], output: &mut Sink) -> Result<()> {
        let shares = self.shares(rows);
        let answers = self.judge(&shares)?;
        let mut open = None;
        for (at, (share, answer)) in shares.iter().zip(answers).enumerate() {
            let (at, source, answer) = match open {
                Some((at, source)) => {
                    let anew = share::lines(&mut self.redactors[at], source, share.rows);
                    (at, source, anew)
                }
                None => (at, share.source, answer),
            };
            let goes_on = !self.jsonl && self.redactors[at].is_inside_secret(source);
            open = goes_on.then_some((at, source));
            self.pass_on(answer, output)?;
        }
        self.open = open.map(|(at, source)| {
            self.redactors.swap(0, at);
            source
        });
        Ok(())
    }

    /// About as many bytes for each redactor, and no more shares than redactors.
    fn shares<'r>(&mut self, rows: &'r [Row]) -> Vec<Share<'r>> {
        let bytes: usize = rows.iter().map(|row| row.bytes.len()).sum();
        let count = (bytes / SHARE_BYTES).clamp(1, self.redactors.len());
        let mut shares = Vec::with_capacity(count);
        let mut rest = rows;
        while !rest.is_empty() {
            let mut taken = 0;
            let full = |row: &Row| {
                taken += row.bytes.len();
                taken >= bytes.div_ceil(count)
            };
            let full = rest.iter().position(full).map(|last| last + 1);
            let end = full.filter(|_| shares.len() + 1 < count);
            let (rows, after) = rest.split_at(end.unwrap_or(rest.len()));
            let source = self.open.take().unwrap_or(self.next_source);
            let next = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            self.next_source = self.next_source.wrapping_add(next);
            shares.push(Share { source, rows });
            rest = after;
        }
        shares
    }

    /// The first share is judged on this thread, each other one on its own.
    fn judge(&mut self, shares: &[Share<'_>]) -> Result<Vec<Answer>> {
        let judge = if self.jsonl {
            share::json_lines
        } else {
            share::lines
        };
        let judge = |(redactor, share): (&mut Redactor, &Share<'_>)| {
            judge(redactor, share.source, share.rows)
        };
        thread::scope(|scope| {
            let mut work = self.redactors.iter_mut().zip(shares);
            let first = work.next();
            let start = |work| thread::Builder::new().spawn_scoped(scope, move || judge(work));
            let others = work.map(start).collect::<io::Result<Vec<_>>>();
            let others = others.map_err(filter::no_thread)?;
            let mut answers: Vec<_> = first.map(judge).into_iter().collect();
            for thread in others {
                let answer = thread.join();
                answers.push(answer.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            Ok(answers)
        })
    }

    fn pass_on(&mut self, answer: Answer, output: &mut Sink) -> Result<()> {
        for fault in answer.faults {
            if self.faults == 0 {
                terminal::notice(format_args!("{fault}; what it could not judge is hidden"));
            }
            self.faults += 1;
        }
        output.write(&answer.out)?;
        answer.wrong.map_or(Ok(()), Err)
    }

    fn end(&self) -> Result<Exit> {
        if self.faults == 0 {
            return Ok(Exit::Done);
        }
        Err(Failure::new(
            Exit::Internal,
            format_args!("{} texts are hidden because a redactor failed", self.faults),
        ))
    }
}
