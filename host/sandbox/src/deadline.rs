//! When a running guest is stopped.
//!
//! The engine's epoch ticks in wall time, and on a busy machine a thread may be off the processor for
//! many ticks: cutting at a number of ticks would cut honest calls. So a tick only makes wasmtime ask
//! here, and what is asked is how much of *this thread's processor time* the call has spent. The
//! wall backstop is for the guest that spends none.
//!
//! Most calls end within a tick and never get here, so the clocks are not read when a call begins: the
//! first tick takes the baseline. A call may thus spend up to two ticks more than its budget, and an
//! ordinary call pays for setting one integer.
//!
//! A command may move between threads when it waits, so its processor time is measured around each
//! poll instead, see [`Metered`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use wasmtime::{StoreContextMut, UpdateDeadline};

use crate::clock;
use crate::fault::FaultCause;
use crate::limits::{self, Ceilings};
use crate::meter::Data;

/// The time that a call has, and what of it is gone.
#[derive(Debug)]
pub(crate) struct Deadline {
    /// For the current call.
    cpu: Duration,
    wall: Duration,
    /// What is left of the instance's allowance for first calls.
    warm_up: Duration,
    /// Whether the current call may use it.
    warming: bool,
    began: Option<Began>,
    /// Set for commands, which are measured around each poll.
    polls: Option<Arc<PollClock>>,
}

#[derive(Debug, Clone, Copy)]
struct Began {
    cpu: Duration,
    wall: Instant,
}

impl Deadline {
    pub(crate) const fn new(ceilings: &Ceilings) -> Self {
        Self {
            cpu: ceilings.cpu,
            wall: ceilings.wall,
            warm_up: ceilings.warm_up,
            warming: true,
            began: None,
            polls: None,
        }
    }

    /// Measures around polls from now on.
    pub(crate) fn poll_clock(&mut self) -> Arc<PollClock> {
        Arc::clone(self.polls.get_or_insert_default())
    }

    /// Whether calls yield at each tick: those that run on an executor.
    const fn yields(&self) -> bool {
        self.polls.is_some()
    }

    /// Begins a call with a budget of its own.
    pub(crate) const fn begin(&mut self, cpu: Duration, wall: Duration, first: bool) {
        self.cpu = cpu;
        self.wall = wall;
        self.warming = first;
        self.began = None;
    }

    /// Ends a call, and takes what it used of the warm-up allowance.
    pub(crate) fn end(&mut self) {
        if let (true, Some(began)) = (self.warming, self.began) {
            let over = self.spent(began).saturating_sub(self.cpu);
            self.warm_up = self.warm_up.saturating_sub(over);
        }
    }

    fn now(&self) -> Duration {
        match &self.polls {
            Some(polls) => polls.spent(),
            None => clock::thread_cpu(),
        }
    }

    fn spent(&self, began: Began) -> Duration {
        self.now().saturating_sub(began.cpu)
    }

    /// The limit that is exceeded now, if one is. Called at each tick of a running call.
    fn check(&mut self) -> Option<FaultCause> {
        let Some(began) = self.began else {
            self.began = Some(Began {
                cpu: self.now(),
                wall: Instant::now(),
            });
            return None;
        };
        let (cpu, wall) = if self.warming {
            (self.cpu + self.warm_up, self.wall.max(limits::WARM_UP_WALL))
        } else {
            (self.cpu, self.wall)
        };
        if self.spent(began) > cpu {
            return Some(FaultCause::ProcessorTime { limit: cpu });
        }
        (began.wall.elapsed() > wall).then_some(FaultCause::WallTime { limit: wall })
    }
}

/// What wasmtime calls at each tick while a guest runs.
pub(crate) fn on_tick(mut store: StoreContextMut<'_, Data>) -> wasmtime::Result<UpdateDeadline> {
    let data = store.data_mut();
    if let Some(cause) = data.deadline.check() {
        return Err(data.meter.trip(cause));
    }
    if data.deadline.yields() {
        return Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(tokio::task::yield_now()),
        ));
    }
    Ok(UpdateDeadline::Continue(1))
}

/// Processor time of a future, summed over its polls on whatever threads.
#[derive(Debug, Default)]
pub(crate) struct PollClock {
    before_nanos: AtomicU64,
    poll_began_nanos: AtomicU64,
}

impl PollClock {
    fn enter(&self) {
        self.poll_began_nanos
            .store(nanos(clock::thread_cpu()), Ordering::Relaxed);
    }

    fn leave(&self) {
        self.before_nanos
            .fetch_add(self.this_poll(), Ordering::Relaxed);
    }

    fn this_poll(&self) -> u64 {
        nanos(clock::thread_cpu()).saturating_sub(self.poll_began_nanos.load(Ordering::Relaxed))
    }

    /// Only meaningful inside a poll.
    fn spent(&self) -> Duration {
        Duration::from_nanos(self.before_nanos.load(Ordering::Relaxed) + self.this_poll())
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A future whose polls are measured.
pub(crate) struct Metered<F> {
    pub(crate) clock: Arc<PollClock>,
    pub(crate) inner: Pin<Box<F>>,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.clock.enter();
        let polled = self.inner.as_mut().poll(context);
        self.clock.leave();
        polled
    }
}

/// How long a run has waited for a person, which its wall limit leaves out: whoever thinks about a
/// question or types a password must not be hurried by a limit that is meant for plugins.
#[derive(Debug, Default)]
pub(crate) struct PersonClock {
    finished_nanos: AtomicU64,
    asking_since: std::sync::Mutex<Option<tokio::time::Instant>>,
}

impl PersonClock {
    /// Waits for something that a person answers.
    pub(crate) async fn asking<T>(&self, question: impl Future<Output = T>) -> T {
        self.set(Some(tokio::time::Instant::now()));
        let answer = question.await;
        if let Some(since) = self.set(None) {
            self.finished_nanos
                .fetch_add(nanos(since.elapsed()), Ordering::Relaxed);
        }
        answer
    }

    /// All waiting so far, a question that is still open included.
    pub(crate) fn waited(&self) -> Duration {
        let finished = Duration::from_nanos(self.finished_nanos.load(Ordering::Relaxed));
        let asking = *self.lock();
        finished + asking.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn set(&self, since: Option<tokio::time::Instant>) -> Option<tokio::time::Instant> {
        std::mem::replace(&mut *self.lock(), since)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<tokio::time::Instant>> {
        // The lock is never held over code that can panic.
        self.asking_since
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
