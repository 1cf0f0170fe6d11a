//! Signals of the operating system, as one thing to wait for.

use tokio_util::sync::CancellationToken;

use crate::error::{Failure, Result};
use crate::exit::Exit;

/// What asks the program to stop something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C: stop what is going on.
    Interrupt,
    /// SIGTERM or SIGHUP, with its number: end what is going on, store it, leave.
    End(u8),
    /// SIGUSR1: load the plugins anew, when nothing is going on.
    Reload,
}

/// The handlers, in place from the moment this is made: a line editor that replaces one puts it back.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
    #[cfg(unix)]
    reload: tokio::signal::unix::Signal,
    /// SIGUSR1 came while something was going on.
    reload_wanted: bool,
}

#[cfg(unix)]
impl Signals {
    /// # Errors
    /// When the operating system refuses a handler.
    pub(crate) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(refused);
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
            reload: listen(SignalKind::user_defined1())?,
            reload_wanted: false,
        })
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::End(15),
            _ = self.hangup.recv() => Signal::End(1),
            _ = self.reload.recv() => Signal::Reload,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// # Errors
    /// Never here.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            reload_wanted: false,
        })
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        // Without a handler for Ctrl-C there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

impl Signals {
    /// Whether the plugins are to be loaded anew, now that nothing is going on. Says so once.
    pub(crate) fn take_reload(&mut self) -> bool {
        std::mem::take(&mut self.reload_wanted)
    }
}

#[cfg(unix)]
fn refused(error: std::io::Error) -> Failure {
    Failure::new(
        Exit::Internal,
        format_args!("cannot listen for signals: {error}"),
    )
}

/// Runs `work` to its end. The first signal cancels it, so that it can store what it has; a second one, or
/// Ctrl-C twice, does not wait for that. Returns the signal, if one came, with the result, if there is one. A wish to
/// reload is kept for [`Signals::take_reload`]: the work goes on with what it began with.
pub(crate) async fn until_done<T>(
    signals: &mut Signals,
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> (Option<T>, Option<Signal>) {
    tokio::pin!(work);
    let mut first = None;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return (Some(done), first),
            signal = signals.next() => {
                if signal == Signal::Reload {
                    signals.reload_wanted = true;
                    continue;
                }
                if first.is_some() {
                    return (None, Some(signal));
                }
                cancel.cancel();
                first = Some(signal);
            }
        }
    }
}
