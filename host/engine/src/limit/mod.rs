//! How many model calls a user may make: an exact sliding window.

/// So many calls in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// At least 1.
    pub max_calls: u32,
    /// Seconds, at least 1.
    pub seconds: u32,
}
