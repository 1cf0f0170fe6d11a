//! Faults of redactors on their way into the audit trail.
//!
//! The threads that redact must not wait for the trail, and the trail itself asks a redactor about its free
//! texts. So faults go through a queue, and one that comes while a fault is being recorded is not reported:
//! it may be about the very event.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mini_llm_chat_sandbox::{Fault, FaultCause, Redactor};
use tokio::sync::mpsc;

use crate::audit::{AuditEvent, AuditTrail};
use crate::log::{Cleaned, Redact, Text};

/// Faults that wait to be recorded; more are only counted, in `status`.
const QUEUE_FAULTS: usize = 64;

/// Where redactors report.
#[derive(Clone)]
pub(crate) struct Faults {
    queue: mpsc::Sender<Fault>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    recording: AtomicBool,
    last: Mutex<Option<Fault>>,
}

/// The other end.
pub(crate) struct Recorder {
    queue: mpsc::Receiver<Fault>,
    shared: Arc<Shared>,
}

pub(crate) fn channel() -> (Faults, Recorder) {
    let (sender, receiver) = mpsc::channel(QUEUE_FAULTS);
    let shared = Arc::new(Shared::default());
    let faults = Faults {
        queue: sender,
        shared: Arc::clone(&shared),
    };
    let recorder = Recorder {
        queue: receiver,
        shared,
    };
    (faults, recorder)
}

impl Faults {
    /// The redactor, with its faults reported.
    pub(crate) fn of(&self, redactor: Redactor) -> impl Redact + use<> {
        Reporting {
            redactor,
            faults: self.clone(),
        }
    }

    fn report(&self, fault: &Fault) {
        if self.shared.recording.load(Ordering::Relaxed) {
            return;
        }
        let mut last = self
            .shared
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // One that is not asked any more says so for every text.
        let isolated = matches!(fault.cause, FaultCause::Isolated { .. });
        if isolated && last.as_ref() == Some(fault) {
            return;
        }
        *last = Some(fault.clone());
        // A full queue, or an engine that is gone, is no reason to wait.
        self.queue.try_send(fault.clone()).ok();
    }
}

impl Recorder {
    /// Records faults until every redactor is gone.
    pub(crate) async fn run(mut self, audit: Arc<dyn AuditTrail>) {
        while let Some(fault) = self.queue.recv().await {
            self.shared.recording.store(true, Ordering::Relaxed);
            crate::audit::note(&*audit, AuditEvent::faulted(&fault)).await;
            self.shared.recording.store(false, Ordering::Relaxed);
        }
    }
}

struct Reporting {
    redactor: Redactor,
    faults: Faults,
}

impl Redact for Reporting {
    fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Cleaned> {
        let answers = self.redactor.redact(texts);
        // A failed batch has the same fault for each of its texts.
        let mut before = None;
        for answer in &answers {
            if answer.fault.as_ref() != before {
                before = answer.fault.as_ref();
                if let Some(fault) = before {
                    self.faults.report(fault);
                }
            }
        }
        answers.into_iter().map(Cleaned::from).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use mini_llm_chat_sandbox::{Digest, PluginName};

    use super::*;

    fn fault(cause: FaultCause) -> Fault {
        Fault {
            plugin: PluginName::new("rules").unwrap(),
            digest: Digest::of(b""),
            call: "find",
            cause,
        }
    }

    #[test]
    fn a_redactor_that_is_not_asked_any_more_is_reported_once() {
        let (faults, mut recorder) = channel();
        let isolated = FaultCause::Isolated { after: 5 };
        for cause in [FaultCause::Crash, FaultCause::Crash, isolated, isolated] {
            faults.report(&fault(cause));
        }
        assert_eq!(recorder.queue.len(), 3);
        recorder.shared.recording.store(true, Ordering::Relaxed);
        faults.report(&fault(FaultCause::Crash));
        assert_eq!(recorder.queue.len(), 3);
        recorder.queue.close();
    }
}
