//! Somebody waits for the process to end.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What a database that answers needs to take a turn, and more.
const MOMENT: Duration = Duration::from_millis(500);

/// Whether somebody does. Once so, nothing waits long for the database any more: what was shown goes to the spool.
/// Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Hurry(CancellationToken);

impl Hurry {
    /// From now on; never taken back.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Ends a moment after that.
    pub(crate) async fn presses(&self) {
        self.0.cancelled().await;
        tokio::time::sleep(MOMENT).await;
    }

    /// The result of `work`; none where it takes longer than that. On the heap: a turn is large.
    pub(crate) fn unless_it_presses<T>(
        &self,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Option<T>> + Send {
        let work = Box::pin(work);
        async move {
            tokio::select! {
                biased;
                done = work => Some(done),
                () = self.presses() => None,
            }
        }
    }
}
