//! The cache in Redis: shared, sealed, bounded, and never in the way.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared_support;

use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::cache::{Cache, Fields, Key, ProcessCache, RedisCache, Sealer, Space};
use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::ids::UserId;
use redis::aio::MultiplexedConnection;
use shared_support::{freeze, link};
use test_servers::Redis;

const HOUR: Duration = Duration::from_secs(3600);
const MATERIAL: [u8; 32] = [7; 32];

/// One server for the tests that leave it alone: each has users of its own.
static REDIS: LazyLock<Redis> = LazyLock::new(|| Redis::start(&[]).unwrap());

async fn cache(url: &str, material: [u8; 32], clock: Clock) -> RedisCache {
    let sealer = Sealer::new(&material).unwrap();
    let here = ProcessCache::new(1 << 20, Clock::monotonic());
    RedisCache::new(link(url).await, sealer, clock, Arc::new(here))
}

/// As another process has it.
async fn another() -> RedisCache {
    cache(&REDIS.url(), MATERIAL, Clock::wall()).await
}

fn key(text: &str) -> Key {
    Fields::new("test").field("question", text).finish()
}

async fn put(cache: &RedisCache, user: UserId, question: &str, answer: &str) {
    let value = answer.as_bytes().into();
    cache
        .put(user, &Space::Answers, key(question), value, HOUR)
        .await
        .unwrap();
}

async fn get(cache: &RedisCache, user: UserId, question: &str) -> Option<String> {
    let bytes = cache.get(user, &Space::Answers, &key(question)).await?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

async fn connection(redis: &Redis) -> MultiplexedConnection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// The keys of values on this server.
async fn entries(connection: &mut MultiplexedConnection) -> Vec<String> {
    redis::cmd("KEYS")
        .arg("*:entry:*")
        .query_async(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn another_process_finds_the_answer_and_another_user_does_not() {
    let (one, two) = (another().await, another().await);
    let (user, other) = (UserId::new(), UserId::new());
    put(&one, user, "why", "because").await;
    assert_eq!(get(&two, user, "why").await.as_deref(), Some("because"));
    assert_eq!(get(&two, other, "why").await, None);
    assert_eq!(get(&two, user, "how").await, None);
    let stranger = cache(&REDIS.url(), [8; 32], Clock::wall()).await;
    assert_eq!(get(&stranger, user, "why").await, None);
}

#[tokio::test]
async fn redis_holds_neither_question_nor_answer_nor_user_and_lets_them_go() {
    let redis = Redis::start(&[]).unwrap();
    let cache = cache(&redis.url(), MATERIAL, Clock::wall()).await;
    let user = UserId::new();
    put(&cache, user, "planted question", "planted answer").await;
    let mut connection = connection(&redis).await;
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    for name in &keys {
        assert!(!name.contains(&user.to_string()), "{name}");
        let dump: Vec<u8> = redis::cmd("DUMP")
            .arg(name)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(!dump.windows(7).any(|window| window == b"planted"));
        let lifetime: i64 = redis::cmd("PTTL")
            .arg(name)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(lifetime > 0, "{name} stays for ever");
    }
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn a_planted_moved_or_prolonged_entry_is_nobodys_answer() {
    let redis = Redis::start(&[]).unwrap();
    let late = Clock::new(|| i64::MAX - 1);
    let now = cache(&redis.url(), MATERIAL, Clock::wall()).await;
    let later = cache(&redis.url(), MATERIAL, late).await;
    let (user, other) = (UserId::new(), UserId::new());
    put(&now, user, "why", "because").await;
    let mut connection = connection(&redis).await;
    let [own] = entries(&mut connection).await.try_into().unwrap();
    put(&now, other, "why", "other words").await;
    let all = entries(&mut connection).await;
    let others = all.into_iter().find(|name| *name != own).unwrap();
    // Redis keeps it for ever; its time is in the seal.
    redis::cmd("PERSIST")
        .arg(&own)
        .exec_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(get(&later, user, "why").await, None);
    redis::cmd("COPY")
        .arg(&own)
        .arg(&others)
        .arg("REPLACE")
        .exec_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(get(&now, other, "why").await, None);
    redis::cmd("SET")
        .arg(&own)
        .arg("planted")
        .exec_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(get(&now, user, "why").await, None);
}

#[tokio::test]
async fn clearing_forgets_one_space_of_one_user_in_all_processes() {
    let (one, two) = (another().await, another().await);
    let (user, other) = (UserId::new(), UserId::new());
    put(&one, user, "why", "because").await;
    put(&one, user, "how", "so").await;
    put(&one, other, "why", "because").await;
    assert_eq!(two.clear(user, &Space::Answers).await.unwrap(), 2);
    assert_eq!(get(&one, user, "why").await, None);
    assert!(get(&one, other, "why").await.is_some());
    assert_eq!(two.clear(user, &Space::Answers).await.unwrap(), 0);
}

#[tokio::test]
async fn a_plugin_is_refused_what_exceeds_its_quota_and_answers_make_room() {
    let cache = another().await;
    let user = UserId::new();
    let plugin = Space::Plugin("notes".into());
    let value: Arc<[u8]> = vec![0; 600 * 1024].into();
    let put =
        async |space, name: &str| cache.put(user, space, key(name), value.clone(), HOUR).await;
    put(&plugin, "a").await.unwrap();
    assert!(matches!(
        put(&plugin, "b").await,
        Err(EngineError::OverQuota(_))
    ));
    // The same entry again takes no more room.
    put(&plugin, "a").await.unwrap();
    for number in 0..40 {
        put(&Space::Answers, &number.to_string()).await.unwrap();
    }
    let found = async |number: i32| {
        let key = key(&number.to_string());
        cache.get(user, &Space::Answers, &key).await.is_some()
    };
    assert!(found(39).await && !found(0).await);
    let held = cache.clear(user, &Space::Answers).await.unwrap();
    assert!((20..=27).contains(&held), "{held}");
}

#[tokio::test]
async fn while_redis_is_away_or_full_answers_are_cached_in_the_process() {
    let mut stopped = Redis::start(&[]).unwrap();
    let mut hung = Redis::start(&[]).unwrap();
    let full = Redis::start(&["--maxmemory", "1", "--maxmemory-policy", "noeviction"]).unwrap();
    let user = UserId::new();
    for redis in [&stopped, &hung, &full] {
        let cache = cache(&redis.url(), MATERIAL, Clock::wall()).await;
        // While it answers it is the only place.
        assert!(cache.description().contains("Redis"));
    }
    let caches = [
        cache(&stopped.url(), MATERIAL, Clock::wall()).await,
        cache(&hung.url(), MATERIAL, Clock::wall()).await,
    ];
    stopped.stop().unwrap();
    freeze(&mut hung).await;
    for cache in caches {
        put(&cache, user, "why", "because").await;
        assert_eq!(get(&cache, user, "why").await.as_deref(), Some("because"));
        assert!(cache.description().contains("not available"));
        let error = cache.clear(user, &Space::Answers).await.unwrap_err();
        assert!(matches!(error, EngineError::SharedCacheKept { .. }));
    }
    let cache = cache(&full.url(), MATERIAL, Clock::wall()).await;
    put(&cache, user, "why", "because").await;
    // It answers, so it is asked; it has nothing, so the model is.
    assert_eq!(get(&cache, user, "why").await, None);
}
