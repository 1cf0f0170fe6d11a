//! Counts work in tests, so that linear cost is asserted by steps and never by time.

#[cfg(test)]
std::thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Notes that `n` bytes were looked at. Nothing outside tests.
#[inline(always)]
pub(crate) fn steps(n: usize) {
    #[cfg(test)]
    STEPS.with(|cell| cell.set(cell.get() + n as u64));
    #[cfg(not(test))]
    let _ = n;
}

/// The steps since the last call.
#[cfg(test)]
pub(crate) fn take() -> u64 {
    STEPS.with(|cell| cell.replace(0))
}
