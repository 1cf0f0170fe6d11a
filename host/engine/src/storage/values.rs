//! Values that plugins keep, apart by plugin and by user.

use async_trait::async_trait;

use crate::EngineError;
use crate::ids::UserId;

/// Longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 256;
/// Most keys of one plugin for one user.
pub const MAX_KEYS: usize = 1_000;
/// Most bytes of keys and values of one plugin for one user.
pub const MAX_NAMESPACE_BYTES: usize = 1024 * 1024;

/// Values that plugins keep. `plugin` is a plugin's name.
#[async_trait]
pub trait Values {
    /// The value, if it is set.
    async fn value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
    ) -> Result<Option<Vec<u8>>, EngineError>;

    /// Sets or replaces a value.
    ///
    /// # Errors
    ///
    /// [`EngineError::Invalid`] for a key that is empty, too long or has a NUL; [`EngineError::OverQuota`]
    /// beyond [`MAX_KEYS`] or [`MAX_NAMESPACE_BYTES`]: then nothing is changed.
    async fn set_value(
        &self,
        plugin: &str,
        user: UserId,
        key: &str,
        value: &[u8],
    ) -> Result<(), EngineError>;

    /// Removes a value; one that is not set is no error.
    async fn delete_value(&self, plugin: &str, user: UserId, key: &str) -> Result<(), EngineError>;

    /// Keys that begin with `prefix`, sorted by bytes, after `after`; at most [`super::MAX_PAGE`].
    async fn value_keys(
        &self,
        plugin: &str,
        user: UserId,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, EngineError>;
}

pub(super) fn check_key(key: &str) -> Result<(), EngineError> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(EngineError::Invalid(format!(
            "a key has 1 to {MAX_KEY_BYTES} bytes, this one {}",
            key.len()
        )));
    }
    if key.contains('\0') {
        return Err(EngineError::Invalid(
            "a key has no NUL character".to_owned(),
        ));
    }
    Ok(())
}

/// Whether one more value fits beside `keys` others that hold `bytes` together, their keys included.
pub(super) fn check_quota(
    plugin: &str,
    keys: i64,
    bytes: i64,
    key: &str,
    value: &[u8],
) -> Result<(), EngineError> {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes.saturating_add(key.len()).saturating_add(value.len()) > MAX_NAMESPACE_BYTES {
        return Err(EngineError::OverQuota(format!(
            "the plugin {plugin} may keep 1 MiB for you: remove something first"
        )));
    }
    if usize::try_from(keys).unwrap_or(usize::MAX) >= MAX_KEYS {
        return Err(EngineError::OverQuota(format!(
            "the plugin {plugin} may keep {MAX_KEYS} values for you: remove one first"
        )));
    }
    Ok(())
}
