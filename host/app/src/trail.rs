//! Puts the audit trail of a database together from its keys and files.

use std::sync::Arc;

use mini_llm_chat_engine::audit::chain::Chain;
use mini_llm_chat_engine::audit::{
    AuditTrail, Checkpoints, DatabaseTrail, FileTrail, Parts, Spool,
};
use mini_llm_chat_engine::install_key;
use mini_llm_chat_engine::keys::{Keys, Purpose};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::storage::Store;

use crate::config::Settings;
use crate::error::Result;
use crate::house::{cannot_create, storage_failed};

/// Where events go: to the trail in `store`, or to the file alone for a store in memory.
///
/// # Errors
/// As [`open`].
pub(crate) async fn of(
    settings: &Settings,
    store: &Arc<dyn Store>,
    in_memory: bool,
    keys: &Keys,
    file: FileTrail,
    log: &Log,
) -> Result<Arc<dyn AuditTrail>> {
    if in_memory {
        return Ok(Arc::new(file));
    }
    let trail = open(settings, Arc::clone(store), keys, file, log.clone()).await?;
    Ok(Arc::new(trail))
}

/// Opens the trail in `store`. What that cannot take goes to `fallback`, or to the spool.
///
/// # Errors
/// When a key cannot be read or made, or the trail's end cannot be read.
pub(crate) async fn open(
    settings: &Settings,
    store: Arc<dyn Store>,
    keys: &Keys,
    fallback: FileTrail,
    log: Log,
) -> Result<DatabaseTrail> {
    let audit = keys.ring(Purpose::Audit);
    let parts = Parts {
        store,
        chain: Chain::of(audit),
        checkpoints: checkpoints(settings)?,
        spool: Spool::new(settings.paths.spool(), audit),
        fallback,
        log,
    };
    DatabaseTrail::open(parts).await.map_err(storage_failed)
}

/// What signs where the trail ends, with a key that is made on first use.
///
/// # Errors
/// When the key cannot be read or made.
pub(crate) fn checkpoints(settings: &Settings) -> Result<Checkpoints> {
    let seed =
        install_key::load_or_make(&settings.paths.checkpoint_key()).map_err(cannot_create)?;
    Checkpoints::new(&seed, settings.checkpoints.clone()).map_err(cannot_create)
}
