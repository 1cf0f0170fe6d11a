//! The keys and the login that are kept here, as the database sees them.

use std::sync::Arc;

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::auth::{LoginRefused, Token, holder};
use mini_llm_chat_engine::keys::{KeySource, Keys, Purpose};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::private_file;
use mini_llm_chat_engine::storage::{Store, knows_key};
use mini_llm_chat_sandbox::printable;
use secrecy::ExposeSecret;

use super::{Finding, Lines, refused};
use crate::accounts_cmd::{role, time};
use crate::config::{Database, Settings};
use crate::database;
use crate::exit::Exit;

/// A line for each key, and one for the login. What would have to be made first is not looked into.
pub(super) async fn examine(settings: &Settings, log: &Log, lines: &mut Lines) {
    let (store, keys) = match current(settings).await {
        Some(store) => (Some(store), keys(settings, log)),
        None => (None, Ok(None)),
    };
    for purpose in Purpose::ALL {
        let finding = match (&store, &keys) {
            (Some(store), Ok(Some(keys))) => known(&**store, keys, purpose).await,
            _ => source(settings.keys.of(purpose)),
        };
        lines.add(&format!("{purpose} key"), finding);
    }
    if let (Some(store), Ok(Some(keys))) = (&store, &keys) {
        let login = login(settings, log, &**store, keys).await;
        if let Some(finding) = login {
            lines.add("login", finding);
        }
    }
    if let Err(error) = &keys {
        lines.add("keys", refused(error));
    }
    if let Some(store) = store {
        store.close().await;
    }
}

/// The database, where opening it changes nothing. Why not is said elsewhere.
async fn current(settings: &Settings) -> Option<Arc<dyn Store>> {
    if settings.database == Database::Memory {
        return None;
    }
    let status = database::status(&settings.database).await.ok()?;
    if !status.pending.is_empty() {
        return None;
    }
    Some(database::open_strictly(settings).await.ok()?.store)
}

/// None where a key would have to be made.
fn keys(settings: &Settings, log: &Log) -> Result<Option<Keys>, EngineError> {
    let is_here = |purpose| match settings.keys.of(purpose) {
        KeySource::File(path) => path.exists(),
        KeySource::Given { .. } | KeySource::Random => true,
    };
    if !Purpose::ALL.into_iter().all(is_here) {
        return Ok(None);
    }
    Keys::load(&settings.keys, log.secrets()).map(Some)
}

async fn known(store: &dyn Store, keys: &Keys, purpose: Purpose) -> Finding {
    let ring = keys.ring(purpose);
    let (place, id) = (ring.place(), ring.current().id());
    match knows_key(store, keys, purpose).await {
        Ok(true) => Finding::Ok(format!("{place}, id {id}, the database knows it")),
        Ok(false) => Finding::Ok(format!("{place}, id {id}, not used with the database yet")),
        Err(error) => refused(&error),
    }
}

/// Where a key comes from, without the database.
fn source(source: &KeySource) -> Finding {
    match source {
        KeySource::Given { place, .. } => Finding::Ok(format!("{place}, not shown")),
        KeySource::Random => Finding::Ok("made for each run".to_owned()),
        KeySource::File(path) if !path.exists() => {
            Finding::Ok(format!("{} is made when it is needed", path.display()))
        }
        KeySource::File(path) => match private_file::open_read(path) {
            Ok(_) => Finding::Ok(path.display().to_string()),
            Err(error) => Finding::Error(error.to_string(), Exit::CannotCreate),
        },
    }
}

/// None where the database's line says already that nobody can log in.
async fn login(settings: &Settings, log: &Log, store: &dyn Store, keys: &Keys) -> Option<Finding> {
    match store.has_accounts().await {
        Ok(true) => Some(logged_in(settings, log, store, keys).await),
        Ok(false) if matches!(settings.database, Database::Postgres(_)) => None,
        Ok(false) => Some(Finding::Ok(
            "not needed: the database has no accounts".to_owned(),
        )),
        Err(error) => Some(refused(&error)),
    }
}

/// Who the next chat would act for, and until when.
async fn logged_in(settings: &Settings, log: &Log, store: &dyn Store, keys: &Keys) -> Finding {
    let path = settings.paths.token_file();
    let (token, place) = match &settings.token {
        Some(token) => (
            Token::new(token.expose_secret()),
            "MINI_LLM_CHAT_TOKEN".to_owned(),
        ),
        None => match private_file::read_closed(&path) {
            Ok(Some(text)) => {
                log.secrets().add(&text);
                (Token::new(&text), path.display().to_string())
            }
            Ok(None) => {
                let remedy = "nobody is logged in: use `mini-llm-chat login NAME`";
                return Finding::Warning(remedy.to_owned());
            }
            Err(error) => return refused(&EngineError::from(error)),
        },
    };
    match holder(store, keys, &token).await {
        Ok(login) => {
            let account = &login.account;
            Finding::Ok(format!(
                "{} ({}) until {}, by {place}",
                printable::inline(&account.name),
                role(account.access),
                time(login.expires)
            ))
        }
        Err(LoginRefused::Engine(error)) => refused(&error),
        Err(error) => Finding::Error(format!("{place}: {error}"), Exit::NotPermitted),
    }
}
