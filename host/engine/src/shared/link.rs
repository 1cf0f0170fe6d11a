//! The connection: used while it is alive, looked for in the background while it is not.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, RedisResult, ScriptInvocation};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connection::Connection;
use super::{Address, Trouble};

/// What one question may take. A turn asks several, but none after one without an answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_millis(100);
/// What a connection may take, TLS and password included. At start somebody waits for it, later nobody.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Between two attempts to find it again, at first and at last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The way to one Redis. Clones share the connection.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

struct Inner {
    address: Address,
    state: watch::Sender<State>,
    /// Whether the log knows already that commands are refused.
    refusing: AtomicBool,
    /// The first refusal, for whoever tells people.
    refusal: Mutex<Refusal>,
}

/// What people know of refusals. One is enough: what is wrong then seldom mends itself.
enum Refusal {
    None,
    Untold(Trouble),
    Told,
}

enum State {
    Up {
        connection: Connection,
        /// Tells this connection from others.
        number: u64,
    },
    Down {
        why: Trouble,
        /// Of the connection that was last.
        number: u64,
    },
}

impl Link {
    /// Connects. Where that fails within [`CONNECT_TIMEOUT`], the link is there all the same and goes on trying in
    /// the background, see [`Link::trouble`]. Call it on a tokio runtime.
    pub async fn open(address: Address) -> Self {
        let state = match connect(&address).await {
            Ok(connection) => State::Up {
                connection,
                number: 0,
            },
            Err(why) => State::Down { why, number: 0 },
        };
        let down = matches!(state, State::Down { .. });
        let link = Self(Arc::new(Inner {
            address,
            state: watch::Sender::new(state),
            refusing: AtomicBool::new(false),
            refusal: Mutex::new(Refusal::None),
        }));
        if down {
            link.look_for_it();
        }
        link
    }

    /// Where it leads.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// Why there is no connection now; none while there is one.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match *self.0.state.borrow() {
            State::Up { .. } => None,
            State::Down { why, .. } => Some(why),
        }
    }

    /// Why it refused something for the first time, once: it is there all the same, and its part was done without it.
    #[must_use]
    pub fn refusal(&self) -> Option<Trouble> {
        let mut refusal = self.known_refusal();
        let Refusal::Untold(why) = *refusal else {
            return None;
        };
        *refusal = Refusal::Told;
        Some(why)
    }

    fn known_refusal(&self) -> MutexGuard<'_, Refusal> {
        self.0
            .refusal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is a connection.
    pub async fn available(&self) {
        let mut states = self.0.state.subscribe();
        // The sender lives as long as this link.
        let _ = states
            .wait_for(|state| matches!(state, State::Up { .. }))
            .await;
    }

    pub(crate) async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Trouble> {
        self.ask(async |mut connection| script.invoke_async(&mut connection).await)
            .await
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Trouble> {
        self.ask(async |mut connection| command.query_async(&mut connection).await)
            .await
    }

    async fn ask<T, F: Future<Output = RedisResult<T>>>(
        &self,
        question: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, Trouble> {
        let (connection, number) = match &*self.0.state.borrow() {
            State::Up { connection, number } => (connection.clone(), *number),
            State::Down { why, .. } => return Err(*why),
        };
        let why = match timeout(ANSWER_TIMEOUT, question(connection.asked.clone())).await {
            Ok(Ok(answer)) => {
                self.0.refusing.store(false, Ordering::Relaxed);
                return Ok(answer);
            }
            Ok(Err(error)) => Trouble::of(&error),
            Err(_) => Trouble::Silent,
        };
        if why.is_of_the_connection() {
            self.lost(number, why);
        } else if !self.0.refusing.swap(true, Ordering::Relaxed) {
            tracing::warn!(redis = %self.0.address, reason = %why, "Redis refuses: its part is done without it");
            let mut refusal = self.known_refusal();
            if matches!(*refusal, Refusal::None) {
                *refusal = Refusal::Untold(why);
            }
        }
        Err(why)
    }

    /// That connection is no good any more.
    fn lost(&self, lost: u64, why: Trouble) {
        let first = self.0.state.send_if_modified(|state| {
            // Another question may have said so before, and a new connection may be there already.
            let still = matches!(state, State::Up { number, .. } if *number == lost);
            if still {
                *state = State::Down { why, number: lost };
            }
            still
        });
        if !first {
            return;
        }
        tracing::warn!(redis = %self.0.address, reason = %why,
            "Redis is gone: limits are kept in the database and cached answers in the process until it is back");
        self.look_for_it();
    }

    fn look_for_it(&self) {
        tokio::spawn(reconnect(Arc::downgrade(&self.0)));
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("address", &self.0.address)
            .field("trouble", &self.trouble())
            .finish()
    }
}

/// Tries until there is a connection, or nobody has the link any more.
async fn reconnect(link: Weak<Inner>) {
    let mut pause = FIRST_PAUSE;
    loop {
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let Some(inner) = link.upgrade() else { return };
        let found = connect(&inner.address).await;
        let up = found.is_ok();
        inner.state.send_modify(|state| {
            let number = match state {
                State::Up { number, .. } | State::Down { number, .. } => *number,
            };
            *state = match found {
                Ok(connection) => State::Up {
                    connection,
                    number: number + 1,
                },
                Err(why) => State::Down { why, number },
            };
        });
        if up {
            tracing::info!(redis = %inner.address, "Redis is there: limits and cached answers are shared");
            return;
        }
    }
}

/// A connection that has answered once.
async fn connect(address: &Address) -> Result<Connection, Trouble> {
    let attempt = async {
        let mut connection = Connection::open(address.info()).await?;
        redis::cmd("PING").exec_async(&mut connection.asked).await?;
        Ok(connection)
    };
    match timeout(CONNECT_TIMEOUT, attempt).await {
        Ok(found) => found.map_err(|error| Trouble::of(&error)),
        Err(_) => Err(Trouble::Silent),
    }
}
