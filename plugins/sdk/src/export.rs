//! Keeps the author's value between calls of one instance.

use core::cell::RefCell;

use crate::settings::{Problem, Settings};

/// Holds the plugin's value, built at its first use.
#[doc(hidden)]
#[derive(Debug)]
pub struct Slot<T>(RefCell<Option<T>>);

impl<T> Slot<T> {
    /// An empty slot.
    #[must_use]
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// Calls into the value.
    ///
    /// # Panics
    /// Where the settings are refused: a plugin that admission would not let in must not judge anything.
    #[expect(clippy::panic, reason = "in a guest a trap is how a call fails closed")]
    pub fn with<R>(
        &self,
        configure: impl FnOnce(&mut Settings) -> Result<T, Vec<Problem>>,
        call: impl FnOnce(&mut T) -> R,
    ) -> R {
        let mut slot = self.0.borrow_mut();
        let plugin = slot.get_or_insert_with(|| match crate::settings::configured(configure) {
            Ok(plugin) => plugin,
            Err(problems) => panic!("{} of the settings are refused", problems.len()),
        });
        call(plugin)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}
