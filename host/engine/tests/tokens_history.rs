//! The history that is sent: whole turns within the budget.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use std::time::Duration;

use jiff::Timestamp;
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::storage::{Author, Location, StoredMessage, Turns, open};
use mini_llm_chat_engine::tokens::{
    Budget, Counted, Counter, Encoding, Limit, MESSAGE_TOKENS, Recall, bound, cut_history,
    fit_prompt,
};
use proptest::prelude::*;
use storage::{policies, start, turn};

const ROOMY: Budget = Budget {
    tokens: 1 << 40,
    bytes: 1 << 40,
};

fn messages(sizes: &[(usize, Option<u32>)]) -> Vec<StoredMessage> {
    let mut all = Vec::new();
    for (index, (bytes, tokens)) in sizes.iter().enumerate() {
        let turn = index as u64 / 2 * 2 + 1;
        all.push(StoredMessage {
            sequence: index as u64 + 1,
            turn,
            author: if index % 2 == 0 {
                Author::User
            } else {
                Author::Assistant
            },
            content: "x".repeat(*bytes),
            created: Timestamp::UNIX_EPOCH,
            partial: false,
            tokens: tokens.map(|tokens| Counted {
                tokens,
                encoding: Encoding::O200k,
            }),
            judged_by: policies('a'),
        });
    }
    all.reverse();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_fits_splits_no_turn_and_leaves_out_only_what_does_not_fit(
        sizes in proptest::collection::vec((0_usize..200, proptest::option::of(0_u32..50)), 0..30),
        tokens in 0_u64..3_000,
        bytes in 0_u64..3_000,
    ) {
        let all = messages(&sizes);
        let budget = Budget { tokens, bytes };
        let cut = cut_history(&all, budget, Some(Encoding::O200k));
        let take = |message: &StoredMessage| {
            MESSAGE_TOKENS + message.tokens.map_or(message.content.len() as u64, |counted| counted.tokens.into())
        };
        let used = |kept: usize| -> (u64, u64) {
            let kept = &all[..kept];
            (kept.iter().map(take).sum(), kept.iter().map(|m| m.content.len() as u64).sum())
        };
        let (used_tokens, used_bytes) = used(cut.kept);
        prop_assert_eq!(used_tokens, cut.tokens);
        prop_assert!(used_tokens <= tokens && used_bytes <= bytes);
        prop_assert!(cut.kept == all.len() || cut.kept == 0 || all[cut.kept - 1].turn != all[cut.kept].turn);
        prop_assert_eq!(cut.ended_by.is_none(), cut.kept == all.len());
        if let Some(next) = all.get(cut.kept) {
            let whole = all.iter().take_while(|message| message.turn >= next.turn).count();
            let (next_tokens, next_bytes) = used(whole);
            prop_assert!(next_tokens > tokens || next_bytes > bytes);
        }
    }

    #[test]
    fn no_text_has_more_tokens_than_bytes(text in "\\PC{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for encoding in [Encoding::O200k, Encoding::Cl100k] {
            let counted = runtime.block_on(Counter::new(Some(encoding)).count_all(vec![text.clone()]));
            let counted = counted[0].unwrap();
            prop_assert_eq!(counted.encoding, encoding);
            prop_assert!(u64::from(counted.tokens) <= bound(&text));
        }
    }
}

#[test]
fn a_count_in_another_encoding_does_not_count() {
    let all = messages(&[(100, Some(10)), (100, Some(10))]);
    assert_eq!(
        cut_history(&all, ROOMY, Some(Encoding::O200k)).tokens,
        20 + 2 * MESSAGE_TOKENS
    );
    let bounded = cut_history(&all, ROOMY, Some(Encoding::Cl100k));
    assert_eq!(
        (bounded.tokens, bounded.exact),
        (200 + 2 * MESSAGE_TOKENS, false)
    );
    assert_eq!(cut_history(&all, ROOMY, None), bounded);
}

#[tokio::test]
async fn a_prompt_that_cannot_fit_is_refused_with_both_numbers() {
    let counter = Counter::new(Some(Encoding::O200k));
    let prompt = "word ".repeat(100);
    assert_eq!(
        fit_prompt(&prompt, 1_000, &counter).await.unwrap(),
        500 + MESSAGE_TOKENS,
        "the bound is enough"
    );
    let counted = fit_prompt(&prompt, 200, &counter).await.unwrap();
    assert!((100..=110).contains(&counted), "{counted}");
    let error = fit_prompt(&prompt, 50, &counter).await.unwrap_err();
    assert!(
        matches!(error, EngineError::MessageTooLong { needed, available: 50 } if needed == counted)
    );
    let unknown = fit_prompt(&prompt, 200, &Counter::new(None))
        .await
        .unwrap_err();
    assert!(matches!(
        unknown,
        EngineError::MessageTooLong {
            needed: 506,
            available: 200
        }
    ));
    assert!(unknown.to_string().contains("506") && unknown.to_string().contains("200"));
}

