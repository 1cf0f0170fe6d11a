//! Conversations: current, list, search, copy, removal.

use super::{clear, message, start, texts, turn};
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::ids::{ConversationId, UserId};
use mini_llm_chat_engine::storage::{Fork, Store, UserKind};

pub(crate) async fn a_database_with_accounts_has_no_local_user(store: &dyn Store) {
    let (user, _) = start(store).await;
    assert_eq!(store.user(user).await.unwrap().kind, UserKind::Account);
    assert!(matches!(
        store.local_user("bob").await,
        Err(EngineError::Conflict(_))
    ));
}

pub(crate) async fn the_local_user_is_made_once_and_keeps_its_name(store: &dyn Store) {
    let first = store.local_user("ann").await.unwrap();
    let second = store.local_user("bob").await.unwrap();
    assert_eq!(first, second);
    assert_eq!(store.user(first.id).await.unwrap(), first);
    assert!(matches!(
        store.user(UserId::new()).await,
        Err(EngineError::NotFound { what: "user" })
    ));
}

pub(crate) async fn the_current_conversation_stays_current(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    assert_eq!(store.current(user).await.unwrap().id, conversation);
}

pub(crate) async fn a_new_conversation_is_empty_and_the_old_one_stays(store: &dyn Store) {
    let (user, old) = start(store).await;
    store
        .append_turn(user, &turn(old, "hello", "hi"))
        .await
        .unwrap();
    clear(store, user).await;
    let current = store.current(user).await.unwrap();
    assert_ne!(current.id, old);
    assert_eq!((current.messages, current.tokens), (0, 0));
    assert_eq!(texts(store, user, old).await, ["hello", "hi"]);
    assert_eq!(store.list(user, None, 100).await.unwrap().len(), 2);
}

pub(crate) async fn list_pages_through_all_last_used_first(store: &dyn Store) {
    let (user, first) = start(store).await;
    let mut made = vec![first];
    for number in 0..6 {
        let current = store.current(user).await.unwrap().id;
        store
            .append_turn(user, &turn(current, &format!("prompt {number}"), "answer"))
            .await
            .unwrap();
        clear(store, user).await;
        made.push(store.current(user).await.unwrap().id);
    }
    store.resume(user, first).await.unwrap();
    let mut seen: Vec<ConversationId> = Vec::new();
    loop {
        let page = store.list(user, seen.last().copied(), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 3);
        seen.extend(page.iter().map(|conversation| conversation.id));
    }
    let mut expected: Vec<_> = made[1..].iter().rev().copied().collect();
    expected.insert(0, first);
    assert_eq!(seen, expected);
}

pub(crate) async fn search_follows_what_is_said(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let found = async |word| store.search(user, word, 10).await.unwrap().len();
    let say = async |prompt| {
        let new = turn(conversation, prompt, "answer");
        store.append_turn(user, &new).await.unwrap().sequence
    };
    let first = say("apple").await;
    // One change before anybody searched, one after it.
    store
        .replace_text(user, conversation, first, &message("banana"))
        .await
        .unwrap();
    assert_eq!((found("apple").await, found("banana").await), (0, 1));
    store
        .replace_text(user, conversation, first, &message("cherry"))
        .await
        .unwrap();
    assert_eq!((found("banana").await, found("cherry").await), (0, 1));
    say("date").await;
    store.undo(user, conversation, None).await.unwrap();
    assert_eq!(found("date").await, 0);
    say("elder").await;
    assert_eq!(found("elder").await, 1);
    store.undo(user, conversation, None).await.unwrap();
    say("fig").await;
    assert_eq!((found("elder").await, found("fig").await), (0, 1));
    store.delete(user, conversation, None).await.unwrap();
    assert_eq!((found("fig").await, found("cherry").await), (0, 0));
}

pub(crate) async fn search_finds_all_words_in_titles_and_messages(store: &dyn Store) {
    let (user, cats) = start(store).await;
    store
        .append_turn(
            user,
            &turn(cats, "Tell me about cats", "They purr, déjà vu"),
        )
        .await
        .unwrap();
    clear(store, user).await;
    let dogs = store.current(user).await.unwrap().id;
    store
        .append_turn(user, &turn(dogs, "Tell me about dogs", "They bark"))
        .await
        .unwrap();
    store.rename(user, dogs, "Barking").await.unwrap();
    let found = async |words: &str| -> Vec<ConversationId> {
        store
            .search(user, words, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|c| c.id)
            .collect()
    };
    assert_eq!(found("about CATS").await, [cats]);
    assert_eq!(found("deja").await, [cats]);
    assert_eq!(found("bark").await, [dogs]);
    assert_eq!(found("tell about").await.len(), 2);
    assert_eq!(found("D\u{c9}J\u{c0}").await, [cats]);
    assert_eq!(found("VU d\u{e9}").await, [cats]);
    assert!(found("cats dogs").await.is_empty());
    assert!(found("\" OR * NEAR( -- ;").await.is_empty());
    store.undo(user, cats, None).await.unwrap();
    assert!(found("purr").await.is_empty());
    store.delete(user, dogs, None).await.unwrap();
    assert!(found("barking").await.is_empty());
}

