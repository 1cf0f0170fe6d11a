//! One connection, and how it is made.

use std::sync::Arc;

use futures_util::future::select_ok;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, RedisResult};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::AbortHandle;

use super::bounded::Bounded;

/// Clones share it; with the last one it is closed.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) asked: MultiplexedConnection,
    _driver: Option<Arc<Driver>>,
}

/// The task that reads and writes. The crate ends only those that it has started itself.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// Connects and logs in.
    ///
    /// Over TLS the crate makes the connection, and offers no place to count what is read: there the certificate says who
    /// answers.
    pub(super) async fn open(info: &ConnectionInfo) -> RedisResult<Self> {
        // Our own timeouts are around everything; the crate's would hide which of them it was.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        match info.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let addresses = lookup_host((host.as_str(), *port)).await?;
                // As the crate does: a name may have addresses that lead nowhere.
                let attempts: Vec<_> = addresses
                    .map(|address| Box::pin(TcpStream::connect(address)))
                    .collect();
                if attempts.is_empty() {
                    return Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
                }
                let (stream, _) = select_ok(attempts).await?;
                stream.set_nodelay(true)?;
                Self::over(info, stream, config).await
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await?;
                Self::over(info, stream, config).await
            }
            _ => {
                let client = Client::open(info.clone())?;
                let asked = client.get_multiplexed_async_connection_with_config(&config);
                Ok(Self {
                    asked: asked.await?,
                    _driver: None,
                })
            }
        }
    }

    async fn over(
        info: &ConnectionInfo,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        config: AsyncConnectionConfig,
    ) -> RedisResult<Self> {
        let settings = info.redis_settings();
        let stream = Bounded::new(stream);
        let (asked, driver) =
            MultiplexedConnection::new_with_config(settings, stream, config).await?;
        let driver = tokio::spawn(driver).abort_handle();
        Ok(Self {
            asked,
            _driver: Some(Arc::new(Driver(driver))),
        })
    }
}
