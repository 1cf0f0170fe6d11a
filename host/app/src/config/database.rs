//! Which database is meant, and how it is reached.

use std::path::PathBuf;

use mini_llm_chat_engine::storage::postgres::{Limits, PostgresUrl};
use secrecy::{ExposeSecret, SecretString};

use super::layers::{self, Layers};
use super::source::{self, Source, Sourced};
use super::{Database, Postgres, value};
use crate::error::{Failure, Result};
use crate::paths::Paths;

/// Where `--db-backend postgresql` looks when nobody said where.
const DEFAULT_URL: &str = "postgresql://localhost:5432/mini_llm_chat";

/// More connections than a server has by default.
const MAX_CONNECTIONS: u32 = 100;

/// What `--db-backend` may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backend {
    Auto,
    Postgresql,
    Sqlite,
    Memory,
}

pub(super) fn database(layers: &Layers<'_>, paths: &Paths) -> Result<Database> {
    let backend = layers.get_or(&source::DB_BACKEND, Backend::Auto, |text| match text {
        "auto" => Ok(Backend::Auto),
        "postgresql" => Ok(Backend::Postgresql),
        "sqlite" => Ok(Backend::Sqlite),
        "memory" => Ok(Backend::Memory),
        _ => Err("use one of auto, postgresql, sqlite or memory".to_owned()),
    })?;
    let url = layers.database_url()?;
    let is_sqlite = url
        .as_ref()
        .map(|url| url.value.expose_secret().starts_with("sqlite:"));
    match (backend.value, is_sqlite) {
        (Backend::Memory, _) => Ok(Database::Memory),
        (Backend::Postgresql, Some(true)) | (Backend::Sqlite, Some(false)) => {
            let place = source::DATABASE_URL.place(&url.map_or(Source::Default, |url| url.source));
            Err(Failure::new(
                layers::exit_for(&backend.source),
                format_args!(
                    "{} and {place} name different databases: change one of them",
                    source::DB_BACKEND.place(&backend.source),
                ),
            ))
        }
        (Backend::Auto, Some(false)) => postgres(layers, url, true),
        (Backend::Postgresql, _) => postgres(layers, url, layers.falls_back_to_memory()),
        (_, Some(true)) => sqlite(layers, url.as_ref()),
        (_, None) => Ok(Database::Sqlite(paths.database())),
    }
}

fn postgres(
    layers: &Layers<'_>,
    url: Option<Sourced<SecretString>>,
    falls_back: bool,
) -> Result<Database> {
    let url = url.unwrap_or_else(|| Sourced {
        value: DEFAULT_URL.to_owned().into(),
        source: Source::Default,
    });
    let parsed = PostgresUrl::parse(url.value.expose_secret())
        .map_err(|error| layers.wrong(&source::DATABASE_URL, &url.source, &error.to_string()))?;
    let standard = Limits::standard();
    let connections = layers.get(&source::DB_CONNECTIONS, |text| {
        text.parse()
            .ok()
            .filter(|number| (1..=MAX_CONNECTIONS).contains(number))
            .ok_or_else(|| format!("write a whole number, 1 to {MAX_CONNECTIONS}"))
    })?;
    let connect = layers.get_or(&source::DB_CONNECT, standard.connect, value::timeout)?;
    let statement = layers.get_or(&source::DB_STATEMENT, standard.statement, value::timeout)?;
    Ok(Database::Postgres(Postgres {
        // A file that came with somebody else's repository gets only the password that is in it.
        url: match url.source {
            Source::DotEnv(_) => parsed.without_found_password(),
            _ => parsed,
        },
        limits: Limits {
            connections: connections.map_or(standard.connections, |set| set.value),
            connect: connect.value,
            statement: statement.value,
        },
        falls_back,
    }))
}

/// `sqlite:///absolute/path` or `sqlite://relative/path`, or `sqlite::memory:`.
fn sqlite(layers: &Layers<'_>, url: Option<&Sourced<SecretString>>) -> Result<Database> {
    let Some(url) = url else {
        return Ok(Database::Memory);
    };
    let text = url.value.expose_secret();
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .unwrap_or_default();
    if path == ":memory:" {
        return Ok(Database::Memory);
    }
    if path.is_empty() || path.contains(['?', '#', '\0']) {
        return Err(layers.wrong(
            &source::DATABASE_URL,
            &url.source,
            "write sqlite:///path/to/file, without `?` or `#`",
        ));
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

/// What a `.env` points to, and a way that is open to others.
pub(super) fn notices(layers: &Layers<'_>, database: &Database) -> Vec<String> {
    let mut notices = Vec::new();
    if *database == Database::Memory {
        return notices;
    }
    let place = crate::database::place(database);
    if let Ok(Some(Sourced {
        source: Source::DotEnv(line),
        ..
    })) = layers.text(&source::DATABASE_URL)
    {
        notices.push(format!(
            "conversations are kept in {place}, as .env line {line} says"
        ));
    }
    if let Database::Postgres(postgres) = database
        && postgres.url.is_open_to_others()
    {
        notices.push(format!(
            "warning: others could read what goes to {place}: its certificate is not checked; add \
             ?sslmode=verify-full to DATABASE_URL"
        ));
    }
    notices
}
