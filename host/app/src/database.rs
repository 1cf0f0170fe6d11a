//! Opens the database that the settings name, or says why not and what to do; and the `db` commands.
//!
//! Only a server that cannot be reached may be done without, never one that refuses: a chat that went on in
//! memory over a wrong password would hide it.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::audit::{self, AuditEvent, FileTrail, FreeText};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::storage::{self, Location, SchemaStatus, SqliteStore, Store, postgres};

use crate::cli::DbCommand;
use crate::config::{Database, Postgres, Settings};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::{cannot_create, storage_failed};
use crate::{prune, terminal};

/// How long another process may hold a file.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database that is open.
pub(crate) struct Opened {
    /// What to talk to.
    pub(crate) store: Arc<dyn Store>,
    /// Nothing is kept, by choice or for want of the server.
    pub(crate) in_memory: bool,
    /// What the audit trail has to know of it.
    pub(crate) events: Vec<AuditEvent>,
}

/// Opens the database; where its server cannot be reached, goes on in memory where that is wanted. A person
/// who is there is asked.
///
/// # Errors
/// When there is no database to go on with.
pub(crate) async fn open(settings: &Settings, person: bool) -> Result<Opened> {
    let error = match open_named(settings).await {
        Ok(opened) => return Ok(opened),
        Err(error) => error,
    };
    let (Database::Postgres(server), EngineError::StorageUnreachable { reason, .. }) =
        (&settings.database, &error)
    else {
        return Err(storage_failed(error));
    };
    let place = server.url.place();
    let lost = format!(
        "PostgreSQL ({place}) cannot be reached: {reason}. In memory you cannot see what is kept there, its limits \
         and accounts do not count, and nothing of this chat is kept"
    );
    if server.falls_back {
        terminal::notice(format_args!("warning: {lost}. This chat goes on in memory"));
    } else if !person {
        return Err(Failure::new(
            Exit::Unavailable,
            format_args!("{error}; --fallback-to-memory goes on without it, and keeps nothing"),
        ));
    } else if !agrees(&format!("{lost}. Go on in memory?")).await? {
        return Err(storage_failed(error));
    }
    tracing::warn!(%error, "going on in memory");
    let store = in_memory().await.map_err(storage_failed)?;
    Ok(Opened {
        store: Arc::new(store.instead_of(&format!("PostgreSQL ({place})"))),
        in_memory: true,
        events: vec![AuditEvent::FallbackToMemory {
            reason: FreeText::new(reason),
        }],
    })
}

/// Opens the database that the settings name and no other.
///
/// # Errors
/// When it cannot be opened.
pub(crate) async fn open_strictly(settings: &Settings) -> Result<Opened> {
    open_named(settings).await.map_err(storage_failed)
}

async fn open_named(settings: &Settings) -> std::result::Result<Opened, EngineError> {
    let file = match &settings.database {
        Database::Postgres(server) => {
            return Ok(Opened {
                store: Arc::new(postgres::open(&server.url, server.limits).await?),
                in_memory: false,
                events: Vec::new(),
            });
        }
        Database::Memory => {
            return Ok(Opened {
                store: Arc::new(in_memory().await?),
                in_memory: true,
                events: Vec::new(),
            });
        }
        Database::Sqlite(path) => Location::File(path.clone()),
    };
    let store = storage::open(&file, PATIENCE).await?;
    let events = store.migrated().map(migration("sqlite"));
    Ok(Opened {
        events: events.into_iter().collect(),
        store: Arc::new(store),
        in_memory: false,
    })
}

async fn in_memory() -> std::result::Result<SqliteStore, EngineError> {
    storage::open(&Location::Memory, PATIENCE).await
}

fn migration(database: &'static str) -> impl Fn((i64, i64)) -> AuditEvent {
    move |(from, to)| AuditEvent::Migration {
        database: database.to_owned(),
        from,
        to,
    }
}

/// Asks on standard error and reads a line of standard input: the line editor is not there yet.
async fn agrees(question: &str) -> Result<bool> {
    terminal::ask(format_args!("{question} [y/N] "));
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        answer = answer => {
            // What cannot be read is no consent.
            let line = answer.ok().and_then(std::result::Result::ok).unwrap_or_default();
            Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
        }
        _ = tokio::signal::ctrl_c() => Err(Failure::new(Exit::Signal(2), "")),
    }
}

