//! What a conversation used, by model.

use super::{start, turn};
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::cost::Spent;
use mini_llm_chat_engine::storage::{Spending, Store};

fn spent(model: &str, prompt_tokens: u64, completion_tokens: u64, exact: bool) -> Spent {
    Spent {
        model: model.to_owned(),
        prompt_tokens,
        completion_tokens,
        exact,
    }
}

async fn add(store: &dyn Store, used: &Spent, cached: bool) {
    let (user, conversation) = start(store).await;
    let mut new = turn(conversation, "q", "a");
    new.model.clone_from(&used.model);
    new.cached = cached;
    new.usage.prompt_tokens = used.prompt_tokens;
    new.usage.completion_tokens = used.completion_tokens;
    new.usage.exact = used.exact;
    store.append_turn(user, &new).await.unwrap();
}

pub(crate) async fn what_turns_used_is_summed_by_model_and_the_last_one_is_known(
    store: &dyn Store,
) {
    let (user, conversation) = start(store).await;
    let nothing = store.spending(user, conversation).await.unwrap();
    assert_eq!(nothing, Spending::default());
    add(store, &spent("a", 100, 10, true), false).await;
    add(store, &spent("b", 7, 3, false), false).await;
    add(store, &spent("a", 200, 20, true), false).await;
    add(store, &spent("a", 0, 0, true), true).await;
    let mut found = store.spending(user, conversation).await.unwrap();
    found
        .all
        .sort_by(|left, right| left.model.cmp(&right.model));
    assert_eq!(
        found.all,
        [spent("a", 300, 30, true), spent("b", 7, 3, false)]
    );
    assert_eq!(found.last, Some(spent("a", 0, 0, true)));
}

pub(crate) async fn an_undone_turn_was_paid_for(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    add(store, &spent("a", 100, 10, false), false).await;
    store.undo(user, conversation, None).await.unwrap();
    let found = store.spending(user, conversation).await.unwrap();
    assert_eq!(found.all, [spent("a", 100, 10, false)]);
}

pub(crate) async fn absurd_counts_of_a_server_do_not_break_the_sum(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    for _ in 0..3 {
        add(store, &spent("a", u64::MAX, u64::MAX, true), false).await;
    }
    let found = store.spending(user, conversation).await.unwrap();
    assert_eq!(
        found.all,
        [spent("a", 3_000_000_000_000, 3_000_000_000_000, true)]
    );
}

pub(crate) async fn what_others_used_is_not_told(store: &dyn Store) {
    let (user, _) = start(store).await;
    let missing = mini_llm_chat_engine::ids::ConversationId::new();
    let found = store.spending(user, missing).await;
    assert!(
        matches!(found, Err(EngineError::NotFound { .. })),
        "{found:?}"
    );
}
