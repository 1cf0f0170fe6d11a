//! Says in the host's log where a plugin panicked, so that its author can find the place.

use std::sync::Once;

/// What a panic may say, in bytes. The host cuts at 4 KiB; a page of debug output helps nobody.
const MESSAGE_BYTES: usize = 512;

/// Sends panics to the log from now on. Redactors cannot: they are not granted the log.
///
/// The text may quote what the plugin was judging; the host redacts every record before it is written.
#[doc(hidden)]
pub fn report_to_log() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let mut message = panic.to_string();
            message.truncate(message.floor_char_boundary(MESSAGE_BYTES));
            crate::log::error(&message);
        }));
    });
}