/// `--init-db` and `db migrate`: creates or migrates the schema, and says so.
///
/// # Errors
/// When it cannot be opened or made.
pub(crate) async fn migrate(settings: &Settings, log: &Log) -> Result<Exit> {
    let (migrated, name) = match &settings.database {
        Database::Memory => return Err(no_database()),
        Database::Sqlite(path) => {
            let store = storage::open(&Location::File(path.clone()), PATIENCE)
                .await
                .map_err(storage_failed)?;
            store.close().await;
            (store.migrated(), "sqlite")
        }
        Database::Postgres(Postgres { url, limits, .. }) => {
            let before = postgres::status(url, *limits)
                .await
                .map_err(storage_failed)?;
            let after = postgres::migrate(url, *limits)
                .await
                .map_err(storage_failed)?;
            let changed = before.version != after.version;
            (
                changed.then_some((before.version, after.version)),
                "postgresql",
            )
        }
    };
    note(settings, log, migrated.map(migration(name))).await?;
    let place = place(&settings.database);
    match migrated {
        Some((from, to)) => terminal::notice(format_args!(
            "the schema is up to date: {place}, version {to} (it was {from})"
        )),
        None => terminal::notice(format_args!(
            "the schema is up to date: {place}, nothing to do"
        )),
    }
    Ok(Exit::Done)
}

/// The `db` commands.
///
/// # Errors
/// When the database cannot be opened, or a revert is not confirmed.
pub(crate) async fn command(settings: &Settings, log: &Log, command: DbCommand) -> Result<Exit> {
    match command {
        DbCommand::Migrate => migrate(settings, log).await,
        DbCommand::Status => print(&settings.database, &status(&settings.database).await?),
        DbCommand::Revert { to, yes } => revert(settings, log, to, yes).await,
        DbCommand::Prune(arguments) => prune::run(settings, log, &arguments).await,
    }
}

pub(crate) async fn status(database: &Database) -> Result<SchemaStatus> {
    match database {
        Database::Memory => return Err(no_database()),
        Database::Sqlite(path) => storage::status(path, PATIENCE).await,
        Database::Postgres(Postgres { url, limits, .. }) => postgres::status(url, *limits).await,
    }
    .map_err(storage_failed)
}

fn print(database: &Database, status: &SchemaStatus) -> Result<Exit> {
    let mut text = format!(
        "database  {}\nschema    {}\nknown     {}\n",
        place(database),
        status.version,
        status.latest
    );
    for migration in &status.pending {
        text.push_str(&format!("pending   {migration}\n"));
    }
    match terminal::print(&text) {
        Ok(()) => Ok(Exit::Done),
        Err(_) => Ok(Exit::OutputClosed),
    }
}

async fn revert(settings: &Settings, log: &Log, to: i64, yes: bool) -> Result<Exit> {
    let before = status(&settings.database).await?;
    let place = place(&settings.database);
    if before.version <= to {
        terminal::notice(format_args!(
            "nothing to do: {place} has schema {}",
            before.version
        ));
        return Ok(Exit::Done);
    }
    let question = format!(
        "{place} goes back from schema {} to {to}. What only the later ones can hold is lost{}. Go on?",
        before.version,
        if to == 0 { ": that is everything" } else { "" }
    );
    confirm(yes, &question).await?;
    let (after, name) = match &settings.database {
        Database::Memory => return Err(no_database()),
        Database::Sqlite(path) => (storage::revert(path, to, PATIENCE).await, "sqlite"),
        Database::Postgres(Postgres { url, limits, .. }) => {
            (postgres::revert(url, to, *limits).await, "postgresql")
        }
    };
    let after = after.map_err(storage_failed)?;
    let versions = (before.version, after.version);
    note(settings, log, Some(migration(name)(versions))).await?;
    terminal::notice(format_args!("{place} has schema {}", after.version));
    Ok(Exit::Done)
}

/// Whoever is not there has to say beforehand that data may go.
pub(crate) async fn confirm(yes: bool, question: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "this removes data: add --yes where nobody can be asked",
        ));
    }
    if agrees(question).await? {
        Ok(())
    } else {
        Err(Failure::new(Exit::NotPermitted, "nothing was changed"))
    }
}

/// Records an event of a command that opens no chat.
async fn note(settings: &Settings, log: &Log, event: Option<AuditEvent>) -> Result<()> {
    let Some(event) = event else { return Ok(()) };
    let trail =
        FileTrail::open(&settings.paths.audit_file(), log.clone()).map_err(cannot_create)?;
    audit::note(&trail, event).await;
    Ok(())
}

pub(crate) fn no_database() -> Failure {
    Failure::usage("there is no database in memory: choose sqlite or postgresql")
}

/// For messages: where it is, without secrets.
pub(crate) fn place(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(server) => format!("PostgreSQL ({})", server.url.place()),
        Database::Memory => "memory".to_owned(),
    }
}