#[tokio::test]
async fn history_is_read_over_pages_oldest_first_and_counted_only_when_it_must_be() {
    let store = open(&Location::Memory, Duration::from_secs(5))
        .await
        .unwrap();
    let (user, conversation) = start(&store).await;
    for number in 0..120 {
        store
            .append_turn(
                user,
                &turn(
                    conversation,
                    &format!("question {number:03}"),
                    "some answer",
                ),
            )
            .await
            .unwrap();
    }
    let counter = Counter::new(Some(Encoding::O200k));
    let mut recall = Recall::new(conversation, 240);
    let all = recall.history(&store, user, ROOMY, &counter).await.unwrap();
    assert_eq!(
        (all.messages.len(), all.exact, all.shortened),
        (240, false, false)
    );
    assert_eq!(all.messages[239].content, "question 000");

    let mut recall = Recall::new(conversation, 240);
    let budget = Budget {
        tokens: 400,
        ..ROOMY
    };
    let some = recall
        .history(&store, user, budget, &counter)
        .await
        .unwrap();
    assert!(some.shortened && some.exact && some.tokens <= 400);
    assert_eq!(some.messages[0].content, "some answer");
    assert_eq!(some.messages.last().unwrap().author, Author::User);
    assert!(
        some.messages.len() > 2 * (400 / 36),
        "counting lets in more than the bound"
    );

    let mut recall = Recall::new(conversation, 240);
    let budget = Budget {
        bytes: 100,
        ..ROOMY
    };
    let few = recall
        .history(&store, user, budget, &counter)
        .await
        .unwrap();
    assert_eq!(
        (few.messages.len(), few.exact, few.shortened),
        (8, false, true)
    );
    let budget = Budget { tokens: 5, ..ROOMY };
    let none = recall
        .history(&store, user, budget, &counter)
        .await
        .unwrap();
    assert!(none.messages.is_empty());
}

#[tokio::test]
async fn what_was_recalled_and_added_is_what_is_stored() {
    let store = open(&Location::Memory, Duration::from_secs(5))
        .await
        .unwrap();
    let (user, conversation) = start(&store).await;
    let said = |number: u32| {
        turn(
            conversation,
            &format!("question {number:03}"),
            "some\0answer",
        )
    };
    for number in 0..60 {
        store.append_turn(user, &said(number)).await.unwrap();
    }
    let counter = Counter::new(None);
    let narrow = Budget {
        bytes: 100,
        ..ROOMY
    };
    let mut recall = Recall::new(conversation, 120);
    for number in 60..200 {
        let last = store.last_sequence(user, conversation).await.unwrap();
        assert!(recall.holds(conversation, last), "{number}");
        // Sometimes little fits, and what was let go of must be read again.
        let budget = if number % 50 == 10 { narrow } else { ROOMY };
        let mut fresh = Recall::new(conversation, last);
        let read = fresh.history(&store, user, budget, &counter).await.unwrap();
        let kept = recall
            .history(&store, user, budget, &counter)
            .await
            .unwrap();
        assert_eq!((kept.tokens, kept.shortened), (read.tokens, read.shortened));
        let texts = |messages: &[StoredMessage]| -> Vec<(u64, u64, Author, String)> {
            let text = |m: &StoredMessage| (m.sequence, m.turn, m.author, m.content.clone());
            messages.iter().map(text).collect()
        };
        assert_eq!(texts(kept.messages), texts(read.messages), "{number}");
        store.append_turn(user, &said(number)).await.unwrap();
        recall.add(&said(number));
    }
}

#[test]
fn the_limit_that_was_reached_is_named() {
    let all = messages(&[(10, None), (10, None)]);
    assert_eq!(
        cut_history(&all, Budget { tokens: 5, ..ROOMY }, None).ended_by,
        Some(Limit::Tokens)
    );
    assert_eq!(
        cut_history(&all, Budget { bytes: 5, ..ROOMY }, None).ended_by,
        Some(Limit::Bytes)
    );
}
