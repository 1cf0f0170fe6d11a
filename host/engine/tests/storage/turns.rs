//! Turns: stored whole and once, read in pages, taken back, judged anew.

use super::{message, policies, start, texts, turn};
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::storage::{Author, Finish, NewMessage, Store};
use mini_llm_chat_engine::tokens::{Counted, Encoding};

pub(crate) async fn a_turn_is_read_back_as_it_was_stored(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let mut new = turn(conversation, "question \u{1f642}", "half an ans");
    new.finish = Finish::Cancelled;
    new.prompt.tokens = Some(Counted {
        tokens: 3,
        encoding: Encoding::O200k,
    });
    new.answer.judged_by = policies('b');
    let stored = store.append_turn(user, &new).await.unwrap();
    assert!(!stored.repeated);
    let messages = store.messages(user, conversation, None, 10).await.unwrap();
    let [answer, prompt] = &messages[..] else {
        panic!("{messages:?}")
    };
    assert_eq!(
        (prompt.author, prompt.partial, prompt.created),
        (Author::User, false, new.begun)
    );
    assert_eq!(
        (prompt.sequence, prompt.turn),
        (stored.sequence, stored.sequence)
    );
    assert_eq!(
        (&prompt.content, prompt.tokens),
        (&new.prompt.content, new.prompt.tokens)
    );
    assert_eq!(prompt.judged_by, policies('a'));
    assert_eq!(
        (answer.author, answer.partial, answer.turn),
        (Author::Assistant, true, stored.sequence)
    );
    assert_eq!(
        (&answer.content, answer.tokens),
        (&new.answer.content, None)
    );
    assert_eq!(answer.judged_by, policies('b'));
    assert!(answer.sequence > prompt.sequence);
    let conversation = store.current(user).await.unwrap();
    assert_eq!(
        (
            conversation.messages,
            conversation.tokens,
            conversation.exact
        ),
        (2, 3 + 11, false)
    );
}

pub(crate) async fn every_finish_can_be_stored_and_says_what_is_partial(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let all = [
        Finish::Stop,
        Finish::Length,
        Finish::Filter,
        Finish::Cut,
        Finish::Cancelled,
        Finish::Broken,
    ];
    for finish in all {
        let mut new = turn(conversation, "q", "");
        new.finish = finish;
        store.append_turn(user, &new).await.unwrap();
        let newest = store.messages(user, conversation, None, 1).await.unwrap();
        assert_eq!(newest[0].partial, finish.is_partial(), "{finish:?}");
    }
}

pub(crate) async fn a_turn_is_stored_once(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let new = turn(conversation, "q", "a");
    let first = store.append_turn(user, &new).await.unwrap();
    let again = store.append_turn(user, &new).await.unwrap();
    assert_eq!((again.sequence, again.repeated), (first.sequence, true));
    store.undo(user, conversation, None).await.unwrap();
    assert!(
        store.append_turn(user, &new).await.unwrap().repeated,
        "an undone turn does not come back"
    );
    assert!(texts(store, user, conversation).await.is_empty());
}

pub(crate) async fn nul_is_stored_as_a_replacement_character(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    store
        .append_turn(user, &turn(conversation, "a\0b", "\0"))
        .await
        .unwrap();
    assert_eq!(
        texts(store, user, conversation).await,
        ["a\u{fffd}b", "\u{fffd}"]
    );
}

pub(crate) async fn messages_come_in_pages_newest_first(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    for number in 0..5 {
        store
            .append_turn(
                user,
                &turn(conversation, &format!("q{number}"), &format!("a{number}")),
            )
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.messages(user, conversation, before, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.sequence);
        seen.extend(page.into_iter().map(|message| message.content));
    }
    assert_eq!(
        seen,
        ["a4", "q4", "a3", "q3", "a2", "q2", "a1", "q1", "a0", "q0"]
    );
    assert_eq!(
        store
            .messages(user, conversation, Some(0), 3)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .messages(user, conversation, Some(u64::MAX), 1)
            .await
            .unwrap()
            .len(),
        1
    );
}

