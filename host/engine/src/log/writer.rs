//! The one thread that redacts and writes.
//!
//! It owns the sink and the redactor, so that no lock is held while a component runs, and a component that
//! is slow or faulty delays log lines, never a turn. What is raised on this thread itself is not logged: it
//! would wait for itself.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::Counters;
use super::level::{CRITICAL_TARGET, Level};
use super::record::{Record, Value};
use super::redact::{Cleaned, Redact, RedactorFactory, Text};
use super::redacted::{Format, Judged, seal};
use super::sink::Sink;
use crate::secrets::Secrets;

/// What stands in the place of a text that a redactor should have judged, and could not.
pub(super) const WITHHELD: &str = "[redacted:fault]";

/// What stands there where no redactor was ever attached: the command loads no plugins, or ended before it did.
const NO_REDACTOR: &str = "[withheld:no-redactor]";

/// Records that wait for a redactor to be attached; later ones are dropped and counted.
const MAX_WAITING: usize = 1024;

/// Texts of one call of the redactor.
const BATCH_TEXTS: usize = 64;

/// After so many failed calls in a row texts are withheld without asking, until a redactor is attached.
const MAX_FAULTS_IN_A_ROW: u32 = 5;

thread_local! {
    static ON_WRITER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the writer thread.
pub(super) fn on_writer() -> bool {
    ON_WRITER.get()
}

/// What the writer is asked for, in order.
pub(super) enum Job {
    Record(Box<Record>),
    Attach(RedactorFactory),
    /// Answers when everything before it is written. `finally`: also what still waits for a redactor.
    Flush {
        finally: bool,
        done: SyncSender<()>,
    },
}

pub(super) struct Writer {
    pub(super) secrets: Secrets,
    pub(super) sink: Box<dyn Sink>,
    pub(super) format: Format,
    pub(super) counters: Arc<Counters>,
    pub(super) redactor: Option<Box<dyn Redact>>,
    pub(super) waiting: Vec<Record>,
    pub(super) faults_in_a_row: u32,
    pub(super) sources: HashMap<(&'static str, &'static str), u32>,
}

impl Writer {
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        ON_WRITER.set(true);
        while let Ok(job) = jobs.recv() {
            let mut next = Some(job);
            // What has queued up meanwhile is one batch.
            while let Some(job) = next {
                self.take(job);
                next = jobs.try_recv().ok();
            }
            self.write_waiting(false);
        }
        self.write_waiting(true);
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Record(record) => {
                if self.waiting.len() < MAX_WAITING {
                    self.waiting.push(*record);
                } else {
                    self.counters.dropped();
                }
                if self.waiting.len() >= BATCH_TEXTS {
                    self.write_waiting(false);
                }
            }
            Job::Attach(factory) => {
                self.write_waiting(false);
                self.redactor = catch_unwind(AssertUnwindSafe(|| factory())).ok();
                self.faults_in_a_row = 0;
            }
            Job::Flush { finally, done } => {
                self.write_waiting(finally);
                // Whoever asked may have gone.
                let _ = done.try_send(());
            }
        }
    }

    /// Writes what has come in. Without a redactor it waits, unless this is the end.
    fn write_waiting(&mut self, finally: bool) {
        if self.waiting.is_empty() || (self.redactor.is_none() && !finally) {
            return;
        }
        let records = std::mem::take(&mut self.waiting);
        let mut batch = Vec::new();
        let mut texts = 0;
        for record in &records {
            let more = 1 + record.fields.len();
            if texts + more > BATCH_TEXTS && !batch.is_empty() {
                self.write_batch(&std::mem::take(&mut batch));
                texts = 0;
            }
            texts += more;
            batch.push(record);
        }
        self.write_batch(&batch);
    }

    fn write_batch(&mut self, records: &[&Record]) {
        let (texts, sources) = self.texts(records);
        let (mut judged, fault) = self.judge(&texts, &sources);
        for record in records {
            let count = 1 + record
                .fields
                .iter()
                .filter(|(_, value)| is_judged(value))
                .count();
            let mut mine = judged.by_ref().take(count).collect::<Vec<_>>();
            // The place in the source is the host's own word: it still says what happened.
            if let (Some(message), Some((file, line))) = (mine.first_mut(), record.place)
                && [WITHHELD, NO_REDACTOR].contains(&&*message.text)
            {
                message.text = format!("{} at {file}:{line}", message.text);
            }
            self.write(record, mine);
        }
        if let Some(fault) = fault {
            let mut record = Record::new(Level::Critical, CRITICAL_TARGET);
            record.message = fault;
            let message = Judged {
                text: self.secrets.mask(&record.message).into_owned(),
                masked: false,
            };
            self.write(&record, vec![message]);
        }
    }

    fn write(&mut self, record: &Record, judged: Vec<Judged>) {
        let line = seal(record, judged, self.format);
        if self.sink.write(&line).is_err() {
            self.counters.dropped();
        }
    }

    /// Every text of the batch, free of the process's own secrets, and which source it belongs to.
    fn texts(&mut self, records: &[&Record]) -> (Vec<String>, Vec<u32>) {
        let (mut texts, mut sources) = (Vec::new(), Vec::new());
        for record in records {
            texts.push(self.secrets.mask(&record.message).into_owned());
            sources.push(self.source(record.target, ""));
            for (name, value) in &record.fields {
                if let Value::Text(text) | Value::Number(text) = value {
                    texts.push(self.secrets.mask(text).into_owned());
                    sources.push(self.source(record.target, name));
                }
            }
        }
        (texts, sources)
    }

    /// The messages of one target belong together, and so do the values of one of its fields.
    fn source(&mut self, target: &'static str, field: &'static str) -> u32 {
        let next = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        *self.sources.entry((target, field)).or_insert(next)
    }

    /// One judged text for each, whatever the redactor does; and what went wrong.
    fn judge(
        &mut self,
        texts: &[String],
        sources: &[u32],
    ) -> (std::vec::IntoIter<Judged>, Option<String>) {
        let marker = match self.redactor {
            Some(_) => WITHHELD,
            None => NO_REDACTOR,
        };
        let withheld = || {
            texts
                .iter()
                .map(|_| Judged {
                    text: marker.to_owned(),
                    masked: true,
                })
                .collect::<Vec<_>>()
        };
        let Some(redactor) = self
            .redactor
            .as_mut()
            .filter(|_| self.faults_in_a_row < MAX_FAULTS_IN_A_ROW)
        else {
            self.counters.withheld(texts.len());
            return (withheld().into_iter(), None);
        };
        let batch: Vec<_> = texts
            .iter()
            .zip(sources)
            .map(|(content, &source)| Text { source, content })
            .collect();
        let answers = catch_unwind(AssertUnwindSafe(|| redactor.redact(&batch)));
        let answers = match answers {
            Ok(answers) if answers.len() == texts.len() => answers,
            Ok(_) => {
                return self.all_faulted(
                    withheld(),
                    "a redactor answered with the wrong number of texts",
                );
            }
            Err(_) => return self.all_faulted(withheld(), "the redactor panicked"),
        };
        let fault = answers.iter().find_map(|answer| answer.fault.clone());
        if fault.is_some() {
            self.faulted();
        } else {
            self.faults_in_a_row = 0;
        }
        let judged = answers
            .into_iter()
            .zip(texts)
            .map(|(answer, text)| judged(answer, text))
            .collect::<Vec<_>>();
        self.counters.withheld(
            judged
                .iter()
                .filter(|judged| judged.text == WITHHELD)
                .count(),
        );
        (judged.into_iter(), fault)
    }

    fn all_faulted(
        &mut self,
        withheld: Vec<Judged>,
        what: &str,
    ) -> (std::vec::IntoIter<Judged>, Option<String>) {
        self.faulted();
        self.counters.withheld(withheld.len());
        (withheld.into_iter(), Some(what.to_owned()))
    }

    fn faulted(&mut self) {
        self.faults_in_a_row += 1;
        self.counters.faulted();
    }
}

const fn is_judged(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Number(_))
}

/// What a redactor could not judge is not shown, even if it gave a text.
pub(super) fn judged(answer: Cleaned, asked: &str) -> Judged {
    match answer.fault {
        Some(_) => Judged {
            text: WITHHELD.to_owned(),
            masked: true,
        },
        None => Judged {
            masked: answer.masked > 0 || answer.text != asked,
            text: answer.text,
        },
    }
}
