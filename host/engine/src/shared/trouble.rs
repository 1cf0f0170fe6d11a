//! Why Redis has no answer.

use std::error::Error;
use std::io;
use std::sync::Arc;

use redis::{ErrorKind, RedisError};

use super::bounded::Endless;
use super::link::{ANSWER_TIMEOUT, CONNECT_TIMEOUT};

/// Why Redis has no answer, in words fit to be shown: nothing of what the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// No connection, or it broke.
    #[error("it cannot be reached")]
    Unreachable,
    /// It takes connections and stays silent.
    #[error("it does not answer in time ({} ms; {} s for a connection)", ANSWER_TIMEOUT.as_millis(), CONNECT_TIMEOUT.as_secs())]
    Silent,
    /// The password is wrong, missing, or not wanted.
    #[error("it refuses the password: check REDIS_PASSWORD or the one in REDIS_URL")]
    Password,
    /// Its certificate is of nobody who is believed, has expired, or is for another name.
    #[error(
        "its certificate is not believed: check the host's name in REDIS_URL, and name the certificate's authority with `ca_file` under `[redis]`"
    )]
    Certificate,
    /// It is asked for TLS and answers something else.
    #[error("no TLS connection comes about: the port may be one without TLS")]
    Tls,
    /// No memory is left under its `maxmemory`.
    #[error("it is out of memory: raise its maxmemory, or let it evict (maxmemory-policy)")]
    Full,
    /// It refuses a command: a replica, a user without permission, a server that is still loading, or is too old.
    #[error(
        "it refuses a command: it may be a read-only replica, still loading, or its user may not run scripts"
    )]
    Refuses,
    /// Its answer has no end.
    #[error("its answer is larger than any real one: another program may listen there")]
    Endless,
    /// The answer is of another kind than the question.
    #[error("it answers with what makes no sense: another program may use the same keys")]
    Nonsense,
}

/// What TLS or a limit says is inside an error of reading, which is inside the error of Redis.
fn reading_error<T: Error + 'static>(error: &RedisError) -> Option<&T> {
    let shared = error
        .source()?
        .downcast_ref::<Arc<dyn Error + Send + Sync>>()?;
    let reading = shared.downcast_ref::<io::Error>()?;
    reading.get_ref()?.downcast_ref()
}

impl Trouble {
    pub(super) fn of(error: &RedisError) -> Self {
        if error.is_timeout() {
            return Self::Silent;
        }
        if reading_error::<Endless>(error).is_some() {
            return Self::Endless;
        }
        if let Some(error) = reading_error(error) {
            return match error {
                rustls::Error::InvalidCertificate(_) => Self::Certificate,
                _ => Self::Tls,
            };
        }
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                Self::Password
            }
            (_, Some("OOM")) => Self::Full,
            (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _) | (_, Some("WRONGTYPE")) => {
                Self::Nonsense
            }
            (ErrorKind::Server(_) | ErrorKind::Extension, _) => Self::Refuses,
            _ => Self::Unreachable,
        }
    }

    /// Whether another connection may help; else the server has answered, only not as wished.
    pub(super) const fn is_of_the_connection(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Silent
                | Self::Password
                | Self::Certificate
                | Self::Tls
                | Self::Endless
        )
    }
}
