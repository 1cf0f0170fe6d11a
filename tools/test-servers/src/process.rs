//! One server process and the shell that keeps it.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::ServerError;

/// Between two looks at a server that is starting.
const POLL: Duration = Duration::from_millis(10);
/// A server that is not ready by then never will be. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a start is tried when a port may have been taken in between.
pub(crate) const ATTEMPTS: u32 = 3;

/// Runs the server, sends it the signals that are asked for, and cleans up when nobody asks any more.
/// Arguments: directory, last signal, the server's command line.
const KEEPER: &str = r#"
ulimit -c 0
directory=$1; last=$2; shift 2
rm -f "$directory/pid" "$directory/ended"
( "$@" & echo $! >"$directory/pid"; wait $!; : >"$directory/ended" ) >"$directory/log" 2>&1 </dev/null &
job=$!
send() {
    until [ -s "$directory/pid" ]; do sleep 0.01; done
    kill -s "$1" "$(cat "$directory/pid")" 2>/dev/null
}
while read -r verb signal; do
    send "$signal"
    if [ "$verb" = end ]; then wait "$job"; exit 0; fi
done
send CONT
send "$last"
wait "$job"
rm -rf "$directory"
"#;

/// A running server and its directory. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Process {
    keeper: Child,
    directory: PathBuf,
}

impl Process {
    /// `as_user` runs it as that user, which takes root. `last` is the signal that ends the server at once.
    pub(crate) fn spawn(
        server: &[&str],
        directory: &Path,
        last: &str,
        as_user: Option<&str>,
    ) -> Result<Self, ServerError> {
        for old in ["ended", "log"] {
            // What is not there need not be removed.
            let _ = fs::remove_file(directory.join(old));
        }
        let keeper = command_as(as_user, "sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(directory)
            .arg(last)
            .args(server)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in the terminal ends the tests, and then the pipe ends the server.
            .process_group(0)
            .spawn()
            .map_err(ServerError::io("start a server"))?;
        let directory = directory.to_owned();
        Ok(Self { keeper, directory })
    }

    /// Waits until the server's log has `words`, which it writes when it is ready.
    pub(crate) fn wait_until_ready(&mut self, words: &str) -> Result<(), ServerError> {
        let started = Instant::now();
        loop {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            if log.contains(words) {
                return Ok(());
            }
            let ended = self.directory.join("ended").exists()
                || !matches!(self.keeper.try_wait(), Ok(None));
            if ended || started.elapsed() > PATIENCE {
                return Err(ServerError::Failed {
                    program: "the server".to_owned(),
                    output: tail(&log),
                });
            }
            std::thread::sleep(POLL);
        }
    }

    /// Sends a signal, such as `STOP`, and does not wait.
    pub(crate) fn signal(&mut self, signal: &str) -> Result<(), ServerError> {
        self.tell(&format!("send {signal}"))
    }

    /// Sends a signal that ends the server, and waits for that. The files stay.
    pub(crate) fn end(mut self, signal: &str) -> Result<(), ServerError> {
        self.tell(&format!("end {signal}"))?;
        self.keeper
            .wait()
            .map(drop)
            .map_err(ServerError::io("wait for the server"))
    }

    fn tell(&mut self, line: &str) -> Result<(), ServerError> {
        let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let pipe = self.keeper.stdin.as_mut().ok_or_else(gone);
        pipe.and_then(|pipe| writeln!(pipe, "{line}"))
            .map_err(ServerError::io("reach the keeper of the server"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The tests are over: nothing could be done about an error.
        let _ = self.keeper.wait();
    }
}

/// The last lines of an output, joined into one.
pub(crate) fn tail(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}

/// A command, as another user where one is named.
pub(crate) fn command_as(user: Option<&str>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let Some(user) = user else {
        return Command::new(program);
    };
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

/// A directory that the keeper of the server in it removes.
pub(crate) fn directory(prefix: &str) -> Result<PathBuf, ServerError> {
    let directory = tempfile::Builder::new().prefix(prefix).tempdir();
    directory
        .map(tempfile::TempDir::keep)
        .map_err(ServerError::io("make a temporary directory"))
}

/// A port that nobody has now. Another process may take it before the server does: then the start is tried
/// again with another one.
pub(crate) fn free_port() -> Result<u16, ServerError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ServerError::io("find a free port"))
}
