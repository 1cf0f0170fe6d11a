//! The body of a response, read in a task of its own.
//!
//! Servers send each delta as a piece of its own, and a burst of them arrives at once. The task hands on what has
//! arrived together as one piece, so that whoever waits for it, with all that stands above it, is woken once for a burst
//! and not once for a delta.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use reqwest::Response;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

/// A piece is handed on once it has that many bytes, though more may have arrived.
const PIECE_BYTES: usize = 16 * 1024;
/// For how long bytes that keep coming are added to a piece: nobody sees a text later for it.
const PIECE_TIME: Duration = Duration::from_millis(2);
/// For the end of a body that is not wanted any more, so that the connection can be used again. Costs no one a wait.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// The reading end. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Wire {
    pieces: mpsc::Receiver<Piece>,
    /// None once the task may end by itself.
    task: Option<AbortHandle>,
}

type Piece = Result<Bytes, reqwest::Error>;

impl Wire {
    pub(super) fn new(response: Response) -> Self {
        // One piece is read ahead: a server that is faster than its reader waits.
        let (to, pieces) = mpsc::channel(1);
        let reader = Reader {
            response,
            after: None,
        };
        let task = Some(tokio::spawn(reader.hand_on(to)).abort_handle());
        Self { pieces, task }
    }

    /// The next bytes; none at the end. Safe to drop while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }

    /// Lets the task take the rest off the connection, so that the next request can use it.
    pub(super) fn drain(mut self) {
        self.task = None;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

struct Reader {
    response: Response,
    /// What came after the piece before, where that was not more of it.
    after: Option<Result<Option<Bytes>, reqwest::Error>>,
}

impl Reader {
    async fn hand_on(mut self, to: mpsc::Sender<Piece>) {
        while let Some(piece) = self.piece().await {
            let over = piece.is_err();
            if to.send(piece).await.is_err() {
                let rest = async { while let Ok(Some(_)) = self.response.chunk().await {} };
                // At worst the connection is not used again.
                let _ = timeout(DRAIN_TIMEOUT, rest).await;
                return;
            }
            if over {
                return;
            }
        }
    }

    /// Waits for the next bytes, and adds those that have arrived with them.
    async fn piece(&mut self) -> Option<Piece> {
        let first = match self.after.take() {
            Some(after) => after,
            None => self.response.chunk().await,
        };
        let first = match first.transpose()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let mut piece = Vec::from(first);
        let until = Instant::now() + PIECE_TIME;
        while piece.len() < PIECE_BYTES && Instant::now() < until {
            match self.arrived().await {
                Some(Ok(Some(more))) => piece.extend_from_slice(&more),
                after => {
                    self.after = after;
                    break;
                }
            }
        }
        Some(Ok(Bytes::from(piece)))
    }

    async fn arrived(&mut self) -> Option<Result<Option<Bytes>, reqwest::Error>> {
        if let Some(read) = self.response.chunk().now_or_never() {
            return Some(read);
        }
        // The connection's task hands over what it has read when it gets its turn.
        give_way().await;
        self.response.chunk().now_or_never()
    }
}

/// Lets the other tasks run. The runtime's own `yield_now` asks the operating system for news each time: two system
/// calls a delta.
async fn give_way() {
    let mut given = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
