//! The trail in an SQLite file: closed to statements that change it, and telling on whoever gets around that.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use std::path::Path;
use std::time::Duration;

use mini_llm_chat_engine::audit::chain::{Checkpoint, Entry, How, Signer};
use mini_llm_chat_engine::audit::{Evidence, ProofError, prove};
use mini_llm_chat_engine::storage::{AuditLog, Location, SqliteStore, Store, open};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use storage::audit::chain;

async fn open_at(path: &Path) -> SqliteStore {
    open(&Location::File(path.to_owned()), Duration::from_secs(5))
        .await
        .unwrap()
}

async fn raw(path: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

async fn execute(db: &mut SqliteConnection, sql: &str) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(db).await.map(drop)
}

async fn filled(path: &Path, rows: i64) -> SqliteStore {
    let store = open_at(path).await;
    let entries = (1..=rows).map(|number| Entry {
        at: number,
        event: "policy-denied".to_owned(),
        user: Some("u".to_owned()),
        turn: None,
        body: format!("{{\"number\":{number}}}"),
    });
    let entries: Vec<_> = entries.collect();
    store.append_audit(&chain(), &entries).await.unwrap();
    store
}

fn signer() -> Signer {
    Signer::new(&[6; 32]).unwrap()
}

async fn sign(store: &SqliteStore) -> Checkpoint {
    let end = store.audit_end().await.unwrap();
    signer().sign(end.trail, end.head, 1)
}

/// With checkpoints from outside.
async fn found(store: &SqliteStore, given: Vec<Checkpoint>) -> Option<(u64, How)> {
    let evidence = Evidence {
        trusted: vec![signer().public()],
        given,
        ..Evidence::default()
    };
    match prove(store, chain().keys(), evidence).await {
        Ok(_) => None,
        Err(ProofError::Broken(broken)) => Some((broken.sequence, broken.how)),
        Err(other) => panic!("{other}"),
    }
}

/// As somebody does who has the file and knows SQL.
const OPEN: &str = "DROP TRIGGER audit_in_order; DROP TRIGGER audit_appended; DROP TRIGGER audit_not_changed; \
    DROP TRIGGER audit_not_removed; DROP TRIGGER audit_head_goes_on; DROP TRIGGER audit_checkpoints_not_removed; ";

#[tokio::test]
async fn statements_that_change_the_trail_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("chat.db");
    let store = filled(&path, 3).await;
    store.add_checkpoint(&sign(&store).await).await.unwrap();
    let mut db = raw(&path).await;
    for sql in [
        "UPDATE audit SET body = '{}' WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = 3",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 2",
        "INSERT INTO audit SELECT 9, at, event, user_id, turn_id, body, key_id, link, tag FROM audit WHERE sequence = 3",
        "UPDATE audit_head SET sequence = 1",
        "UPDATE audit_head SET trail = zeroblob(32)",
        "DELETE FROM audit_head",
        "UPDATE audit_checkpoints SET at = 9",
        "DELETE FROM audit_checkpoints",
    ] {
        let refused = execute(&mut db, sql).await.unwrap_err().to_string();
        assert!(refused.contains("the audit trail"), "{sql}: {refused}");
    }
    assert_eq!(found(&store, Vec::new()).await, None);
}

