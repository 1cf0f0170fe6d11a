//! The log pipeline: every record passes the redactors before it reaches a sink.
//!
//! ```text
//! tracing event → Layer → bounded channel → writer thread: literal match of the process's own secrets
//!                                           → redactor components → Redacted line → sink
//! ```
//!
//! The channel is bounded so that a flood of records costs memory only up to a limit. When it is full the
//! caller waits a few milliseconds, then the record is dropped and counted: losing a line is better than
//! writing one that was not judged. Records wait for [`Log::attach`], because the components are loaded only
//! after the program began to log; when no redactor ever comes (a command that loads no plugins), or it fails, a
//! record shows its time, level, target and place in the source, and no text.
//!
//! [`Log::foreign`] is the same way for text that is shown to the user and that the host did not write.

mod foreign;
mod layer;
mod level;
mod record;
mod redact;
mod redacted;
mod sink;
mod writer;

use std::collections::HashMap;
use std::error::Error;
use std::panic::{Location, PanicHookInfo};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

pub use level::{CRITICAL_TARGET, Level, UnknownLevel};
pub use redact::{Cleaned, Redact, RedactorFactory, Text};
pub use redacted::{Format, Redacted};
pub use sink::{RotatingFile, Sink, StandardError};

use crate::private_file::PrivateFileError;
use crate::secrets::Secrets;
use record::Record;
use writer::{Job, Writer};

/// Records that may wait for the writer thread.
const QUEUE_RECORDS: usize = 1024;

/// How long a caller waits for room in the queue before its record is dropped.
const QUEUE_WAIT: Duration = Duration::from_millis(3);

/// How long [`Log::flush`] waits at most.
const FLUSH_WAIT: Duration = Duration::from_secs(1);

/// What the log holds, and where.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// For the program's own records. Those of libraries are logged from `WARNING` on at most.
    pub level: Level,
    /// Other levels for the program's own targets, by prefix, such as `mini_llm_chat_engine::upstream`.
    pub targets: Vec<(String, Level)>,
    /// How a record becomes a line.
    pub format: Format,
    /// Where lines go.
    pub destination: Destination,
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A file of mode 0600, see [`RotatingFile`].
    File {
        /// The current file.
        path: PathBuf,
        /// When it is full, in bytes.
        max_bytes: u64,
        /// How many older files are kept.
        generations: u32,
    },
    /// Standard error.
    StandardError,
}

/// What did not reach the sink, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Records that were dropped: the queue was full, the sink failed, or they came from the writer itself.
    pub dropped: u64,
    /// Texts that were written as a marker because no redactor judged them.
    pub withheld: u64,
    /// Calls of a redactor that failed.
    pub faults: u64,
}

#[derive(Debug, Default)]
struct Counters {
    dropped: AtomicU64,
    withheld: AtomicU64,
    faults: AtomicU64,
}

impl Counters {
    fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    fn withheld(&self, texts: usize) {
        self.withheld.fetch_add(texts as u64, Ordering::Relaxed);
    }

    fn faulted(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// A handle of the pipeline. Clones share it; the writer thread ends with the last one.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    jobs: SyncSender<Job>,
    counters: Arc<Counters>,
    secrets: Secrets,
    filter: tracing_subscriber::filter::Targets,
    foreign: Mutex<foreign::Foreign>,
}

impl Log {
    /// Opens the destination and starts the writer thread. Nothing is logged before [`Log::install`].
    ///
    /// # Errors
    /// When the log file or its directory cannot be made, or is not this user's alone.
    pub fn start(config: &LogConfig, secrets: Secrets) -> Result<Self, PrivateFileError> {
        let sink: Box<dyn Sink> = match &config.destination {
            Destination::File {
                path,
                max_bytes,
                generations,
            } => Box::new(RotatingFile::open(path, *max_bytes, *generations)?),
            Destination::StandardError => Box::new(StandardError),
        };
        Self::with_sink(config, secrets, sink)
    }

    /// As [`Log::start`], with a sink of the caller's.
    ///
    /// # Errors
    /// When the writer thread cannot be started.
    pub fn with_sink(
        config: &LogConfig,
        secrets: Secrets,
        sink: Box<dyn Sink>,
    ) -> Result<Self, PrivateFileError> {
        let (jobs, queue) = mpsc::sync_channel(QUEUE_RECORDS);
        let counters = Arc::new(Counters::default());
        let writer = Writer {
            secrets: secrets.clone(),
            sink,
            format: config.format,
            counters: Arc::clone(&counters),
            redactor: None,
            waiting: Vec::new(),
            faults_in_a_row: 0,
            sources: HashMap::new(),
        };
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| PrivateFileError {
                action: "start the log's thread",
                path: PathBuf::new(),
                reason: error.to_string(),
            })?;
        let filter = layer::filter(config.level, &config.targets);
        let foreign = Mutex::default();
        Ok(Self(Arc::new(Shared {
            jobs,
            counters,
            secrets,
            filter,
            foreign,
        })))
    }

