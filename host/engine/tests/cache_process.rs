//! The cache in the process: exact, apart by user and plugin, forgetful in time and size.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::cache::{ANSWER_LIFETIME, Cache, Fields, Key, ProcessCache, Space};
use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::ids::UserId;

fn key(name: &str) -> Key {
    Fields::new("test").field("name", name).finish()
}

fn value(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn cache() -> (Arc<AtomicI64>, ProcessCache) {
    let hand = Arc::new(AtomicI64::new(0));
    let reader = Arc::clone(&hand);
    (
        hand,
        ProcessCache::new(4 << 20, Clock::new(move || reader.load(Ordering::Relaxed))),
    )
}

#[tokio::test]
async fn an_answer_is_found_by_the_same_user_and_key_only() {
    let (_, cache) = cache();
    let (ann, bob) = (UserId::new(), UserId::new());
    cache
        .put(ann, &Space::Answers, key("q"), value("a"), ANSWER_LIFETIME)
        .await
        .unwrap();
    assert_eq!(
        cache.get(ann, &Space::Answers, &key("q")).await,
        Some(value("a"))
    );
    assert_eq!(cache.get(ann, &Space::Answers, &key("r")).await, None);
    assert_eq!(cache.get(bob, &Space::Answers, &key("q")).await, None);
    assert_eq!(
        cache.get(ann, &Space::Plugin("q".into()), &key("q")).await,
        None
    );
}

#[tokio::test]
async fn an_answer_is_gone_when_its_lifetime_is_over() {
    let (hand, cache) = cache();
    let user = UserId::new();
    cache
        .put(user, &Space::Answers, key("q"), value("a"), ANSWER_LIFETIME)
        .await
        .unwrap();
    hand.store(299_999, Ordering::Relaxed);
    assert!(cache.get(user, &Space::Answers, &key("q")).await.is_some());
    hand.store(300_000, Ordering::Relaxed);
    assert_eq!(cache.get(user, &Space::Answers, &key("q")).await, None);
}

#[tokio::test]
async fn clear_forgets_one_space_of_one_user_and_counts_it() {
    let (_, cache) = cache();
    let (ann, bob) = (UserId::new(), UserId::new());
    let plugin = Space::Plugin("notes".into());
    for name in ["a", "b", "c"] {
        cache
            .put(
                ann,
                &Space::Answers,
                key(name),
                value(name),
                ANSWER_LIFETIME,
            )
            .await
            .unwrap();
    }
    cache
        .put(ann, &plugin, key("a"), value("a"), ANSWER_LIFETIME)
        .await
        .unwrap();
    cache
        .put(bob, &Space::Answers, key("a"), value("a"), ANSWER_LIFETIME)
        .await
        .unwrap();
    assert_eq!(cache.clear(ann, &Space::Answers).await.unwrap(), 3);
    assert_eq!(cache.clear(ann, &Space::Answers).await.unwrap(), 0);
    assert!(cache.get(ann, &plugin, &key("a")).await.is_some());
    assert!(cache.get(bob, &Space::Answers, &key("a")).await.is_some());
}

#[tokio::test]
async fn a_plugin_has_a_quota_and_replacing_frees() {
    let (_, cache) = cache();
    let user = UserId::new();
    let plugin = Space::Plugin("notes".into());
    let large: Arc<[u8]> = vec![0; 600 * 1024].into();
    let put = |name| {
        cache.put(
            user,
            &plugin,
            key(name),
            Arc::clone(&large),
            Duration::from_secs(60),
        )
    };
    put("a").await.unwrap();
    put("a").await.unwrap();
    assert!(matches!(put("b").await, Err(EngineError::OverQuota(_))));
    assert!(cache.get(user, &plugin, &key("a")).await.is_some());
}

#[tokio::test]
async fn what_is_larger_than_the_cache_is_not_kept() {
    let cache = ProcessCache::new(10_000, Clock::monotonic());
    let user = UserId::new();
    for number in 0..100 {
        let answer: Arc<[u8]> = vec![0; 1_000].into();
        cache
            .put(
                user,
                &Space::Answers,
                key(&number.to_string()),
                answer,
                ANSWER_LIFETIME,
            )
            .await
            .unwrap();
    }
    let huge: Arc<[u8]> = vec![0; 20_000].into();
    cache
        .put(user, &Space::Answers, key("huge"), huge, ANSWER_LIFETIME)
        .await
        .unwrap();
    cache.settle();
    assert!(cache.bytes() <= 10_000);
}
