//! Plugins' values: kept apart, with quotas.

use super::start;
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::storage::{MAX_KEYS, MAX_NAMESPACE_BYTES, MAX_PAGE, Store};

pub(crate) async fn values_are_kept_apart_by_plugin(store: &dyn Store) {
    let (user, _) = start(store).await;
    store.set_value("notes", user, "k", b"one").await.unwrap();
    store.set_value("other", user, "k", b"two").await.unwrap();
    store.set_value("notes", user, "k", b"three").await.unwrap();
    assert_eq!(
        store.value("notes", user, "k").await.unwrap().as_deref(),
        Some(&b"three"[..])
    );
    store.delete_value("notes", user, "k").await.unwrap();
    store.delete_value("notes", user, "k").await.unwrap();
    assert_eq!(store.value("notes", user, "k").await.unwrap(), None);
    assert_eq!(
        store.value("other", user, "k").await.unwrap().as_deref(),
        Some(&b"two"[..])
    );
}

pub(crate) async fn keys_are_sorted_and_paged_by_prefix(store: &dyn Store) {
    let (user, _) = start(store).await;
    for key in ["b/2", "a/1", "b/10", "b/1", "c", "B/1", "b%", "b/\u{e9}"] {
        store.set_value("p", user, key, b"").await.unwrap();
    }
    let keys =
        async |prefix: &str, after| store.value_keys("p", user, prefix, after).await.unwrap();
    assert_eq!(keys("b/", None).await, ["b/1", "b/10", "b/2", "b/\u{e9}"]);
    assert_eq!(keys("b/", Some("b/10")).await, ["b/2", "b/\u{e9}"]);
    assert_eq!(keys("", None).await.len(), 8);
    assert!(keys("z", None).await.is_empty());
}

pub(crate) async fn quotas_hold_and_a_refused_value_changes_nothing(store: &dyn Store) {
    let (user, _) = start(store).await;
    let half = vec![0_u8; MAX_NAMESPACE_BYTES / 2];
    store.set_value("p", user, "a", &half).await.unwrap();
    let refused = store.set_value("p", user, "b", &half).await;
    assert!(matches!(refused, Err(EngineError::OverQuota(_))));
    assert_eq!(store.value("p", user, "b").await.unwrap(), None);
    store
        .set_value("p", user, "a", &vec![1; MAX_NAMESPACE_BYTES - 1])
        .await
        .unwrap();
    assert!(
        store
            .set_value("p", user, "a", &vec![1; MAX_NAMESPACE_BYTES])
            .await
            .is_err()
    );
    store.set_value("q", user, "b", &half).await.unwrap();
}

pub(crate) async fn the_number_of_keys_is_limited(store: &dyn Store) {
    let (user, _) = start(store).await;
    for number in 0..MAX_KEYS {
        store
            .set_value("p", user, &number.to_string(), b"x")
            .await
            .unwrap();
    }
    assert!(matches!(
        store.set_value("p", user, "more", b"x").await,
        Err(EngineError::OverQuota(_))
    ));
    store.set_value("p", user, "7", b"y").await.unwrap();
    assert_eq!(
        store.value_keys("p", user, "", None).await.unwrap().len(),
        MAX_PAGE as usize
    );
}

pub(crate) async fn impossible_keys_are_refused(store: &dyn Store) {
    let (user, _) = start(store).await;
    for key in ["", "a\0b", &"x".repeat(257)] {
        assert!(
            matches!(
                store.set_value("p", user, key, b"").await,
                Err(EngineError::Invalid(_))
            ),
            "{key:?}"
        );
    }
    store
        .set_value("p", user, &"x".repeat(256), b"")
        .await
        .unwrap();
}
