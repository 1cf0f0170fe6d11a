//! From bytes to events: the WHATWG event stream, with a cap on one event.

use std::num::NonZeroUsize;

use bytes::{Buf, Bytes};
use sse_core::{MessageEvent, SseDecoder, SseEvent};

use super::error_lines::ErrorLines;

/// Decodes event streams piece by piece.
pub(crate) struct Frames {
    errors: ErrorLines,
    decoder: SseDecoder,
    pending: Bytes,
}

/// One event is larger than the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl Frames {
    pub(crate) fn new(event_bytes: usize) -> Self {
        let cap = NonZeroUsize::new(event_bytes).unwrap_or(NonZeroUsize::MIN);
        Self {
            errors: ErrorLines::default(),
            decoder: SseDecoder::with_limit(cap),
            pending: Bytes::new(),
        }
    }

    /// Gives it more bytes. Those before must have been read to the end.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        debug_assert!(
            !self.pending.has_remaining(),
            "events are read before more bytes come"
        );
        self.pending = self.errors.rewrite(bytes);
    }

    /// Gives it the blank line that servers forget after the last event. What was not a whole event shows as such when
    /// it is read as JSON.
    pub(crate) fn end(&mut self) {
        self.push(Bytes::from_static(b"\n\n"));
    }

    /// The next event, if the bytes so far hold one.
    pub(crate) fn next(&mut self) -> Result<Option<MessageEvent>, TooLarge> {
        loop {
            match self.decoder.next(&mut self.pending) {
                Some(Ok(SseEvent::Message(event))) => return Ok(Some(event)),
                // A wish for reconnecting, which is not how chat completions work.
                Some(Ok(SseEvent::Retry(_))) => {}
                Some(Err(_)) => return Err(TooLarge),
                None => return Ok(None),
            }
        }
    }
}
