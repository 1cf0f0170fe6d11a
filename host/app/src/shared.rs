//! What is shared with other processes through Redis, where one is set.

use std::sync::Arc;

use mini_llm_chat_engine::cache::{Cache, ProcessCache, RedisCache, Sealer, Space};
use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::keys::{Keys, Purpose};
use mini_llm_chat_engine::limit::{Quotas, RateLimiter, RedisLimiter, Window};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::shared::{Link, Trouble};
use tokio::task::JoinHandle;

use crate::cli::CacheCommand;
use crate::config::{Redis, Settings};
use crate::entrance::Entrance;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::{house, terminal};

/// Most bytes of answers that are kept in the process for being asked again.
const CACHE_BYTES: u64 = 2 * 1024 * 1024;

/// The way to Redis, or none where none is set.
pub(crate) struct Shared(Option<(Link, bool)>);

impl Shared {
    /// Connects while other things are opened.
    pub(crate) fn begin(redis: Option<Redis>) -> JoinHandle<Result<Self>> {
        tokio::spawn(async { Self::open(redis).await })
    }

    /// Connects. A Redis that is not there is told; it may come later.
    ///
    /// # Errors
    /// When it is not there and required.
    async fn open(redis: Option<Redis>) -> Result<Self> {
        let Some(Redis { address, required }) = redis else {
            return Ok(Self(None));
        };
        let link = Link::open(address.value).await;
        match link.trouble() {
            Some(why) if required => {
                return Err(Failure::new(
                    exit_of(why),
                    format_args!(
                        "Redis at {} is required (`required` under `[redis]`) and not available: {why}",
                        link.address()
                    ),
                ));
            }
            Some(why) => terminal::notice(format_args!(
                "warning: Redis at {} is not available: {why}; until it is, limits are kept in the database and \
                 cached answers in the process",
                link.address()
            )),
            None => {}
        }
        Ok(Self(Some((link, required))))
    }

    /// What a person should know of a Redis that is there and refuses what it is asked, once. Where it is required, the
    /// turn itself says so.
    pub(crate) fn refusal(&self) -> Option<String> {
        let (link, required) = self.0.as_ref()?;
        let why = link.refusal().filter(|_| !required)?;
        Some(format!(
            "warning: Redis at {} does not do what it is asked: {why}; until it does, limits are kept in the database and \
             cached answers in the process",
            link.address()
        ))
    }

    /// The limit in Redis, with `database` behind it; or `database` itself.
    pub(crate) fn limiter(
        &self,
        window: Window,
        quotas: Quotas,
        database: Arc<dyn RateLimiter>,
    ) -> Arc<dyn RateLimiter> {
        match &self.0 {
            Some((link, required)) => {
                let otherwise = (!required).then_some(database);
                Arc::new(RedisLimiter::new(link.clone(), window, otherwise).with(quotas))
            }
            None => database,
        }
    }

    /// The cache in Redis, with one in the process behind it; or that one alone.
    ///
    /// # Errors
    /// When the cache key cannot be used.
    pub(crate) fn cache(&self, keys: &Keys) -> Result<Arc<dyn Cache>> {
        let here = Arc::new(ProcessCache::new(CACHE_BYTES, Clock::monotonic()));
        let Some((link, _)) = &self.0 else {
            return Ok(here);
        };
        let key = keys.ring(Purpose::Cache).current().derive("redis");
        let sealer = Sealer::new(&key).map_err(Failure::config)?;
        Ok(Arc::new(RedisCache::new(
            link.clone(),
            sealer,
            Clock::wall(),
            here,
        )))
    }
}

/// `cache clear`: forgets the user's cached answers in all processes.
///
/// # Errors
/// When database or Redis cannot be reached.
pub(crate) async fn command(settings: &Settings, log: &Log, command: CacheCommand) -> Result<Exit> {
    let CacheCommand::Clear = command;
    if settings.redis.is_none() {
        terminal::notice(
            "cached answers live in the process that asked, and end with it: there are none to clear",
        );
        return Ok(Exit::Done);
    }
    let shared = Shared::open(settings.redis.clone()).await?;
    let entrance = Entrance::open(settings, log).await?;
    let session = entrance.session_without_asking().await;
    entrance.close().await;
    let user = session?.0.user();
    let cleared = shared
        .cache(&entrance.keys)?
        .clear(user, &Space::Answers)
        .await;
    let cleared = cleared.map_err(house::storage_failed)?;
    terminal::notice(format_args!("{cleared} cached answers are forgotten"));
    Ok(Exit::Done)
}

const fn exit_of(why: Trouble) -> Exit {
    match why {
        Trouble::Password | Trouble::Certificate | Trouble::Tls => Exit::Config,
        _ => Exit::Unavailable,
    }
}
