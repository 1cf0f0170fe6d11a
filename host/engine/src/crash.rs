//! Where a test may end the process as `kill -9` would. Nothing of it is in a release.

/// Names the variable that holds `POINT`, or `POINT:N` for the N-th time that it is passed.
#[cfg(debug_assertions)]
const VARIABLE: &str = "MINI_LLM_CHAT_TEST_CRASH";

/// Ends the process here, without a word and without any clean-up, where a test wants that.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};

    static PASSED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var(VARIABLE) else {
        return;
    };
    let (wanted, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if wanted != name {
        return;
    }
    let passed = 1 + PASSED.fetch_add(1, Ordering::Relaxed);
    if passed.to_string() == time {
        kill();
    }
}

#[cfg(not(debug_assertions))]
pub(crate) const fn point(_: &str) {}

#[cfg(all(debug_assertions, unix))]
fn kill() {
    use rustix::process::{Signal, getpid, kill_process};
    if kill_process(getpid(), Signal::KILL).is_ok() {
        // The signal may take a moment; nothing more is done meanwhile.
        std::thread::park();
    }
}

#[cfg(all(debug_assertions, not(unix)))]
fn kill() {
    std::process::abort();
}
