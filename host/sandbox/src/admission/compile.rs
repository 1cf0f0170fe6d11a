//! Compiles within a time limit.
//!
//! What is bounded, and how: the work by the structure (number of functions, the largest of them, the size of
//! the file), which also bounds the compiler's memory, because it holds one function a thread at a time; the
//! wait by a clock. The worst single functions that the bounds let through were measured at 17 s (nothing but
//! branches, on a machine under load) and at 0.27 GB (nothing but calls); so memory stays below that times the
//! number of processors. A compiler cannot be stopped from outside: when the clock wins, the component is refused at
//! once and the thread goes on until it has finished what the structure allowed it, and its result is dropped.

use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::error::Problem;

/// How long compiling one component may take. The largest honest ones, an interpreter inside, need 13 s.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs `work` on a thread of its own and waits for it at most `limit`.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (sender, receiver) = mpsc::channel();
    let compile = move || {
        // Nobody listens any more once the limit has passed.
        let _late = sender.send(work());
    };
    std::thread::Builder::new()
        .name("plugin-compile".into())
        .spawn(compile)
        .map_err(|error| Problem::Compile(format!("no thread for the compiler: {error}")))?;
    match receiver.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(Problem::CompileTime(limit.as_secs())),
        Err(RecvTimeoutError::Disconnected) => Err(Problem::Compile(
            "the compiler failed; report this plugin".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn what_is_done_in_time_is_handed_over() {
        assert_eq!(within(LIMIT, || Ok(7)), Ok(7));
    }

    #[test]
    fn what_takes_longer_is_refused_with_the_limit() {
        let (_keep, wait) = mpsc::channel::<()>();
        let problem = within(Duration::ZERO, move || {
            let _never = wait.recv();
            Ok(())
        });
        assert_eq!(
            problem.unwrap_err().to_string(),
            "compiling it takes longer than 0 seconds; make its functions smaller or fewer"
        );
    }

    #[test]
    fn a_compiler_that_dies_refuses_the_component() {
        let problem = within::<()>(LIMIT, || std::panic::resume_unwind(Box::new("dead")));
        assert!(matches!(problem, Err(Problem::Compile(_))));
    }
}
