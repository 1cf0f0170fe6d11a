//! What is old goes, in bounded batches, and nothing else.

use jiff::{SignedDuration, Timestamp};
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::storage::{MAX_PAGE, Store};

use super::{clear, start, texts, turn};

pub(crate) async fn prune_removes_what_was_not_used_since_and_nothing_else(store: &dyn Store) {
    let (user, old) = start(store).await;
    store
        .append_turn(user, &turn(old, "forgotten", "answer"))
        .await
        .unwrap();
    clear(store, user).await;
    let kept = store.current(user).await.unwrap().id;
    store
        .append_turn(user, &turn(kept, "kept", "answer"))
        .await
        .unwrap();
    // Both may have been used in one millisecond.
    let kept_at = store.resume(user, kept).await.unwrap().updated;
    let before = store.conversation(user, old).await.unwrap().created;
    assert_eq!(store.prune(None, before).await.unwrap(), 0);
    assert_eq!(store.prune(Some(UserId::new()), kept_at).await.unwrap(), 0);
    assert_eq!(store.prune(Some(user), kept_at).await.unwrap(), 1);
    assert!(store.conversation(user, old).await.is_err());
    assert!(
        store
            .search(user, "forgotten", 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(texts(store, user, kept).await, ["kept", "answer"]);
}

pub(crate) async fn prune_removes_a_bounded_batch_at_once_oldest_first(store: &dyn Store) {
    let (user, first) = start(store).await;
    for _ in 0..MAX_PAGE {
        store.begin(user).await.unwrap();
    }
    let last = store.begin(user).await.unwrap();
    store.resume(user, last.id).await.unwrap();
    let future = Timestamp::now() + SignedDuration::from_hours(1);
    assert_eq!(store.prune(None, future).await.unwrap(), MAX_PAGE);
    assert!(store.conversation(user, first).await.is_err());
    assert!(store.conversation(user, last.id).await.is_ok());
    assert_eq!(store.prune(None, future).await.unwrap(), 2);
    assert_eq!(store.prune(None, future).await.unwrap(), 0);
    assert_ne!(store.current(user).await.unwrap().id, last.id);
}
