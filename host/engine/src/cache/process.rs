//! The cache in the process.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::policy::EvictionPolicy;

use super::{Cache, Key, MAX_PLUGIN_BYTES, Space, over_quota};
use crate::EngineError;
use crate::clock::{Clock, millis};
use crate::ids::UserId;

/// What an entry weighs beside its value: key, pointers and the tables of the cache.
pub(super) const ENTRY_BYTES: usize = 256;
type Name = (UserId, Space, Key);

#[derive(Clone)]
struct Entry {
    value: Arc<[u8]>,
    until: i64,
    lifetime: Duration,
}

/// Lets go of an entry when its time is over, so that it takes no memory until it is asked for again.
struct Sweep;

impl Expiry<Name, Entry> for Sweep {
    fn expire_after_create(&self, _: &Name, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.lifetime)
    }

    fn expire_after_update(
        &self,
        _: &Name,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.lifetime)
    }
}

/// Keeps at most so many bytes in all; what was used least recently goes first.
pub struct ProcessCache {
    entries: moka::sync::Cache<Name, Entry>,
    clock: Clock,
    /// Held while a plugin's quota is looked at and used.
    quota: Mutex<()>,
}

impl ProcessCache {
    /// `max_bytes` counts values and what it takes to keep them. [`Clock::monotonic`] is the clock to use.
    #[must_use]
    pub fn new(max_bytes: u64, clock: Clock) -> Self {
        let entries = moka::sync::Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_: &Name, entry: &Entry| {
                u32::try_from(entry.value.len().saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX)
            })
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Sweep)
            .build();
        Self {
            entries,
            clock,
            quota: Mutex::default(),
        }
    }

    /// Bytes that values and what keeps them take now. Evictions are batched: see [`ProcessCache::settle`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.weighted_size()
    }

    /// Finishes what is pending: evictions and expiry.
    pub fn settle(&self) {
        self.entries.run_pending_tasks();
    }

    fn keys_of(&self, user: UserId, space: &Space) -> Vec<(Arc<Name>, Entry)> {
        let now = self.clock.now();
        self.entries
            .iter()
            .filter(|(name, entry)| name.0 == user && name.1 == *space && entry.until > now)
            .collect()
    }

    /// Bytes that the space holds beside `key`.
    fn held(&self, user: UserId, space: &Space, key: &Key) -> usize {
        let others = self
            .keys_of(user, space)
            .into_iter()
            .filter(|(name, _)| name.2 != *key);
        others
            .map(|(_, entry)| entry.value.len() + ENTRY_BYTES)
            .sum()
    }
}

#[async_trait]
impl Cache for ProcessCache {
    fn description(&self) -> &str {
        "in the process"
    }

    async fn get(&self, user: UserId, space: &Space, key: &Key) -> Option<Arc<[u8]>> {
        let name = (user, space.clone(), *key);
        let entry = self.entries.get(&name)?;
        if entry.until > self.clock.now() {
            return Some(entry.value);
        }
        self.entries.invalidate(&name);
        None
    }

    async fn put(
        &self,
        user: UserId,
        space: &Space,
        key: Key,
        value: Arc<[u8]>,
        lifetime: Duration,
    ) -> Result<(), EngineError> {
        let until = self.clock.now().saturating_add(millis(lifetime));
        let guard = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        if let Space::Plugin(plugin) = space
            && self.held(user, space, &key) + value.len() + ENTRY_BYTES > MAX_PLUGIN_BYTES
        {
            return Err(over_quota(plugin));
        }
        let entry = Entry {
            value,
            until,
            lifetime,
        };
        self.entries.insert((user, space.clone(), key), entry);
        drop(guard);
        Ok(())
    }

    async fn clear(&self, user: UserId, space: &Space) -> Result<u64, EngineError> {
        let found = self.keys_of(user, space);
        for (name, _) in &found {
            self.entries.invalidate(name.as_ref());
        }
        Ok(found.len() as u64)
    }
}

impl fmt::Debug for ProcessCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessCache")
            .field("entries", &self.entries.entry_count())
            .finish_non_exhaustive()
    }
}
