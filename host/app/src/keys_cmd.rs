//! `keys`: which keys are here, which the database knows, and replacing one.

use jiff::Timestamp;
use mini_llm_chat_engine::keys::{Key, Keys, Purpose};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::storage::Store;

use crate::accounts_cmd::{print, say};
use crate::cli::{KeyPurpose, KeysCommand};
use crate::config::{Database, Settings};
use crate::entrance::Entrance;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::storage_failed;
use crate::{database, screen};

/// Which keys are in use, and replacing one.
///
/// # Errors
/// 78 for a key that cannot be used, 65 where the key is the operator's to replace.
pub(crate) async fn run(settings: &Settings, log: &Log, command: &KeysCommand) -> Result<Exit> {
    if settings.database == Database::Memory {
        return Err(Failure::usage(
            "keys: a database in memory has keys for one run alone",
        ));
    }
    if let KeysCommand::Rotate { purpose } = command {
        // What is replaced must be in use here, or another database would be left without its key.
        let entrance = Entrance::open(settings, log).await?;
        let done = rotate(settings, log, &*entrance.store, (*purpose).into()).await;
        entrance.close().await;
        return done;
    }
    let store = database::open_strictly(settings).await?.store;
    let done = async {
        let keys = load(settings, log)?;
        match command {
            KeysCommand::Accept { purpose } => accept(&*store, &keys, (*purpose).into()).await,
            _ => list(&*store, &keys).await,
        }
    };
    let done = done.await;
    store.close().await;
    done
}

fn load(settings: &Settings, log: &Log) -> Result<Keys> {
    Keys::load(&settings.keys, log.secrets()).map_err(storage_failed)
}

async fn rotate(
    settings: &Settings,
    log: &Log,
    store: &dyn Store,
    purpose: Purpose,
) -> Result<Exit> {
    let source = settings.keys.of(purpose);
    source.rotate().map_err(storage_failed)?;
    accept(store, &load(settings, log)?, purpose).await
}

async fn accept(store: &dyn Store, keys: &Keys, purpose: Purpose) -> Result<Exit> {
    let ring = keys.ring(purpose);
    let (id, place) = (ring.current().id(), ring.place());
    let accepted = store.accept_key(purpose, id, false, Timestamp::now());
    accepted.await.map_err(storage_failed)?;
    say(format_args!(
        "the {purpose} key of {place} (id {id}) is in use with this database"
    ))
}

async fn list(store: &dyn Store, keys: &Keys) -> Result<Exit> {
    let mut rows = Vec::new();
    for purpose in Purpose::ALL {
        let ring = keys.ring(purpose);
        let known = store.known_keys(purpose).await.map_err(storage_failed)?;
        let mut ids: Vec<_> = ring.all().map(Key::id).collect();
        ids.extend(known.iter().filter(|id| ring.find(**id).is_none()));
        for id in ids {
            let use_ = if id == ring.current().id() {
                "in use"
            } else if ring.find(id).is_some() {
                "older"
            } else {
                "not here"
            };
            let known = if known.contains(&id) { "yes" } else { "no" };
            let place = ring.find(id).map_or("", |_| ring.place());
            rows.push(
                [purpose.name(), &id.to_string(), use_, known, place]
                    .map(str::to_owned)
                    .to_vec(),
            );
        }
    }
    let header = ["Purpose", "Id", "Use", "Known to the database", "Place"].map(str::to_owned);
    print(&screen::table(&header, &rows))
}

impl From<KeyPurpose> for Purpose {
    fn from(purpose: KeyPurpose) -> Self {
        match purpose {
            KeyPurpose::Token => Self::Token,
            KeyPurpose::Audit => Self::Audit,
            KeyPurpose::Cache => Self::Cache,
        }
    }
}