pub(crate) async fn delete_takes_only_what_the_person_was_asked_about(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let said = turn(conversation, "question", "answer");
    store.append_turn(user, &said).await.unwrap();
    let seen = store.conversation(user, conversation).await.unwrap();
    let more = turn(conversation, "more", "of it");
    store.append_turn(user, &more).await.unwrap();
    let refused = store.delete(user, conversation, Some(seen.messages)).await;
    assert!(
        matches!(refused, Err(EngineError::Conflict(_))),
        "{refused:?}"
    );
    let now = store.conversation(user, conversation).await.unwrap();
    assert_eq!(now.messages, 4);
    store.delete(user, conversation, Some(4)).await.unwrap();
    let again = store.delete(user, conversation, Some(4)).await;
    assert!(
        matches!(again, Err(EngineError::NotFound { .. })),
        "{again:?}"
    );
}

pub(crate) async fn rename_refuses_what_is_no_title(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    store.rename(user, conversation, "  Plans  ").await.unwrap();
    assert_eq!(store.current(user).await.unwrap().title, "Plans");
    for title in ["", "   ", "a\u{1b}[2Jb", "two\nlines", &"x".repeat(201)] {
        assert!(
            matches!(
                store.rename(user, conversation, title).await,
                Err(EngineError::Invalid(_))
            ),
            "{title:?}"
        );
    }
    assert_eq!(store.current(user).await.unwrap().title, "Plans");
}

pub(crate) async fn fork_copies_up_to_a_message_and_both_go_on_apart(store: &dyn Store) {
    let (user, source) = start(store).await;
    let first = store
        .append_turn(user, &turn(source, "one", "1"))
        .await
        .unwrap()
        .sequence;
    store
        .append_turn(user, &turn(source, "two", "2"))
        .await
        .unwrap();
    let copy = store
        .fork(user, source, Fork::UpTo(first + 1))
        .await
        .unwrap();
    assert_eq!(store.current(user).await.unwrap().id, copy.id);
    assert_eq!((copy.messages, copy.tokens), (2, 4));
    store
        .append_turn(user, &turn(copy.id, "three", "3"))
        .await
        .unwrap();
    assert_eq!(
        texts(store, user, copy.id).await,
        ["one", "1", "three", "3"]
    );
    assert_eq!(texts(store, user, source).await, ["one", "1", "two", "2"]);
    let whole = store.fork(user, source, Fork::Whole).await.unwrap();
    assert_eq!(whole.messages, 4);
    assert_eq!(
        store.undo(user, whole.id, None).await.unwrap().prompt,
        "two"
    );
}

pub(crate) async fn delete_of_the_current_one_leaves_none_current(store: &dyn Store) {
    let (user, old) = start(store).await;
    store
        .append_turn(user, &turn(old, "hello", "hi"))
        .await
        .unwrap();
    store.delete(user, old, None).await.unwrap();
    assert!(matches!(
        store.conversation(user, old).await,
        Err(EngineError::NotFound {
            what: "conversation"
        })
    ));
    assert_ne!(store.current(user).await.unwrap().id, old);
}

pub(crate) async fn another_users_conversation_does_not_exist(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    store
        .append_turn(user, &turn(conversation, "hello", "hi"))
        .await
        .unwrap();
    let other = UserId::new();
    let missing = |result: Result<(), EngineError>| {
        assert!(matches!(result, Err(EngineError::NotFound { .. })))
    };
    missing(store.conversation(other, conversation).await.map(drop));
    missing(
        store
            .messages(other, conversation, None, 10)
            .await
            .map(drop),
    );
    missing(
        store
            .append_turn(other, &turn(conversation, "a", "b"))
            .await
            .map(drop),
    );
    missing(store.undo(other, conversation, None).await.map(drop));
    missing(store.resume(other, conversation).await.map(drop));
    missing(store.rename(other, conversation, "mine").await);
    missing(store.fork(other, conversation, Fork::Whole).await.map(drop));
    missing(store.delete(other, conversation, None).await);
    missing(store.list(other, Some(conversation), 10).await.map(drop));
    missing(
        store
            .mark_judged(other, conversation, &[1], &super::policies('b'))
            .await,
    );
    missing(
        store
            .replace_text(other, conversation, 1, &message("x"))
            .await,
    );
    assert!(store.search(other, "hello", 10).await.unwrap().is_empty());
    assert!(store.list(other, None, 10).await.unwrap().is_empty());
    assert_eq!(texts(store, user, conversation).await, ["hello", "hi"]);
}
