//! A PostgreSQL server.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ServerError;
use crate::process::{self, ATTEMPTS, Process, command_as, free_port, tail};

/// In its log when it takes connections.
const READY: &str = "database system is ready to accept connections";
/// PostgreSQL refuses to run as root.
const UNPRIVILEGED: &str = "postgres";
/// Where packages put the programs that are not on the path.
const INSTALLED: [&str; 2] = ["/usr/lib/postgresql", "/usr/local/pgsql"];

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Ends open connections and shuts down in order.
    Fast,
    /// Ends as after a power cut; what was committed is recovered at the next start.
    Immediate,
}

/// A PostgreSQL server of its own, reachable by password on 127.0.0.1. Nothing survives a crash of the machine
/// (fsync is off). Dropping it ends it.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    programs: PathBuf,
    directory: PathBuf,
    runs_as: Option<&'static str>,
    port: u16,
    databases: AtomicU32,
}

impl Postgres {
    /// The role that owns everything.
    pub const USER: &str = "tester";
    /// Its password.
    pub const PASSWORD: &str = "tester";

    /// Whether its programs can be run.
    ///
    /// # Errors
    /// With the line that installs them.
    pub fn installed() -> Result<(), ServerError> {
        find_programs().map(drop)
    }

    /// Starts one and waits until it takes connections.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self, ServerError> {
        Self::start_with(&[])
    }

    /// As [`Postgres::start`], with settings, such as `["max_connections=5"]`.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self, ServerError> {
        Self::start_from(settings, &[])
    }

    /// As [`Postgres::start`], with TLS: certificate and private key as PEM.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with_tls(certificate: &str, key: &str) -> Result<Self, ServerError> {
        let files = [("server.crt", certificate), ("server.key", key)];
        Self::start_from(&["ssl=on"], &files)
    }

    fn start_from(settings: &[&str], files: &[(&str, &str)]) -> Result<Self, ServerError> {
        let runs_as = is_root().then_some(UNPRIVILEGED);
        let mut server = Self {
            process: None,
            programs: find_programs()?,
            directory: process::directory("test-postgres-")?,
            runs_as,
            port: 0,
            databases: AtomicU32::new(0),
        };
        server.initialise(settings)?;
        for (name, text) in files {
            server.add_file(name, text)?;
        }
        let mut attempt = 1;
        loop {
            server.port = free_port()?;
            match server.resume() {
                Err(ServerError::Failed { .. }) if attempt < ATTEMPTS => attempt += 1,
                ended => return ended.map(|()| server),
            }
        }
    }

    /// The one that all tests of this process share.
    ///
    /// # Panics
    /// With one line, when there is none: a test without its server fails.
    #[expect(clippy::panic, reason = "a test without its server fails")]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Postgres, ServerError>> = OnceLock::new();
        match SHARED.get_or_init(Self::start) {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// Its port on 127.0.0.1; the same after [`Postgres::resume`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database, with user and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let (user, password, port) = (Self::USER, Self::PASSWORD, self.port);
        format!("postgresql://{user}:{password}@127.0.0.1:{port}/{database}")
    }

    /// Makes a database of its own for one test, empty or as `template`, and returns its name. Nobody may be
    /// connected to the template.
    ///
    /// # Errors
    /// When the server does not make it.
    pub fn database(&self, template: Option<&str>) -> Result<String, ServerError> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template0");
        self.execute(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )?;
        Ok(name)
    }

    /// Runs SQL with `psql` and returns what it prints: unaligned, without headings.
    ///
    /// # Errors
    /// With PostgreSQL's words.
    pub fn execute(&self, database: &str, sql: &str) -> Result<String, ServerError> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-d", &self.url(database), "-c", sql]);
        run(psql, "psql")
    }

    /// Ends every connection to a database but the one that asks.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn cut_connections(&self, database: &str) -> Result<(), ServerError> {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        );
        self.execute("postgres", &sql).map(drop)
    }

    /// Ends the server and waits for that. What was committed stays. One that is stopped already stays so.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn stop(&mut self, how: Stop) -> Result<(), ServerError> {
        let signal = match how {
            Stop::Fast => "INT",
            Stop::Immediate => "QUIT",
        };
        self.process
            .take()
            .map_or(Ok(()), |process| process.end(signal))
    }

    /// Starts it again on the same port, with what was committed.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn resume(&mut self) -> Result<(), ServerError> {
        self.stop(Stop::Fast)?;
        let program = self
            .programs
            .join("postgres")
            .to_string_lossy()
            .into_owned();
        let data = self.data().to_string_lossy().into_owned();
        let port = self.port.to_string();
        let line = [program.as_str(), "-D", &data, "-p", &port];
        let mut process = Process::spawn(&line, &self.directory, "QUIT", self.runs_as)?;
        process.wait_until_ready(READY)?;
        self.process = Some(process);
        Ok(())
    }

    /// Makes the cluster and writes its settings.
    fn initialise(&self, settings: &[&str]) -> Result<(), ServerError> {
        let password = self.directory.join("password");
        let failed = || ServerError::io("write the files of PostgreSQL");
        fs::write(&password, Self::PASSWORD).map_err(failed())?;
        if let Some(user) = self.runs_as {
            give_to(user, &[&self.directory, &password])?;
        }
        let mut initdb = command_as(self.runs_as, self.programs.join("initdb"));
        initdb
            .current_dir("/")
            .args([
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-A",
                "scram-sha-256",
            ])
            .args(["-U", Self::USER, "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(self.data());
        run(initdb, "initdb")?;
        let mut lines = vec![
            "listen_addresses = '127.0.0.1'".to_owned(),
            format!("unix_socket_directories = '{}'", self.directory.display()),
            "fsync = off".to_owned(),
            "full_page_writes = off".to_owned(),
            "shared_buffers = 32MB".to_owned(),
            "lc_messages = 'C'".to_owned(),
            "logging_collector = off".to_owned(),
        ];
        lines.extend(settings.iter().map(|&setting| setting.to_owned()));
        let configuration = self.data().join("postgresql.auto.conf");
        fs::write(&configuration, lines.join("\n") + "\n").map_err(failed())
    }

    /// Adds a file that nobody but the server can read: it refuses any other private key.
    fn add_file(&self, name: &str, text: &str) -> Result<(), ServerError> {
        let path = self.data().join(name);
        let failed = || ServerError::io("write the files of PostgreSQL");
        fs::write(&path, text).map_err(failed())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed())?;
        self.runs_as.map_or(Ok(()), |user| give_to(user, &[&path]))
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A running one's keeper removes the directory too; then there is nothing left to remove.
        drop(self.process.take());
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The directory of `initdb` and `postgres`: the newest installed one, else that of the path.
fn find_programs() -> Result<PathBuf, ServerError> {
    let versions = INSTALLED.iter().flat_map(|top| {
        let versions = fs::read_dir(top).into_iter().flatten().flatten();
        let inside = versions.map(|version| version.path().join("bin"));
        inside
            .chain([Path::new(top).join("bin")])
            .collect::<Vec<_>>()
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut known: Vec<PathBuf> = versions.collect();
    known.sort_by_key(|directory| std::cmp::Reverse(version(directory)));
    let mut all = known.into_iter().chain(on_path);
    all.find(|directory| directory.join("initdb").is_file())
        .ok_or(ServerError::Missing {
            what: "PostgreSQL (initdb)",
            remedy: "cargo xtask setup, or: apt-get install postgresql",
        })
}

/// 15 of `/usr/lib/postgresql/15/bin`.
fn version(directory: &Path) -> u32 {
    let name = directory.parent().and_then(Path::file_name);
    name.and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or_default()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn give_to(user: &'static str, paths: &[&Path]) -> Result<(), ServerError> {
    let missing = ServerError::Missing {
        what: "the user `postgres`, whom the server runs as when the tests run as root,",
        remedy: "cargo xtask setup, or: apt-get install postgresql",
    };
    let id = |flag| -> Option<u32> {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let (Some(uid), Some(gid)) = (id("-u"), id("-g")) else {
        return Err(missing);
    };
    paths.iter().try_for_each(|path| {
        chown(path, Some(uid), Some(gid)).map_err(ServerError::io(format!("give a file to {user}")))
    })
}

fn run(mut command: Command, program: &str) -> Result<String, ServerError> {
    let output = command
        .output()
        .map_err(ServerError::io(format!("start {program}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned());
    }
    Err(ServerError::Failed {
        program: program.to_owned(),
        output: tail(&String::from_utf8_lossy(&output.stderr)),
    })
}
