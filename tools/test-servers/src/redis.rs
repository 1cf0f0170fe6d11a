//! A Redis server.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::ServerError;
use crate::process::{self, ATTEMPTS, Process, free_port};

/// In its log when it takes connections.
const READY: &str = "Ready to accept connections";

/// Certificate and key of a server with TLS, in its directory.
const TLS_FILES: [&str; 2] = ["certificate.pem", "key.pem"];

/// A Redis server of its own, without persistence. Dropping it ends it.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    directory: PathBuf,
    options: Vec<String>,
    port: u16,
    tls: bool,
}

impl Redis {
    /// Whether its program can be run.
    ///
    /// # Errors
    /// With the line that installs it.
    pub fn installed() -> Result<(), ServerError> {
        let found = Command::new("redis-server")
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        match found {
            Ok(status) if status.success() => Ok(()),
            _ => Err(ServerError::Missing {
                what: "Redis (redis-server)",
                remedy: "cargo xtask setup, or: apt-get install redis-server",
            }),
        }
    }

    /// Starts one with further options, such as `["--requirepass", "open-sesame"]`, and waits until it takes
    /// connections.
    ///
    /// # Errors
    /// When `redis-server` is not installed or does not start.
    pub fn start(options: &[&str]) -> Result<Self, ServerError> {
        Self::prepared(options, None)
    }

    /// Starts one that speaks TLS alone, with this certificate and its key as PEM. Everything else as [`Redis::start`].
    ///
    /// # Errors
    /// As [`Redis::start`], and when the files cannot be written.
    pub fn start_tls(options: &[&str], certificate: &str, key: &str) -> Result<Self, ServerError> {
        Self::prepared(options, Some([certificate, key]))
    }

    fn prepared(options: &[&str], tls: Option<[&str; 2]>) -> Result<Self, ServerError> {
        Self::installed()?;
        let mut attempt = 1;
        loop {
            let mut redis = Self {
                process: None,
                directory: process::directory("test-redis-")?,
                options: options.iter().map(|&option| option.to_owned()).collect(),
                port: free_port()?,
                tls: tls.is_some(),
            };
            for (file, pem) in TLS_FILES.into_iter().zip(tls.into_iter().flatten()) {
                std::fs::write(redis.directory.join(file), pem)
                    .map_err(ServerError::io("write a certificate"))?;
            }
            match redis.resume() {
                Err(ServerError::Failed { .. }) if attempt < ATTEMPTS => attempt += 1,
                ended => return ended.map(|()| redis),
            }
        }
    }

    /// `redis://127.0.0.1:PORT`, without a password; `rediss` with TLS.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Its port on 127.0.0.1; the same after [`Redis::resume`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server; what it held is gone. One that is stopped already stays so.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.process
            .take()
            .map_or(Ok(()), |process| process.end("KILL"))
    }

    /// Starts it again on the same port, empty.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn resume(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        let port = self.port.to_string();
        let directory = self.directory.to_string_lossy().into_owned();
        let mut line = vec!["redis-server", "--bind", "127.0.0.1"];
        if self.tls {
            line.extend([
                "--port",
                "0",
                "--tls-port",
                &port,
                "--tls-auth-clients",
                "no",
            ]);
            let [certificate, key] = TLS_FILES;
            line.extend(["--tls-cert-file", certificate, "--tls-key-file", key]);
        } else {
            line.extend(["--port", &port]);
        }
        line.extend(["--save", "", "--appendonly", "no", "--dir", &directory]);
        line.extend(self.options.iter().map(String::as_str));
        let mut process = Process::spawn(&line, &self.directory, "KILL", None)?;
        process.wait_until_ready(READY)?;
        self.process = Some(process);
        Ok(())
    }

    /// From now on connections are taken and nothing is answered, until [`Redis::thaw`].
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn freeze(&mut self) -> Result<(), ServerError> {
        self.signal("STOP")
    }

    /// Ends [`Redis::freeze`].
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn thaw(&mut self) -> Result<(), ServerError> {
        self.signal("CONT")
    }

    fn signal(&mut self, signal: &str) -> Result<(), ServerError> {
        let process = self.process.as_mut();
        process.map_or(Ok(()), |process| process.signal(signal))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A running one's keeper removes the directory too; then there is nothing left to remove.
        drop(self.process.take());
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