pub(crate) async fn undo_takes_the_last_turn_and_only_the_one_it_was_asked_for(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let first = store
        .append_turn(user, &turn(conversation, "one", "1"))
        .await
        .unwrap()
        .sequence;
    let second = store
        .append_turn(user, &turn(conversation, "two", "2"))
        .await
        .unwrap()
        .sequence;
    let refused = store.undo(user, conversation, Some(first)).await;
    assert!(matches!(refused, Err(EngineError::Conflict(_))));
    let undone = store.undo(user, conversation, Some(second)).await.unwrap();
    assert_eq!((undone.prompt.as_str(), undone.removed), ("two", 2));
    assert_eq!(texts(store, user, conversation).await, ["one", "1"]);
    let third = store
        .append_turn(user, &turn(conversation, "three", "3"))
        .await
        .unwrap()
        .sequence;
    assert!(third > second, "a sequence never names two messages");
    store.undo(user, conversation, None).await.unwrap();
    store.undo(user, conversation, None).await.unwrap();
    assert!(matches!(
        store.undo(user, conversation, None).await,
        Err(EngineError::NotFound { .. })
    ));
    assert_eq!(store.current(user).await.unwrap().messages, 0);
}

pub(crate) async fn judgements_are_renewed_and_text_is_replaced(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let first = store
        .append_turn(user, &turn(conversation, "my key is hunter2", "noted"))
        .await
        .unwrap()
        .sequence;
    store
        .mark_judged(user, conversation, &[first + 1, 99], &policies('b'))
        .await
        .unwrap();
    let masked = NewMessage {
        judged_by: policies('b'),
        ..message("my key is [redacted:password]")
    };
    store
        .replace_text(user, conversation, first, &masked)
        .await
        .unwrap();
    let messages = store.messages(user, conversation, None, 10).await.unwrap();
    assert!(
        messages
            .iter()
            .all(|message| message.judged_by == policies('b'))
    );
    assert_eq!(messages[1].content, masked.content);
    assert!(store.search(user, "hunter2", 10).await.unwrap().is_empty());
    assert_eq!(store.search(user, "redacted", 10).await.unwrap().len(), 1);
    assert_eq!(store.current(user).await.unwrap().tokens, 29 + 5);
    let missing = store.replace_text(user, conversation, 99, &masked).await;
    assert!(matches!(
        missing,
        Err(EngineError::NotFound { what: "message" })
    ));
}

pub(crate) async fn every_change_of_what_is_said_raises_the_last_sequence(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let last = async || store.last_sequence(user, conversation).await.unwrap();
    assert_eq!(last().await, 0);
    for said in ["one", "two"] {
        let new = turn(conversation, said, "answer");
        store.append_turn(user, &new).await.unwrap();
    }
    assert_eq!(last().await, 4);
    store
        .replace_text(user, conversation, 1, &message("won"))
        .await
        .unwrap();
    assert_eq!(last().await, 5);
    store.undo(user, conversation, None).await.unwrap();
    assert_eq!(last().await, 6);
    store
        .mark_judged(user, conversation, &[1], &policies('b'))
        .await
        .unwrap();
    store.rename(user, conversation, "a name").await.unwrap();
    assert_eq!(last().await, 6);
    let other = store
        .last_sequence(UserId::new(), conversation)
        .await
        .unwrap_err();
    assert!(matches!(other, EngineError::NotFound { .. }));
}

pub(crate) async fn a_turn_without_its_conversation_is_refused(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    store.delete(user, conversation, None).await.unwrap();
    let refused = store.append_turn(user, &turn(conversation, "q", "a")).await;
    assert!(matches!(
        refused,
        Err(EngineError::NotFound {
            what: "conversation"
        })
    ));
}

pub(crate) async fn a_call_that_is_dropped_half_way_stores_all_or_nothing(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    for polls in 0..30 {
        let new = turn(conversation, "q", "a");
        let give_up = async {
            for _ in 0..polls {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            stored = store.append_turn(user, &new) => drop(stored.unwrap()),
            () = give_up => {}
        }
    }
    store
        .append_turn(user, &turn(conversation, "last", "answer"))
        .await
        .unwrap();
    // A server may still be at work on what was dropped, also behind the last turn.
    let mut messages = Vec::new();
    for _ in 0..200 {
        messages = store.messages(user, conversation, None, 100).await.unwrap();
        if store.current(user).await.unwrap().messages as usize == messages.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(
        store.current(user).await.unwrap().messages as usize,
        messages.len()
    );
    let turns = || messages.chunks(2);
    assert!(turns().all(|pair| pair.len() == 2 && pair[0].turn == pair[1].turn));
    assert!(turns().any(|pair| pair[1].content == "last" && pair[0].content == "answer"));
}
