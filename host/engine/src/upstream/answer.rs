//! One streamed answer: what may take how long, and when it is complete.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, stream};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::chunk::{Progress, Reading};
use super::classify::Blame;
use super::error::{Cut, Phase, UpstreamError};
use super::event::Event;
use super::frames::Frames;
use super::settings::{Settings, Timeouts};
use super::wire::Wire;

/// How much of something that is no event stream is kept, to say how it begins.
const HEAD_BYTES: usize = 4096;

/// A response with status 200.
pub(crate) struct Started {
    pub(crate) response: Response,
    pub(crate) first_byte: Instant,
    pub(crate) deadline: Instant,
}

/// A streamed answer. It gives deltas and usage, and ends with one [`Event::Finish`] or one error; dropping it earlier
/// closes the connection.
pub struct Answer {
    body: Body,
    reading: Reading,
    ready: VecDeque<Event>,
    blame: Blame,
    cancel: CancellationToken,
}

impl Answer {
    pub(crate) fn new(
        started: Started,
        settings: &Settings,
        blame: Blame,
        cancel: CancellationToken,
    ) -> Self {
        let body = Body::new(started, settings);
        Self {
            body,
            reading: Reading::default(),
            ready: VecDeque::new(),
            blame,
            cancel,
        }
    }

    /// The next event; none after the last. Safe to drop while it waits: nothing is lost.
    ///
    /// # Errors
    ///
    /// The answer is not complete. What came before stays valid as a part of it; nothing follows.
    pub async fn next(&mut self) -> Option<Result<Event, UpstreamError>> {
        loop {
            if self.cancel.is_cancelled() && !self.body.is_over() {
                return Some(Err(self.end_with(UpstreamError::Cancelled)));
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.body.is_over() {
                return None;
            }
            let advanced = tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(UpstreamError::Cancelled),
                advanced = advance(&mut self.body, &mut self.reading, &mut self.ready, &self.blame) => advanced,
            };
            if let Err(error) = advanced {
                return Some(Err(self.end_with(error)));
            }
        }
    }