#[tokio::test]
async fn what_is_done_past_the_triggers_is_found_at_its_row() {
    let shift = "UPDATE audit SET sequence = -sequence WHERE sequence >= 3; \
                 UPDATE audit SET sequence = 1 - sequence WHERE sequence < 0; ";
    let forge = "INSERT INTO audit SELECT 3, at, event, user_id, turn_id, '{}', key_id, link, tag FROM audit \
                 WHERE sequence = 2; UPDATE audit_head SET sequence = 7";
    let swap = "UPDATE audit SET sequence = 99 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 5; \
                UPDATE audit SET sequence = 5 WHERE sequence = 99";
    let cut = "DELETE FROM audit WHERE sequence > 4; \
               UPDATE audit_head SET (sequence, link) = (SELECT sequence, link FROM audit WHERE sequence = 4)";
    let insert = format!("{shift}{forge}");
    let signed = true;
    for (sql, expected) in [
        (
            "UPDATE audit SET body = '{\"number\":7}' WHERE sequence = 2",
            Some((2, How::Changed)),
        ),
        (
            "UPDATE audit SET user_id = NULL WHERE sequence = 6",
            Some((6, How::Changed)),
        ),
        (
            "DELETE FROM audit WHERE sequence = 1",
            Some((1, How::Removed { through: 1 })),
        ),
        (
            "DELETE FROM audit WHERE sequence IN (3, 4)",
            Some((3, How::Removed { through: 4 })),
        ),
        (
            "DELETE FROM audit WHERE sequence = 6",
            Some((6, How::CutTail { through: 6, signed })),
        ),
        (&insert, Some((3, How::Inserted))),
        (swap, Some((2, How::Reordered))),
        (cut, Some((5, How::CutTail { through: 6, signed }))),
        ("SELECT 1", None),
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("chat.db");
        let store = filled(&path, 6).await;
        let checkpoint = sign(&store).await;
        let mut db = raw(&path).await;
        execute(&mut db, &format!("{OPEN}{sql}")).await.unwrap();
        assert_eq!(found(&store, vec![checkpoint]).await, expected, "{sql}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_with_its_note_is_found_only_by_a_checkpoint_from_outside() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("chat.db");
    let store = filled(&path, 6).await;
    let checkpoint = sign(&store).await;
    let mut db = raw(&path).await;
    let cut = "DELETE FROM audit WHERE sequence > 4; \
               UPDATE audit_head SET (sequence, link) = (SELECT sequence, link FROM audit WHERE sequence = 4)";
    execute(&mut db, &format!("{OPEN}{cut}")).await.unwrap();
    assert_eq!(
        found(&store, Vec::new()).await,
        None,
        "nothing in the database tells"
    );
    let (sequence, how) = found(&store, vec![checkpoint.clone()]).await.unwrap();
    assert_eq!(
        (sequence, how),
        (
            5,
            How::CutTail {
                through: 6,
                signed: true
            }
        )
    );
    // Writing on does not hide it.
    store.append_audit(&chain(), &[]).await.unwrap();
    let other = Entry {
        at: 1,
        event: "logout".to_owned(),
        user: None,
        turn: None,
        body: "{}".to_owned(),
    };
    execute(
        &mut db,
        "CREATE TRIGGER audit_appended AFTER INSERT ON audit BEGIN \
        UPDATE audit_head SET sequence = new.sequence, link = new.link; END",
    )
    .await
    .unwrap();
    let two = [other.clone(), other];
    store.append_audit(&chain(), &two).await.unwrap();
    assert_eq!(
        found(&store, vec![checkpoint]).await,
        Some((6, How::Rewritten))
    );
}

#[tokio::test]
async fn a_forged_or_foreign_checkpoint_is_named() {
    let home = tempfile::tempdir().unwrap();
    let store = filled(&home.path().join("chat.db"), 2).await;
    let good = sign(&store).await;
    let mut forged = good.clone();
    forged.at += 1;
    let mut other_trail = signer().sign(good.head.link, good.head, 1);
    other_trail.at = 1;
    let stranger = Signer::new(&[7; 32]).unwrap();
    let stranger = stranger.sign(good.trail, good.head, 1);
    for (checkpoint, words) in [
        (forged, "its signature is wrong"),
        (other_trail, "another audit trail"),
        (stranger, "another key"),
    ] {
        let evidence = Evidence {
            trusted: vec![signer().public()],
            given: vec![checkpoint],
            ..Evidence::default()
        };
        let refused = prove(&store, chain().keys(), evidence).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
}
