//! What only PostgreSQL can do: refuse, migrate for many at once, serve many processes.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::limit::Window;
use mini_llm_chat_engine::storage::postgres::{self, Limits, PostgresUrl};
use mini_llm_chat_engine::storage::{Author, Calls, Conversations, Taken, Turns, Users};
use storage::postgres::{account, address, database, limits, set_up, store};
use storage::{start, turn};
use test_servers::Postgres;

async fn refused(url: &str) -> EngineError {
    postgres::open(&PostgresUrl::parse(url).unwrap(), limits())
        .await
        .unwrap_err()
}

fn empty() -> (&'static Postgres, String) {
    let server = Postgres::shared();
    (server, server.database(None).unwrap())
}

#[tokio::test]
async fn every_reason_not_to_open_is_told_apart_and_shows_no_password() {
    let (server, name) = empty();
    let url = server.url(&name);
    let wrong = url.replace("tester:tester@", "tester:planted@");
    let error = refused(&wrong).await;
    assert!(
        matches!(error, EngineError::StorageDenied { .. }),
        "{error}"
    );
    assert!(!error.to_string().contains("planted"), "{error}");
    let error = refused(&server.url("not_there")).await;
    assert!(
        matches!(error, EngineError::StorageAbsent { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("not_there"), "{error}");
    let error = refused("postgresql://ann:planted@127.0.0.1:1/chat").await;
    assert!(
        matches!(error, EngineError::StorageUnreachable { .. }),
        "{error}"
    );
    assert!(!error.to_string().contains("planted"), "{error}");
    let error = refused("postgresql://ann@host.invalid/chat").await;
    assert!(
        matches!(error, EngineError::StorageUnreachable { .. }),
        "{error}"
    );
    let error = refused(&url).await;
    assert!(
        matches!(error, EngineError::StorageUnmigrated { found: 0, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("--init-db"), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unreachable_when_the_time_is_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = PostgresUrl::parse(&format!("postgresql://127.0.0.1:{port}/chat")).unwrap();
    let limits = Limits {
        connect: Duration::from_millis(50),
        ..limits()
    };
    let error = postgres::open(&url, limits).await.unwrap_err();
    assert!(
        matches!(error, EngineError::StorageUnreachable { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn tls_that_is_asked_for_is_never_done_without() {
    let (server, name) = empty();
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = refused(&format!("{}?sslmode={mode}", server.url(&name))).await;
        assert!(
            matches!(error, EngineError::StorageDenied { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("TLS"), "{error}");
    }
}

#[tokio::test]
async fn a_database_without_accounts_names_the_remedy() {
    let (server, name) = empty();
    let url = address(server, &name);
    postgres::migrate(&url, limits()).await.unwrap();
    let store = postgres::open(&url, limits()).await.unwrap();
    let error = store.local_user("ann").await.unwrap_err();
    assert!(matches!(error, EngineError::StorageWithoutAccounts { .. }));
    assert!(error.to_string().contains("--setup-admin"), "{error}");
}

#[tokio::test]
async fn many_that_migrate_at_once_migrate_once() {
    let (server, name) = empty();
    let url = address(server, &name);
    let all = join_all((0..8).map(|_| postgres::migrate(&url, limits()))).await;
    for status in all {
        let status = status.unwrap();
        assert_eq!(status.version, status.latest);
        assert!(status.pending.is_empty());
    }
    let applied = server
        .execute(
            &name,
            "SELECT count(*) = count(DISTINCT version) FROM mini_llm_chat_migrations",
        )
        .unwrap();
    assert_eq!(applied, "t");
}

#[tokio::test]
async fn a_revert_leaves_nothing_and_the_schema_can_be_made_again() {
    let (server, name) = empty();
    let url = address(server, &name);
    let made = postgres::migrate(&url, limits()).await.unwrap();
    assert_eq!(postgres::status(&url, limits()).await.unwrap(), made);
    let reverted = postgres::revert(&url, 0, limits()).await.unwrap();
    assert_eq!(reverted.version, 0);
    assert!(!reverted.pending.is_empty());
    let left = server
        .execute(
            &name,
            "SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                     WHERE nspname = 'public' AND relname NOT LIKE 'mini_llm_chat_migrations%') \
                  + (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace \
                     WHERE nspname = 'public')",
        )
        .unwrap();
    assert_eq!(left, "0");
    assert!(matches!(
        postgres::revert(&url, 77, limits()).await,
        Err(EngineError::Invalid(_))
    ));
    assert_eq!(postgres::migrate(&url, limits()).await.unwrap(), made);
}

#[tokio::test]
async fn a_newer_an_altered_and_a_foreign_schema_are_refused_and_left_alone() {
    let server = Postgres::shared();
    let newer = database().await;
    server
        .execute(
            &newer,
            "INSERT INTO mini_llm_chat_migrations VALUES (9000, 'later', now(), true, '', 0)",
        )
        .unwrap();
    let error = refused(&server.url(&newer)).await;
    assert!(
        matches!(error, EngineError::StorageNewer { found: 9000, .. }),
        "{error}"
    );
    let altered = database().await;
    server
        .execute(
            &altered,
            "UPDATE mini_llm_chat_migrations SET checksum = 'x'",
        )
        .unwrap();
    let error = refused(&server.url(&altered)).await;
    assert!(
        matches!(error, EngineError::StorageCorrupt { .. }),
        "{error}"
    );
    let (server, foreign) = empty();
    server
        .execute(
            &foreign,
            "CREATE TABLE turns (theirs int); INSERT INTO turns VALUES (7)",
        )
        .unwrap();
    let error = postgres::migrate(&address(server, &foreign), limits())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    let tables = "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(server.execute(&foreign, tables).unwrap(), "turns");
}

#[tokio::test]
async fn an_encoding_that_cannot_hold_all_text_is_refused() {
    let server = Postgres::shared();
    server
        .execute(
            "postgres",
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
        )
        .unwrap();
    let error = refused(&server.url("latin")).await;
    assert!(error.to_string().contains("encoding"), "{error}");
}

#[tokio::test]
async fn a_role_without_rights_is_told_so() {
    let server = Postgres::shared();
    let name = database().await;
    server
        .execute(&name, "CREATE ROLE guest LOGIN PASSWORD 'guest'")
        .unwrap();
    let url = server.url(&name).replace("tester:tester@", "guest:guest@");
    let error = refused(&url).await;
    assert!(
        matches!(error, EngineError::StorageDenied { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped() {
    let server = Postgres::shared();
    let name = database().await;
    let limits = Limits {
        statement: Duration::from_millis(100),
        ..limits()
    };
    let url = address(server, &name);
    let store = postgres::open(&url, limits).await.unwrap();
    // Another client holds what the statement needs, for longer than the statement may take.
    let conversation = store.current(account()).await.unwrap().id;
    let holder = {
        let name = name.clone();
        std::thread::spawn(move || {
            let hold = "BEGIN; LOCK TABLE conversations; SELECT pg_sleep(600)";
            Postgres::shared().execute(&name, hold)
        })
    };
    let locked = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = relation \
                  WHERE relname = 'conversations' AND mode = 'AccessExclusiveLock' AND granted";
    while server.execute(&name, locked).unwrap() == "0" {}
    let error = store
        .append_turn(account(), &turn(conversation, "q", "a"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::StorageSlow { .. } | EngineError::StorageLocked { .. }
        ),
        "{error}"
    );
    let release =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'";
    server.execute("postgres", release).unwrap();
    holder.join().unwrap().unwrap_err();
    store
        .append_turn(account(), &turn(conversation, "q", "a"))
        .await
        .unwrap();
}

#[tokio::test]
async fn many_processes_take_exactly_the_limit() {
    let url = address(Postgres::shared(), &database().await);
    let window = Window {
        max_calls: 7,
        seconds: 60,
    };
    let takers = (0..4).map(|_| async {
        let store = postgres::open(&url, limits()).await.unwrap();
        let mut granted = 0;
        for _ in 0..10 {
            let taken = store.take_call(account(), window, 1_000_000).await.unwrap();
            granted += u32::from(matches!(taken, Taken::Granted { .. }));
        }
        granted
    });
    let granted: u32 = join_all(takers).await.into_iter().sum();
    assert_eq!(granted, window.max_calls);
}

#[tokio::test]
async fn many_in_one_conversation_keep_an_order_and_lose_no_turn() {
    let url = address(Postgres::shared(), &database().await);
    let first = postgres::open(&url, limits()).await.unwrap();
    let (user, conversation) = start(&first).await;
    let writers = (0..4).map(|writer| {
        let url = &url;
        async move {
            let store = postgres::open(url, limits()).await.unwrap();
            for number in 0..10 {
                let prompt = format!("{writer} {number}");
                let new = turn(conversation, &prompt, &format!("answer to {prompt}"));
                store.append_turn(user, &new).await.unwrap();
            }
        }
    });
    join_all(writers).await;
    let messages = first.messages(user, conversation, None, 100).await.unwrap();
    assert_eq!(messages.len(), 80);
    for pair in messages.chunks(2) {
        assert_eq!(
            (pair[1].author, pair[0].author),
            (Author::User, Author::Assistant)
        );
        assert_eq!(pair[0].sequence, pair[1].sequence + 1);
        assert_eq!(pair[0].content, format!("answer to {}", pair[1].content));
    }
    assert_eq!(first.current(user).await.unwrap().messages, 80);
}

#[tokio::test]
async fn one_turn_that_many_store_at_once_is_stored_once() {
    let url = address(Postgres::shared(), &database().await);
    let first = postgres::open(&url, limits()).await.unwrap();
    let (user, conversation) = start(&first).await;
    let new = turn(conversation, "q", "a");
    let writers = (0..4).map(|_| async {
        let store = postgres::open(&url, limits()).await.unwrap();
        store.append_turn(user, &new).await.unwrap()
    });
    let stored = join_all(writers).await;
    assert_eq!(stored.iter().filter(|stored| !stored.repeated).count(), 1);
    assert!(
        stored
            .iter()
            .all(|other| other.sequence == stored[0].sequence)
    );
    let current = first.current(user).await.unwrap();
    assert_eq!((current.messages, current.tokens), (2, 2));
}

#[tokio::test]
async fn two_that_undo_the_same_turn_take_back_one() {
    let store = Arc::new(store().await);
    let (user, conversation) = start(store.as_ref()).await;
    let mut last = 0;
    for number in 0..3 {
        let new = turn(conversation, &number.to_string(), "a");
        last = store.append_turn(user, &new).await.unwrap().sequence;
    }
    let undo = || store.undo(user, conversation, Some(last));
    let (first, second) = tokio::join!(undo(), undo());
    assert_eq!(u32::from(first.is_ok()) + u32::from(second.is_ok()), 1);
    assert_eq!(store.current(user).await.unwrap().messages, 4);
}

#[tokio::test]
async fn text_that_breaks_other_encodings_comes_back_as_it_was() {
    let store = store().await;
    let (user, conversation) = start(&store).await;
    let texts = [
        "\u{feff}\u{202e}abc\u{10ffff}",
        "'); DROP TABLE users; --",
        "\u{1}\u{7f}\r\n\t\\x00 %s $1",
    ];
    for text in texts {
        store
            .append_turn(user, &turn(conversation, text, text))
            .await
            .unwrap();
        let newest = store.messages(user, conversation, None, 1).await.unwrap();
        assert_eq!(newest[0].content, text);
    }
    let long: String = (0..300_000).map(|n| format!("{n} ")).collect();
    store
        .append_turn(user, &turn(conversation, &long, "a"))
        .await
        .unwrap();
    assert_eq!(store.search(user, "123456", 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_search_reads_no_words_of_others() {
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    set_up(server, &name).await;
    let store = postgres::open(&address(server, &name), limits())
        .await
        .unwrap();
    let (user, conversation) = start(&store).await;
    store
        .append_turn(user, &turn(conversation, "planted", "a"))
        .await
        .unwrap();
    assert_eq!(store.search(user, "planted", 1).await.unwrap().len(), 1);
    let words = server
        .execute(
            &name,
            "SELECT words FROM messages ORDER BY sequence LIMIT 1",
        )
        .unwrap();
    assert_eq!(words, "'1/planted'");
}

#[tokio::test]
async fn a_store_goes_on_after_its_connections_were_cut_and_the_server_was_away() {
    let mut server = Postgres::start().unwrap();
    let name = server.database(None).unwrap();
    set_up(&server, &name).await;
    let limits = Limits {
        connect: Duration::from_millis(500),
        ..limits()
    };
    let store = postgres::open(&address(&server, &name), limits)
        .await
        .unwrap();
    let (user, conversation) = start(&store).await;
    let mut confirmed = Vec::new();
    let mut number = 0;
    for how in [
        None,
        Some(test_servers::Stop::Fast),
        Some(test_servers::Stop::Immediate),
    ] {
        let mut store_turn = async || {
            number += 1;
            let prompt = number.to_string();
            let stored = store
                .append_turn(user, &turn(conversation, &prompt, "a"))
                .await;
            stored.map(|_| prompt)
        };
        confirmed.push(store_turn().await.unwrap());
        match how {
            None => server.cut_connections(&name).unwrap(),
            Some(how) => {
                server.stop(how).unwrap();
                let error = store_turn().await.unwrap_err();
                assert!(
                    matches!(error, EngineError::StorageUnreachable { .. }),
                    "{error}"
                );
                server.resume().unwrap();
            }
        }
        // Each connection may have been cut while nobody looked: then one call by it says so.
        let mut again = store_turn().await;
        for _ in 0..limits.connections {
            if matches!(again, Err(EngineError::StorageUnreachable { .. })) {
                again = store_turn().await;
            }
        }
        confirmed.push(again.unwrap());
    }
    let stored: Vec<String> = storage::texts(&store, user, conversation).await;
    for prompt in &confirmed {
        assert_eq!(
            stored.iter().filter(|text| *text == prompt).count(),
            1,
            "{prompt}"
        );
    }
}