    /// A subscriber that sends every event here, for [`Log::install`] and for tests.
    #[must_use]
    pub fn dispatch(&self) -> Dispatch {
        use tracing_subscriber::Layer as _;
        let layer = layer::PipelineLayer::new(self.clone()).with_filter(self.0.filter.clone());
        Dispatch::new(tracing_subscriber::registry().with(layer))
    }

    /// Takes all events of the process from now on, and its panics: the message goes to the log, `notify` is
    /// told the place in the source. Only the first call in a process has an effect.
    pub fn install(&self, notify: impl Fn(Option<&Location<'_>>) + Send + Sync + 'static) {
        if tracing::dispatcher::set_global_default(self.dispatch()).is_err() {
            return;
        }
        let log = self.clone();
        std::panic::set_hook(Box::new(move |info| log.panicked(info, &notify)));
    }

    /// Gives the redactor, or another one after a reload. Records that waited for it are then written.
    pub fn attach(&self, factory: RedactorFactory) {
        self.foreign_redactor().attach(Arc::clone(&factory));
        // Fails only when the writer thread is gone; then nothing is written any more.
        let _ = self.0.jobs.send(Job::Attach(factory));
    }

    /// The secrets that are matched literally. What is added there is masked from then on.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Foreign text, fit to be shown: the process's own secrets and what the redactors find are masked,
    /// control characters are visible, and it is one line. Withheld if no redactor could judge it.
    #[must_use]
    pub fn foreign(&self, text: &str) -> String {
        let own = self.0.secrets.mask(text);
        self.foreign_redactor().clean(&own)
    }

    /// An error with its causes, as [`Log::foreign`] text.
    #[must_use]
    pub fn foreign_error(&self, error: &(dyn Error + 'static)) -> String {
        self.foreign(&record::chain(error))
    }

    /// Waits until everything that was logged is written, at most a second. Whether it was. Records that
    /// wait for a redactor go on waiting.
    pub fn flush(&self) -> bool {
        self.flush_as(false)
    }

    /// As [`Log::flush`], at the end of the process: what still waits for a redactor is written without text.
    pub fn close(&self) -> bool {
        self.flush_as(true)
    }

    /// What did not reach the sink.
    #[must_use]
    pub fn losses(&self) -> Losses {
        let counters = &self.0.counters;
        Losses {
            dropped: counters.dropped.load(Ordering::Relaxed),
            withheld: counters.withheld.load(Ordering::Relaxed),
            faults: counters.faults.load(Ordering::Relaxed),
        }
    }

    fn foreign_redactor(&self) -> std::sync::MutexGuard<'_, foreign::Foreign> {
        self.0
            .foreign
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn send(&self, record: Record) {
        if writer::on_writer() || !self.try_for(Job::Record(Box::new(record)), QUEUE_WAIT) {
            self.0.counters.dropped();
        }
    }

    fn flush_as(&self, finally: bool) -> bool {
        if writer::on_writer() {
            return false;
        }
        let (done, written) = mpsc::sync_channel(1);
        let deadline = Instant::now() + FLUSH_WAIT;
        self.try_for(Job::Flush { finally, done }, FLUSH_WAIT)
            && written
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .is_ok()
    }

    /// Queues a job, waiting for room at most that long. Whether there was room.
    fn try_for(&self, mut job: Job, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        loop {
            job = match self.0.jobs.try_send(job) {
                Ok(()) => return true,
                Err(TrySendError::Full(job)) if Instant::now() < deadline => job,
                Err(_) => return false,
            };
            // The standard channel cannot wait for room with a deadline.
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn panicked(&self, info: &PanicHookInfo<'_>, notify: &dyn Fn(Option<&Location<'_>>)) {
        let mut record = Record::new(Level::Critical, CRITICAL_TARGET);
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let what = info.payload_as_str().unwrap_or("no message");
        record.message = format!("panic at {place}: {what}");
        self.send(record);
        if !writer::on_writer() {
            self.flush();
            notify(info.location());
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("losses", &self.losses())
            .finish_non_exhaustive()
    }
}
