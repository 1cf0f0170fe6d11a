//! `db prune`: removes what is kept for too long, or all conversations of one user.
//!
//! A batch after the other, so that chats go on meanwhile; the audit trail stays and says how many went.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use mini_llm_chat_engine::audit::{self, AuditEvent, FileTrail};
use mini_llm_chat_engine::auth::AccountName;
use mini_llm_chat_engine::keys::Keys;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::storage::{Account, Store};
use mini_llm_chat_sandbox::printable;

use crate::cli::PruneArguments;
use crate::config::{Database, Settings, age};
use crate::database::{confirm, no_database, open_strictly, place};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::{cannot_create, storage_failed};
use crate::{terminal, trail};

/// Removes conversations and records how many.
///
/// # Errors
/// When nobody agrees, there is no such user, or the database cannot be used.
pub(crate) async fn run(
    settings: &Settings,
    log: &Log,
    arguments: &PruneArguments,
) -> Result<Exit> {
    if settings.database == Database::Memory {
        return Err(no_database());
    }
    let age = arguments.older_than.as_deref().map(age).transpose();
    let age = age.map_err(|reason| Failure::usage(format_args!("--older-than: {reason}")))?;
    let before = before(age);
    let store = open_strictly(settings).await?.store;
    let pruned = async {
        let user = user(&*store, arguments.user.as_deref()).await?;
        confirm(
            arguments.yes,
            &question(settings, user.as_ref(), age.map(|_| before)),
        )
        .await?;
        let (conversations, ended) = remove(&*store, user.as_ref(), before).await;
        // What is gone is recorded, also where the rest could not go.
        if conversations > 0 {
            let event = AuditEvent::Pruned {
                before: format!("{before:.0}"),
                user: user.map(|user| user.id.to_string()),
                conversations,
            };
            let keys = Keys::load(&settings.keys, log.secrets()).map_err(storage_failed)?;
            let file = FileTrail::open(&settings.paths.audit_file(), log.clone());
            let file = file.map_err(cannot_create)?;
            let trail = trail::open(settings, store.clone(), &keys, file, log.clone()).await?;
            audit::note(&trail, event).await;
        }
        let place = place(&settings.database);
        terminal::notice(format_args!(
            "{conversations} conversations are removed from {place}"
        ));
        ended.map(|()| Exit::Done)
    };
    let ended = pruned.await;
    store.close().await;
    ended
}

/// What was last used before it goes: everything without an age.
fn before(age: Option<Duration>) -> Timestamp {
    SystemTime::now()
        .checked_sub(age.unwrap_or_default())
        .and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or_default()
}

async fn user(store: &dyn Store, name: Option<&str>) -> Result<Option<Account>> {
    let Some(name) = name else { return Ok(None) };
    let name = AccountName::new(name).map_err(storage_failed)?;
    let found = store.account(&name).await.map_err(storage_failed)?;
    let missing = || {
        Failure::new(
            Exit::Data,
            format_args!("there is no account {name}: `mini-llm-chat users list` shows all"),
        )
    };
    found.map(|(account, _)| Some(account)).ok_or_else(missing)
}

fn question(settings: &Settings, user: Option<&Account>, before: Option<Timestamp>) -> String {
    let whose = match user {
        Some(user) => printable::inline(&user.name).into_owned(),
        None => "all users".to_owned(),
    };
    let place = place(&settings.database);
    match before {
        Some(before) => format!(
            "Conversations of {whose} in {place} that were last used before {before:.0} are removed for ever. Go on?"
        ),
        None => format!("All conversations of {whose} in {place} are removed for ever. Go on?"),
    }
}

/// How many went, and why not all.
async fn remove(store: &dyn Store, user: Option<&Account>, before: Timestamp) -> (u64, Result<()>) {
    let mut conversations = 0;
    loop {
        match store.prune(user.map(|user| user.id), before).await {
            Ok(0) => return (conversations, Ok(())),
            Ok(removed) => conversations += u64::from(removed),
            Err(error) => return (conversations, Err(storage_failed(error))),
        }
    }
}
