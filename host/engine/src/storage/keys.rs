//! Which keys belong to the database.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::EngineError;
use crate::keys::{KeyId, Keys, Purpose};

/// Ids of the keys that may be used with the database.
#[async_trait]
pub trait KeyIds {
    /// The ids of that purpose, oldest first.
    ///
    /// # Errors
    /// As for any statement.
    async fn known_keys(&self, purpose: Purpose) -> Result<Vec<KeyId>, EngineError>;

    /// Adds an id; with `first`, only where the purpose has none.
    ///
    /// # Errors
    /// As for any statement.
    async fn accept_key(
        &self,
        purpose: Purpose,
        id: KeyId,
        first: bool,
        at: Timestamp,
    ) -> Result<(), EngineError>;
}

/// Refuses keys that the database does not know. The first key of a purpose becomes known by this.
///
/// # Errors
/// [`EngineError::KeyUnknown`], and as for any statement.
pub async fn check_keys(
    store: &(impl KeyIds + ?Sized),
    keys: &Keys,
    now: Timestamp,
) -> Result<(), EngineError> {
    for purpose in Purpose::ALL {
        if !knows_key(store, keys, purpose).await? {
            let id = keys.ring(purpose).current().id();
            store.accept_key(purpose, id, true, now).await?;
            // Another process may have been first.
            knows_key(store, keys, purpose).await?;
        }
    }
    Ok(())
}

/// Whether the database knows the key of that purpose; not where it knows none yet. Changes nothing.
///
/// # Errors
/// [`EngineError::KeyUnknown`] where it knows another one, and as for any statement.
pub async fn knows_key(
    store: &(impl KeyIds + ?Sized),
    keys: &Keys,
    purpose: Purpose,
) -> Result<bool, EngineError> {
    let ring = keys.ring(purpose);
    let (id, known) = (ring.current().id(), store.known_keys(purpose).await?);
    if known.is_empty() || known.contains(&id) {
        return Ok(!known.is_empty());
    }
    Err(EngineError::KeyUnknown {
        purpose,
        place: ring.place().to_owned(),
        id,
    })
}
