//! The audit trail's rows: sealed in order, with a turn or alone, and found again.

use mini_llm_chat_engine::audit::chain::{
    Bytes, Chain, ChainKey, Checkpoint, Entry, Head, Row, Signer, Verifier,
};
use mini_llm_chat_engine::ids::TurnId;
use mini_llm_chat_engine::storage::{AuditFilter, Store};

use super::{start, texts, turn};

pub(crate) fn chain() -> Chain {
    Chain::new(ChainKey::new("test", &[1; 32]), [])
}

fn entry(at: i64, event: &str) -> Entry {
    Entry {
        at,
        event: event.to_owned(),
        user: None,
        turn: None,
        body: format!("{{\"at\":{at}}}"),
    }
}

fn ended(turn: TurnId) -> Entry {
    Entry {
        turn: Some(turn.to_string()),
        ..entry(9, "turn-ended")
    }
}

pub(crate) async fn rows(store: &dyn Store) -> Vec<Row> {
    store.audit_rows(0, 100).await.unwrap()
}

/// All rows are tied to each other and end where the store says.
pub(crate) async fn sound(store: &dyn Store) -> u64 {
    let (chain, end) = (chain(), store.audit_end().await.unwrap());
    let mut verifier = Verifier::new(end.trail, Some(chain.keys()), Vec::new());
    let mut after = 0;
    loop {
        let page = store.audit_rows(after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        page.into_iter().for_each(|row| verifier.push(row).unwrap());
    }
    verifier.finish(Some(end.head)).unwrap().head.sequence
}

pub(crate) async fn rows_are_sealed_in_order_and_read_back(store: &dyn Store) {
    let chain = chain();
    let end = store.audit_end().await.unwrap();
    assert_eq!((end.head, end.signed), (Head::first(end.trail), 0));
    let mut first = entry(-5, "login-failed");
    first.user = Some("somebody".to_owned());
    first.body = "{\"text\":\"\\u0000 \u{1f642}\"}".to_owned();
    let all = [first, entry(7, "turn-begun"), entry(8, "export")];
    store.append_audit(&chain, &all[..1]).await.unwrap();
    store.append_audit(&chain, &all[1..]).await.unwrap();
    store.append_audit(&chain, &[]).await.unwrap();
    let read = rows(store).await;
    let entries: Vec<_> = read.iter().map(|row| row.entry.clone()).collect();
    assert_eq!(entries, all);
    assert_eq!(store.audit_rows(2, 1).await.unwrap(), read[2..]);
    assert_eq!(sound(store).await, 3);
}

pub(crate) async fn a_wrong_belief_about_the_end_is_put_right(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let chain = chain();
    let wrong = Head {
        sequence: 40,
        link: Bytes([4; 32]),
    };
    chain.believe(wrong);
    store.append_audit(&chain, &[entry(1, "a")]).await.unwrap();
    let new = turn(conversation, "q", "a");
    chain.believe(wrong);
    let end = ended(new.id);
    let stored = store.append_turn_and_end(user, &new, &chain, &end);
    stored.await.unwrap();
    // The right row, but not its link.
    chain.believe(Head {
        sequence: 2,
        link: Bytes([4; 32]),
    });
    store.append_audit(&chain, &[entry(3, "c")]).await.unwrap();
    assert_eq!(sound(store).await, 3);
    assert_eq!(texts(store, user, conversation).await, ["q", "a"]);
}

pub(crate) async fn a_turn_and_its_end_are_stored_together_and_once(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let chain = chain();
    let new = turn(conversation, "q", "a");
    assert!(!store.has_ended(new.id).await.unwrap());
    for _ in 0..2 {
        let end = ended(new.id);
        let stored = store.append_turn_and_end(user, &new, &chain, &end);
        stored.await.unwrap();
        assert!(store.has_ended(new.id).await.unwrap());
    }
    assert_eq!(sound(store).await, 1);
    assert_eq!(texts(store, user, conversation).await, ["q", "a"]);
    // Nothing of a turn that cannot be stored is recorded.
    store.delete(user, conversation, None).await.unwrap();
    let lost = turn(conversation, "q", "a");
    let end = ended(lost.id);
    let refused = store.append_turn_and_end(user, &lost, &chain, &end);
    assert!(refused.await.is_err());
    assert_eq!(sound(store).await, 1);
    assert!(!store.has_ended(lost.id).await.unwrap());
}

pub(crate) async fn a_second_end_of_a_turn_is_refused(store: &dyn Store) {
    let (chain, id) = (chain(), TurnId::new());
    store.append_audit(&chain, &[ended(id)]).await.unwrap();
    assert!(store.append_audit(&chain, &[ended(id)]).await.is_err());
    let two = [entry(1, "a"), ended(id)];
    assert!(
        store.append_audit(&chain, &two).await.is_err(),
        "all or none"
    );
    store.append_audit(&chain, &[entry(2, "b")]).await.unwrap();
    assert_eq!(sound(store).await, 2);
}

pub(crate) async fn events_are_found_by_name_user_and_time_in_pages(store: &dyn Store) {
    let chain = chain();
    let events = (0..7).map(|number| {
        let mut entry = entry(10 * number, ["even", "odd"][number as usize % 2]);
        entry.user = (number > 3).then(|| "late".to_owned());
        entry
    });
    store
        .append_audit(&chain, &events.collect::<Vec<_>>())
        .await
        .unwrap();
    let found = async |filter: &AuditFilter, before, limit| {
        let found = store.find_audit(filter, before, limit).await.unwrap();
        found
            .iter()
            .map(|row| row.entry.at / 10)
            .collect::<Vec<_>>()
    };
    let mut filter = AuditFilter::default();
    assert_eq!(found(&filter, None, 3).await, [6, 5, 4]);
    assert_eq!(found(&filter, Some(5), 100).await, [3, 2, 1, 0]);
    filter.event = Some("odd".to_owned());
    assert_eq!(found(&filter, None, 100).await, [5, 3, 1]);
    (filter.since, filter.until) = (Some(10), Some(50));
    assert_eq!(found(&filter, None, 100).await, [3, 1]);
    filter.user = Some("late".to_owned());
    assert_eq!(found(&filter, None, 100).await, [0_i64; 0]);
    filter.until = None;
    assert_eq!(found(&filter, None, 100).await, [5]);
}

pub(crate) async fn checkpoints_are_kept_once_and_paged(store: &dyn Store) {
    let chain = chain();
    let signer = Signer::new(&[3; 32]).unwrap();
    let mut kept: Vec<Checkpoint> = Vec::new();
    for at in 0..3 {
        store.append_audit(&chain, &[entry(at, "a")]).await.unwrap();
        let end = store.audit_end().await.unwrap();
        let checkpoint = signer.sign(end.trail, end.head, at);
        store.add_checkpoint(&checkpoint).await.unwrap();
        store.add_checkpoint(&checkpoint).await.unwrap();
        kept.push(checkpoint);
    }
    assert_eq!(store.checkpoints(0, 100).await.unwrap(), kept);
    assert_eq!(store.checkpoints(1, 1).await.unwrap(), kept[1..2]);
    assert_eq!(store.audit_end().await.unwrap().signed, 3);
    assert!(kept.iter().all(|it| it.verify(signer.public()).is_ok()));
}

pub(crate) async fn two_writers_at_once_keep_one_chain(store: &dyn Store) {
    let (user, conversation) = start(store).await;
    let writer = async |name: &'static str| {
        let chain = chain();
        for number in 0..10 {
            store
                .append_audit(&chain, &[entry(number, name)])
                .await
                .unwrap();
            let new = turn(conversation, name, name);
            let end = ended(new.id);
            store
                .append_turn_and_end(user, &new, &chain, &end)
                .await
                .unwrap();
        }
    };
    tokio::join!(writer("one"), writer("two"));
    assert_eq!(sound(store).await, 40);
    assert_eq!(texts(store, user, conversation).await.len(), 40);
}
