//! A way to a real Redis, and what decides while there is none.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "shared by several tests; a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::limit::{DatabaseLimiter, RateLimiter, Take, Window};
use mini_llm_chat_engine::shared::{Address, Link, Trouble};
use mini_llm_chat_engine::storage::{Location, Store, open};
use test_servers::Redis;

pub(crate) async fn link(url: &str) -> Link {
    Link::open(Address::parse(url).unwrap()).await
}

/// Freezes the server and waits until it is silent: the signal takes its time.
pub(crate) async fn freeze(redis: &mut Redis) {
    redis.freeze().unwrap();
    while link(&redis.url()).await.trouble() != Some(Trouble::Silent) {}
}

/// A window in a database of its own, and its user.
pub(crate) async fn database(window: Window) -> (Arc<dyn RateLimiter>, UserId) {
    let store: Arc<dyn Store> = Arc::new(
        open(&Location::Memory, Duration::from_secs(5))
            .await
            .unwrap(),
    );
    let user = store.local_user("owner").await.unwrap().id;
    let limiter = DatabaseLimiter::new(store, window, Clock::wall());
    (Arc::new(limiter), user)
}

/// How many calls are granted until one is not.
pub(crate) async fn granted(limiter: &dyn RateLimiter, user: UserId) -> u32 {
    let mut granted = 0;
    while let Take::Granted(_) = limiter.take(user).await.unwrap() {
        granted += 1;
    }
    granted
}
