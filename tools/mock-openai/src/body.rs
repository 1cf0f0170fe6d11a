//! Writes the steps of a plan as a body, and notices when the client goes.

use std::convert::Infallible;
use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, stream};

use crate::framing::Step;
use crate::script::Gate;

/// The error that makes hyper break the connection.
#[derive(Debug)]
pub(crate) struct CutByScript;

impl std::fmt::Display for CutByScript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script cuts the connection here")
    }
}

impl std::error::Error for CutByScript {}

impl From<Infallible> for CutByScript {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// How deltas are paced.
pub(crate) struct Pace {
    pub(crate) delay: Duration,
    pub(crate) gate: Option<Gate>,
}

impl Pace {
    async fn wait(&self) {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
    }
}

/// The body as a stream of HTTP chunks. `done` is dropped with it: it tells the recorder how the response ended.
pub(crate) fn write(
    steps: Vec<Step>,
    pace: Pace,
    gzip: Gzip,
    mut done: crate::server::Ended,
) -> impl Stream<Item = Result<Bytes, CutByScript>> + Send {
    let mut steps = steps.into_iter();
    let mut zip = Zip::new(gzip);
    let mut repeat: Option<(Bytes, Duration)> = None;
    let mut over = false;
    stream::unfold((), move |()| {
        // The state lives in the closure; each future owns only what it needs for one step.
        let next = loop {
            if let Some((bytes, interval)) = &repeat {
                break Next::Repeat(bytes.clone(), *interval);
            }
            match steps.next() {
                Some(Step::Repeat(bytes, interval)) => repeat = Some((bytes, interval)),
                Some(Step::Bytes(bytes)) => {
                    break Next::Bytes(zip.as_mut().map_or(bytes.clone(), |zip| zip.push(&bytes)));
                }
                Some(Step::Pace) => break Next::Pace,
                Some(Step::Stall) => break Next::Stall,
                Some(Step::Cut) => break Next::Cut,
                None if over => break Next::End,
                None => {
                    over = true;
                    if let Some(zip) = zip.take() {
                        break Next::Bytes(zip.end());
                    }
                }
            }
        };
        if matches!(next, Next::End | Next::Cut) {
            done.by_script();
        }
        let pace = Pace {
            delay: pace.delay,
            gate: pace.gate.clone(),
        };
        async move {
            match next {
                Next::Bytes(bytes) => Some((Ok(bytes), ())),
                Next::Pace => {
                    pace.wait().await;
                    Some((Ok(Bytes::new()), ()))
                }
                Next::Repeat(bytes, interval) => {
                    tokio::time::sleep(interval).await;
                    Some((Ok(bytes), ()))
                }
                Next::Stall => std::future::pending().await,
                Next::Cut => {
                    // What was written before leaves the buffers while the body is pending.
                    tokio::task::yield_now().await;
                    Some((Err(CutByScript), ()))
                }
                Next::End => None,
            }
        }
    })
}

enum Next {
    Bytes(Bytes),
    Pace,
    Repeat(Bytes, Duration),
    Stall,
    Cut,
    End,
}

/// Gzip that is flushed after each event, as a server must if its stream is to arrive in time.
struct Zip {
    encoder: GzEncoder<Vec<u8>>,
    bad_sum: bool,
}

/// Whether a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gzip {
    No,
    Yes,
    /// With a wrong checksum at the end.
    BadSum,
}

/// CRC and length, four bytes each.
const GZIP_TRAILER_BYTES: usize = 8;

impl Zip {
    fn new(gzip: Gzip) -> Option<Self> {
        (gzip != Gzip::No).then(|| Self {
            encoder: GzEncoder::new(Vec::new(), Compression::default()),
            bad_sum: gzip == Gzip::BadSum,
        })
    }

    fn push(&mut self, bytes: &[u8]) -> Bytes {
        // Writing into a vector does not fail.
        let _ = self
            .encoder
            .write_all(bytes)
            .and_then(|()| self.encoder.flush());
        std::mem::take(self.encoder.get_mut()).into()
    }

    fn end(self) -> Bytes {
        let mut bytes = self.encoder.finish().unwrap_or_default();
        let sum = bytes.len().saturating_sub(GZIP_TRAILER_BYTES);
        if let Some(byte) = bytes.get_mut(sum).filter(|_| self.bad_sum) {
            *byte ^= 0xff;
        }
        bytes.into()
    }
}
