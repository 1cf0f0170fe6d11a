//! Signals of the operating system, as one thing to wait for.

use std::time::Duration;

use mini_llm_chat_engine::hurry::Hurry;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_util::sync::CancellationToken;

use crate::error::{Failure, Result};
use crate::exit::Exit;

/// The number of the signal that Ctrl-C sends.
pub(crate) const SIGINT: u8 = 2;

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
    /// Each handler has a task of its own: to look at one channel costs a running turn less than to look at four.
    received: UnboundedReceiver<Signal>,
    /// SIGUSR1 came while something was going on.
    reload_wanted: bool,
}

impl Signals {
    /// # Errors
    /// When the operating system refuses a handler.
    pub(crate) fn new() -> Result<Self> {
        let (sender, received) = mpsc::unbounded_channel();
        listen(&sender)?;
        Ok(Self {
            received,
            reload_wanted: false,
        })
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        match self.received.recv().await {
            Some(signal) => signal,
            // The handlers end with the runtime.
            None => std::future::pending().await,
        }
    }
}

impl Signals {
    /// Runs `work`, or gives it up at the first signal that ends the program and returns its number.
    pub(crate) async fn unless_ended<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> std::result::Result<T, u8> {
        // What opens everything is large, and most callers go on for long after it.
        let mut work = Box::pin(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                signal = self.next() => match signal {
                    Signal::Interrupt => return Err(SIGINT),
                    Signal::End(number) => return Err(number),
                    Signal::Reload => self.reload_wanted = true,
                },
            }
        }
    }
}

#[cfg(unix)]
fn listen(to: &UnboundedSender<Signal>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for (kind, meaning) in [
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::terminate(), Signal::End(15)),
        (SignalKind::hangup(), Signal::End(1)),
        (SignalKind::user_defined1(), Signal::Reload),
    ] {
        let mut handler = signal(kind).map_err(refused)?;
        let to = to.clone();
        tokio::spawn(
            async move { while handler.recv().await.is_some() && to.send(meaning).is_ok() {} },
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn listen(to: &UnboundedSender<Signal>) -> Result<()> {
    let mut handler = tokio::signal::windows::ctrl_c().map_err(refused)?;
    let to = to.clone();
    tokio::spawn(async move {
        while handler.recv().await.is_some() && to.send(Signal::Interrupt).is_ok() {}
    });
    Ok(())
}

impl Signals {
    /// Whether the plugins are to be loaded anew, now that nothing is going on. Says so once.
    pub(crate) fn take_reload(&mut self) -> bool {
        std::mem::take(&mut self.reload_wanted)
    }
}

fn refused(error: std::io::Error) -> Failure {
    Failure::new(
        Exit::Internal,
        format_args!("cannot listen for signals: {error}"),
    )
}

/// Where even that took too long.
pub(crate) const LOST: &str = "[given up: what was shown last may not be stored]";

/// Longer than anything that a turn waits for once it hurries.
const LAST: Duration = Duration::from_secs(30);

/// Runs `work` to its end. The first signal cancels it, so that it can store what it has; at a second one, or
/// Ctrl-C twice, it hurries: what was shown goes to the spool instead of a database that is locked. Returns the signal, if
/// one came, with the result, if there is one; Ctrl-C twice ends the program. A wish to reload is kept for
/// [`Signals::take_reload`]: the work goes on with what it began with.
pub(crate) async fn until_done<T>(
    signals: &mut Signals,
    cancel: &CancellationToken,
    hurry: &Hurry,
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
                if first.is_none() {
                    cancel.cancel();
                    first = Some(signal);
                    continue;
                }
                hurry.begin();
                let signal = match signal {
                    Signal::Interrupt => Signal::End(SIGINT),
                    other => other,
                };
                let done = tokio::time::timeout(LAST, work).await;
                return (done.ok(), Some(signal));
            }
        }
    }
}