    /// The next event, if it has arrived already. Does not look whether the answer is cancelled.
    pub(crate) fn arrived(&mut self) -> Option<Result<Event, UpstreamError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.body.is_over() {
                return None;
            }
            let advanced = advance(
                &mut self.body,
                &mut self.reading,
                &mut self.ready,
                &self.blame,
            );
            if let Err(error) = advanced.now_or_never()? {
                return Some(Err(self.end_with(error)));
            }
        }
    }

    /// The same as a stream, fused.
    pub fn into_stream(self) -> impl Stream<Item = Result<Event, UpstreamError>> + Send {
        stream::unfold(self, |mut answer| async move {
            answer.next().await.map(|event| (event, answer))
        })
    }

    fn end_with(&mut self, error: UpstreamError) -> UpstreamError {
        self.ready.clear();
        self.body.close();
        error
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

/// Reads on until something is ready or the answer is over.
async fn advance(
    body: &mut Body,
    reading: &mut Reading,
    ready: &mut VecDeque<Event>,
    blame: &Blame,
) -> Result<(), UpstreamError> {
    match body.next(blame, reading.finish.is_some()).await? {
        Piece::Event(event) => match reading.event(&event, blame, ready) {
            Ok(Progress::More) => Ok(()),
            Ok(Progress::Done) => finish(body, reading, ready, blame),
            // The stream ended inside this event: the line was cut, not garbled.
            Err(UpstreamError::Garbage { .. }) if body.is_at_end() => {
                Err(blame.cut(Cut::Connection))
            }
            Err(error) => Err(error),
        },
        Piece::Whole(text) => {
            reading.json(text.trim(), blame, ready)?;
            finish(body, reading, ready, blame)
        }
        Piece::End => finish(body, reading, ready, blame),
    }
}

/// The stream is over: with a finish reason the answer is complete, else it is not.
fn finish(
    body: &mut Body,
    reading: &mut Reading,
    ready: &mut VecDeque<Event>,
    blame: &Blame,
) -> Result<(), UpstreamError> {
    body.drain();
    let Some(reason) = reading.finish.take() else {
        return Err(blame.cut(Cut::NoFinish));
    };
    ready.push_back(Event::Finish { reason });
    Ok(())
}

/// The body of a response, as events.
struct Body {
    wire: Option<Wire>,
    frames: Frames,
    kind: Kind,
    clock: Clock,
    taken: usize,
    body_bytes: usize,
    /// The beginning, until the first event shows that it is a stream; of other kinds, everything.
    head: Vec<u8>,
    seen_event: bool,
    at_end: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Events,
    Json,
    Page,
}

enum Piece {
    Event(sse_core::MessageEvent),
    /// A whole body that is not a stream.
    Whole(String),
    End,
}

impl Body {
    fn new(started: Started, settings: &Settings) -> Self {
        let Started {
            response,
            first_byte,
            deadline,
        } = started;
        let kind = Kind::of(&response);
        Self {
            wire: Some(Wire::new(response)),
            frames: Frames::new(settings.limits.event_bytes),
            kind,
            clock: Clock {
                timeouts: settings.timeouts,
                first_byte: Some(first_byte),
                deadline,
                timer: Box::pin(sleep_until(first_byte)),
            },
            taken: 0,
            body_bytes: settings.limits.body_bytes,
            head: Vec::new(),
            seen_event: false,
            at_end: false,
        }
    }

    fn is_over(&self) -> bool {
        self.wire.is_none()
    }

    fn is_at_end(&self) -> bool {
        self.at_end
    }

    fn close(&mut self) {
        self.wire = None;
    }

    /// Takes the rest of a finished body off the connection, so that the next request can use it.
    fn drain(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.drain();
        }
    }

    async fn next(&mut self, blame: &Blame, finished: bool) -> Result<Piece, UpstreamError> {
        loop {
            match self.frames.next() {
                Ok(Some(event)) => {
                    self.seen_event = true;
                    self.head = Vec::new();
                    return Ok(Piece::Event(event));
                }
                Ok(None) if self.at_end => return self.end(blame),
                Ok(None) => {}
                Err(_) => return Err(blame.garbage("an event larger than any real one", "")),
            }
            match self.read(blame, finished).await? {
                Some(bytes) => self.take(bytes, blame)?,
                None => {
                    self.at_end = true;
                    self.frames.end();
                }
            }
        }
    }

    /// The next bytes; none at the end. Once the finish reason is known, any end will do.
    async fn read(
        &mut self,
        blame: &Blame,
        finished: bool,
    ) -> Result<Option<Bytes>, UpstreamError> {
        let Some(wire) = &mut self.wire else {
            return Ok(None);
        };
        let (until, phase, allowed) = self.clock.next(finished);
        self.clock.timer.as_mut().reset(until);
        let read = tokio::select! {
            biased;
            read = wire.next() => Some(read.transpose()),
            () = &mut self.clock.timer => None,
        };
        match read {
            Some(Ok(bytes)) => {
                self.clock.first_byte = None;
                Ok(bytes)
            }
            _ if finished => Ok(None),
            Some(Err(error)) => Err(blame.broken(&error)),
            None => Err(blame.stall(phase, allowed)),
        }
    }

    fn take(&mut self, bytes: Bytes, blame: &Blame) -> Result<(), UpstreamError> {
        self.taken = self.taken.saturating_add(bytes.len());
        if self.taken > self.body_bytes {
            return Err(blame.garbage("more than any real answer has", ""));
        }
        if !self.seen_event {
            let room = if self.kind == Kind::Json {
                bytes.len()
            } else {
                HEAD_BYTES.saturating_sub(self.head.len())
            };
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
        if self.kind == Kind::Events {
            self.frames.push(bytes);
        }
        Ok(())
    }

    /// What the end of the body means.
    fn end(&mut self, blame: &Blame) -> Result<Piece, UpstreamError> {
        if self.seen_event || self.head.is_empty() {
            return Ok(Piece::End);
        }
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.head)).into_owned();
        let looks_like_json = text.trim_start().starts_with('{');
        match self.kind {
            Kind::Json => Ok(Piece::Whole(text)),
            // Servers forget the content type of an error.
            Kind::Events | Kind::Page if looks_like_json => Ok(Piece::Whole(text)),
            Kind::Events
                if text
                    .lines()
                    .all(|line| line.is_empty() || line.starts_with(':')) =>
            {
                Ok(Piece::End)
            }
            Kind::Events => Err(blame.garbage("something that is not an event stream", &text)),
            Kind::Page => Err(blame.garbage("a web page instead of an answer", &text)),
        }
    }
}

impl Kind {
    /// By content type; without one it is taken for what was asked for.
    fn of(response: &Response) -> Self {
        let value = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            json if json.ends_with("json") => Self::Json,
            "text/html" | "application/xhtml+xml" => Self::Page,
            _ => Self::Events,
        }
    }
}

/// Which deadline is next.
struct Clock {
    timeouts: Timeouts,
    /// Until the first byte has come.
    first_byte: Option<Instant>,
    deadline: Instant,
    /// One for all reads: to put it off is cheap, a new one for each is a system call.
    timer: Pin<Box<Sleep>>,
}

impl Clock {
    fn next(&self, finished: bool) -> (Instant, Phase, Duration) {
        let now = Instant::now();
        let (until, phase, allowed) = match self.first_byte {
            _ if finished => (
                now + self.timeouts.after_finish,
                Phase::Between,
                self.timeouts.after_finish,
            ),
            Some(first) => (first, Phase::FirstByte, self.timeouts.first_byte),
            None => (
                now + self.timeouts.between,
                Phase::Between,
                self.timeouts.between,
            ),
        };
        if self.deadline < until {
            (self.deadline, Phase::Total, self.timeouts.total)
        } else {
            (until, phase, allowed)
        }
    }
}
