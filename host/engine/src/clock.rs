//! Time as the limits and the cache see it, so that tests can say what time it is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Gives milliseconds from some fixed point.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// UTC since 1970: comparable between processes and over restarts, but people can set it.
    #[must_use]
    pub fn wall() -> Self {
        Self::new(|| jiff::Timestamp::now().as_millisecond())
    }

    /// Since this call: never goes back, means nothing to another process.
    #[must_use]
    pub fn monotonic() -> Self {
        let start = Instant::now();
        Self::new(move || millis(start.elapsed()))
    }

    /// Any other, such as one that a test turns.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Milliseconds now.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Whole milliseconds; what does not fit is the largest that does.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
