//! The cache in Redis, shared by processes, sealed against everyone else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::Script;

use super::process::ENTRY_BYTES;
use super::seal::{Place, Sealer};
use super::{Cache, Key, MAX_PLUGIN_BYTES, Space, over_quota};
use crate::EngineError;
use crate::clock::{Clock, millis};
use crate::ids::UserId;
use crate::shared::{Link, Trouble};

/// Most bytes of answers that are kept for one user. What expires first goes first.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// A larger value is not cached: it would hold up everyone else's questions on the same connection.
const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// Keeps sealed entries in Redis; while Redis has no answer, in the process.
#[derive(Debug)]
pub struct RedisCache {
    link: Link,
    sealer: Sealer,
    clock: Clock,
    otherwise: Arc<dyn Cache>,
    put: Script,
    clear: Script,
}

/// The keys of one space, all on one node of a cluster.
struct SpaceKeys {
    entries: String,
    expiries: String,
    sizes: String,
}

impl RedisCache {
    /// `clock` tells when entries expire and has to be one that all processes share: [`Clock::wall`].
    #[must_use]
    pub fn new(link: Link, sealer: Sealer, clock: Clock, otherwise: Arc<dyn Cache>) -> Self {
        Self {
            link,
            sealer,
            clock,
            otherwise,
            put: Script::new(include_str!("put.lua")),
            clear: Script::new(include_str!("clear.lua")),
        }
    }

    fn keys(&self, user: UserId, space: &Space) -> SpaceKeys {
        let name = self.sealer.space_name(user, space);
        let of = |what: &str| format!("mini-llm-chat:cache:{{{name}}}:{what}");
        SpaceKeys {
            entries: of("entry:"),
            expiries: of("expiries"),
            sizes: of("sizes"),
        }
    }

    async fn get_shared(&self, place: Place<'_>) -> Result<Option<Vec<u8>>, Trouble> {
        let keys = self.keys(place.user, place.space);
        let mut command = redis::cmd("GET");
        command.arg(keys.entries + &self.sealer.entry_name(place));
        let sealed: Option<Vec<u8>> = self.link.query(&command).await?;
        Ok(sealed.and_then(|sealed| self.sealer.open(place, self.clock.now(), &sealed)))
    }

    /// Whether there was room.
    async fn put_shared(
        &self,
        place: Place<'_>,
        sealed: &[u8],
        lifetime: Duration,
    ) -> Result<bool, Trouble> {
        let keys = self.keys(place.user, place.space);
        let name = self.sealer.entry_name(place);
        let (most, makes_room) = match place.space {
            Space::Answers => (MAX_ANSWER_BYTES, "1"),
            Space::Plugin(_) => (MAX_PLUGIN_BYTES, "0"),
        };
        let mut question = self.put.prepare_invoke();
        question
            .key(format!("{}{name}", keys.entries))
            .key(keys.expiries)
            .key(keys.sizes)
            .arg(sealed)
            .arg(name)
            .arg(millis(lifetime).max(1))
            .arg(most)
            .arg(ENTRY_BYTES)
            .arg(makes_room)
            .arg(keys.entries);
        self.link.invoke(&question).await
    }

    async fn clear_shared(&self, user: UserId, space: &Space) -> Result<u64, Trouble> {
        let keys = self.keys(user, space);
        let mut question = self.clear.prepare_invoke();
        question
            .key(keys.expiries)
            .key(keys.sizes)
            .arg(keys.entries);
        self.link.invoke(&question).await
    }
}

#[async_trait]
impl Cache for RedisCache {
    fn description(&self) -> &str {
        match self.link.trouble() {
            None => "shared in Redis, sealed",
            Some(_) => "in the process (Redis is not available)",
        }
    }

    async fn get(&self, user: UserId, space: &Space, key: &Key) -> Option<Arc<[u8]>> {
        match self.get_shared(Place { user, space, key }).await {
            Ok(value) => value.map(Into::into),
            Err(_) => self.otherwise.get(user, space, key).await,
        }
    }

    async fn put(
        &self,
        user: UserId,
        space: &Space,
        key: Key,
        value: Arc<[u8]>,
        lifetime: Duration,
    ) -> Result<(), EngineError> {
        let place = Place {
            user,
            space,
            key: &key,
        };
        if value.len() > MAX_VALUE_BYTES {
            return match space {
                Space::Answers => Ok(()),
                Space::Plugin(plugin) => Err(over_quota(plugin)),
            };
        }
        let expiry = self.clock.now().saturating_add(millis(lifetime));
        let Some(sealed) = self.sealer.seal(place, expiry, &value) else {
            tracing::warn!("a value cannot be sealed, so it is not cached");
            return Ok(());
        };
        match (self.put_shared(place, &sealed, lifetime).await, space) {
            (Ok(true), _) | (Ok(false), Space::Answers) => Ok(()),
            (Ok(false), Space::Plugin(plugin)) => Err(over_quota(plugin)),
            (Err(_), _) => self.otherwise.put(user, space, key, value, lifetime).await,
        }
    }

    async fn clear(&self, user: UserId, space: &Space) -> Result<u64, EngineError> {
        let here = self.otherwise.clear(user, space).await?;
        match self.clear_shared(user, space).await {
            Ok(there) => Ok(here + there),
            Err(why) => Err(EngineError::SharedCacheKept {
                server: self.link.address().to_string(),
                why,
            }),
        }
    }
}
