//! Answers that were given before to exactly the same question, and small values of plugins.
//!
//! Everything here may vanish at any time. Entries are kept apart by user and by [`Space`]: no user can
//! meet another's answer, no plugin another's value. What makes two questions the same is the caller's to
//! say, field by field, with [`Fields`]: a field that is left out is a wrong answer waiting to be shown.
//! The trait is asynchronous because a shared cache is asked over a network.

mod key;
mod process;
mod redis;
mod seal;

pub use key::{Fields, Key};
pub use process::ProcessCache;
pub use redis::RedisCache;
pub use seal::{SealError, Sealer};

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::EngineError;
use crate::ids::UserId;

/// How long an answer stays good.
pub const ANSWER_LIFETIME: Duration = Duration::from_secs(300);
/// Most bytes that one plugin keeps for one user.
pub const MAX_PLUGIN_BYTES: usize = 1024 * 1024;

/// What an entry is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// Answers of the model.
    Answers,
    /// Values of the plugin with this name.
    Plugin(Arc<str>),
}

/// A cache that may forget.
#[async_trait]
pub trait Cache: std::fmt::Debug + Send + Sync {
    /// For `status`: such as `in the process`.
    fn description(&self) -> &str;

    /// The value, unless it is unknown, forgotten or older than its lifetime. A cache that fails has
    /// nothing: it never stops a turn.
    async fn get(&self, user: UserId, space: &Space, key: &Key) -> Option<Arc<[u8]>>;

    /// Keeps a value for at most `lifetime`.
    ///
    /// # Errors
    ///
    /// [`EngineError::OverQuota`] when a plugin would hold more than [`MAX_PLUGIN_BYTES`] for the user.
    async fn put(
        &self,
        user: UserId,
        space: &Space,
        key: Key,
        value: Arc<[u8]>,
        lifetime: Duration,
    ) -> Result<(), EngineError>;

    /// Forgets one space of one user and says how many entries it held.
    async fn clear(&self, user: UserId, space: &Space) -> Result<u64, EngineError>;
}

fn over_quota(plugin: &str) -> EngineError {
    EngineError::OverQuota(format!("the plugin {plugin} may cache 1 MiB for you"))
}
