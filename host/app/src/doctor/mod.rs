//! `doctor`: looks at everything that a chat needs, and changes and makes nothing of it.
//!
//! Each line is `ok`, `warning` or `error`, what was looked at, what was found, and the remedy. The worst line
//! decides how the process ends.

mod login;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::private_file;
use mini_llm_chat_engine::shared::Link;
use mini_llm_chat_engine::storage::{self, SchemaStatus, postgres};
use mini_llm_chat_engine::upstream::UpstreamError;
use mini_llm_chat_sandbox::printable;

use crate::config::{Database, Postgres, Settings};
use crate::error::Result;
use crate::exit::Exit;
use crate::house::{self, Reload, exit_of};
use crate::{ask, database, terminal};

/// Two clocks that differ by more make tokens and limits differ.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(30);
/// 2025-01-01: a clock before it was never set.
const CLOCK_SET_SECONDS: u64 = 1_735_689_600;
/// How long another process may hold a file.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a look showed.
enum Finding {
    Ok(String),
    /// Works, but not as it should.
    Warning(String),
    /// A chat would end with this code.
    Error(String, Exit),
}

/// Looks at everything and prints a line each.
///
/// # Errors
/// Never: what is wrong is a line, and the exit code of the first error.
pub(crate) async fn run(settings: &Settings, log: &Log) -> Result<Exit> {
    let mut lines = Lines::default();
    lines.add("clock", clock(SystemTime::now()));
    for (name, path) in [
        ("config", &settings.paths.config),
        ("data", &settings.paths.data),
        ("state", &settings.paths.state),
        ("cache", &settings.paths.cache),
    ] {
        lines.add(name, directory(path));
    }
    lines.add("model", Finding::Ok(model(settings)));
    lines.add("API key", api_key(settings));
    // Without a key that it needs the server is not asked.
    if settings.model.require_key().is_ok() {
        lines.add("model server", server(settings).await);
    }
    for finding in database(&settings.database).await {
        lines.add("database", finding);
    }
    login::examine(settings, log, &mut lines).await;
    lines.add("Redis", redis(settings).await);
    for finding in plugins(settings).await? {
        lines.add("plugins", finding);
    }
    match terminal::print(&lines.text) {
        Ok(()) => Ok(lines.worst.unwrap_or(Exit::Done)),
        Err(_) => Ok(Exit::OutputClosed),
    }
}

/// What was found so far.
#[derive(Default)]
struct Lines {
    text: String,
    worst: Option<Exit>,
}

impl Lines {
    fn add(&mut self, subject: &str, finding: Finding) {
        let (grade, words) = match finding {
            Finding::Ok(words) => ("ok", words),
            Finding::Warning(words) => ("warning", words),
            Finding::Error(words, exit) => {
                self.worst.get_or_insert(exit);
                ("error", words)
            }
        };
        // Words of servers and files may hold anything. Writing into a string does not fail.
        let words = printable::block(&words).replace('\n', "\n                       ");
        let _ = writeln!(self.text, "{grade:<7}  {subject:<12}  {words}");
    }
}

fn clock(now: SystemTime) -> Finding {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    if since.as_secs() < CLOCK_SET_SECONDS {
        return Finding::Error(
            "it was never set: certificates and tokens cannot be checked; set it".to_owned(),
            Exit::Config,
        );
    }
    Finding::Ok("it is set".to_owned())
}

fn directory(path: &Path) -> Finding {
    if !path.exists() {
        return Finding::Ok(format!("{} is made when it is needed", path.display()));
    }
    // It exists: this makes nothing, and checks owner and mode as a chat would.
    match private_file::ensure_dir(path) {
        Ok(()) => Finding::Ok(path.display().to_string()),
        Err(error) => Finding::Error(error.to_string(), Exit::CannotCreate),
    }
}

fn model(settings: &Settings) -> String {
    format!(
        "{} ({}) at {} ({})",
        settings.model.name.value,
        settings.model.name.source,
        settings.model.base_url.value,
        settings.model.base_url.source
    )
}

fn api_key(settings: &Settings) -> Finding {
    match (&settings.model.api_key, settings.model.require_key()) {
        (Some(key), _) => Finding::Ok(format!("set ({}), not shown", key.source)),
        (None, Ok(_)) => Finding::Ok("none, and the server may need none".to_owned()),
        (None, Err(failure)) => Finding::Error(failure.message, failure.exit),
    }
}

/// Asks the server for its models: that needs connection, TLS, proxy and key, and costs nothing.
async fn server(settings: &Settings) -> Finding {
    let client = match house::client(settings) {
        Ok(client) => client,
        Err(failure) => return Finding::Error(failure.message, failure.exit),
    };
    let (origin, model) = (client.base_url().origin(), &settings.model.name.value);
    match client.models().await {
        Ok(models) if models.contains(model) => Finding::Ok(format!("{origin} has {model}")),
        Ok(_) => Finding::Warning(format!(
            "{origin} answers, but {model} is not in its list of models: check --model"
        )),
        Err(UpstreamError::NotFound { .. }) => {
            Finding::Ok(format!("{origin} answers; it has no list of models"))
        }
        Err(error) => Finding::Error(error.to_string(), ask::of_class(error.class())),
    }
}

async fn database(database: &Database) -> Vec<Finding> {
    match database {
        Database::Memory => vec![Finding::Ok("memory: nothing is kept".to_owned())],
        Database::Sqlite(path) if !path.exists() => vec![Finding::Ok(format!(
            "{} is made when it is needed",
            path.display()
        ))],
        Database::Sqlite(path) => match storage::status(path, PATIENCE).await {
            Ok(schema) => vec![Finding::Ok(format!(
                "{}, {}",
                path.display(),
                versions(&schema)
            ))],
            Err(error) => vec![refused(&error)],
        },
        Database::Postgres(server) => postgres(server).await,
    }
}

async fn postgres(server: &Postgres) -> Vec<Finding> {
    let found = match postgres::examine(&server.url, server.limits).await {
        Ok(found) => found,
        Err(error) => return vec![refused(&error)],
    };
    let place = database::place(&Database::Postgres(server.clone()));
    let schema = versions(&found.schema);
    let protected = if found.encrypted { "" } else { "not " };
    let mut findings = vec![Finding::Ok(format!(
        "{place}, version {}, {schema}, {protected}encrypted",
        found.version
    ))];
    if !found.schema.pending.is_empty() {
        findings.push(Finding::Error(
            format!("{schema}: run `mini-llm-chat --init-db`"),
            Exit::Config,
        ));
    }
    if found.accounts == Some(0) {
        findings.push(Finding::Error(
            "it has no accounts: run `mini-llm-chat --init-db --setup-admin`".to_owned(),
            Exit::Config,
        ));
    }
    if server.url.is_open_to_others() {
        findings.push(Finding::Warning(
            "its certificate is not checked: add ?sslmode=verify-full to DATABASE_URL".to_owned(),
        ));
    }
    if !found.durable {
        findings.push(Finding::Warning(
            "what it confirms may be lost in a power cut: switch fsync and synchronous_commit on"
                .to_owned(),
        ));
    }
    let here = u128::try_from(found.now.as_millisecond()).unwrap_or_default();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    if now.as_millis().abs_diff(here) > CLOCK_DIFFERENCE.as_millis() {
        findings.push(Finding::Warning(
            "its clock and the one here differ by more than 30 s: set the wrong one".to_owned(),
        ));
    }
    findings
}

fn versions(schema: &SchemaStatus) -> String {
    if schema.pending.is_empty() {
        format!("schema {}", schema.version)
    } else {
        format!("schema {} of {}", schema.version, schema.latest)
    }
}

fn refused(error: &EngineError) -> Finding {
    Finding::Error(error.to_string(), exit_of(error))
}

async fn redis(settings: &Settings) -> Finding {
    let Some(redis) = &settings.redis else {
        return Finding::Ok("not set: limits are kept in the database".to_owned());
    };
    let link = Link::open(redis.address.value.clone()).await;
    match link.trouble() {
        None => Finding::Ok(link.address().to_string()),
        Some(why) if redis.required => Finding::Error(
            format!("{}: {why}, and it is required", link.address()),
            Exit::Unavailable,
        ),
        Some(why) => Finding::Warning(format!("{}: {why}", link.address())),
    }
}

async fn plugins(settings: &Settings) -> Result<Vec<Finding>> {
    Ok(match Reload::new(settings)?.in_background().await? {
        Ok(set) => vec![Finding::Ok(set.summary().join("; "))],
        Err(refusals) => refusals
            .iter()
            .map(|refusal| Finding::Error(refusal.to_string(), Exit::Config))
            .collect(),
    })
}
