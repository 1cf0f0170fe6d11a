//! Each migration is taken back and applied again in a database that holds data: what the older schema can hold stays.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use mini_llm_chat_engine::audit::chain::{Entry, Signer};
use mini_llm_chat_engine::auth::{AccountName, Gate, NewUser, Password};
use mini_llm_chat_engine::ids::{ConversationId, UserId};
use mini_llm_chat_engine::keys::{Keys, Purpose};
use mini_llm_chat_engine::storage::postgres::{self, PostgresUrl};
use mini_llm_chat_engine::storage::{self as stores, Location, SchemaStatus, Store, check_keys};
use mini_llm_chat_sandbox::contract::Access;
use secrecy::SecretString;
use storage::audit::chain;
use storage::postgres::{address, limits};
use storage::recorder::Recorder;
use storage::{texts, turn};
use test_servers::Postgres;

/// From here on the trail exists, and accounts.
const AUDIT: i64 = 3;
const ACCOUNTS: i64 = 2;

/// One database, whatever it is in.
enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(PostgresUrl),
}

impl Place {
    fn file(home: &tempfile::TempDir) -> std::path::PathBuf {
        home.path().join("data/chat.db")
    }

    async fn open(&self) -> Arc<dyn Store> {
        let patience = Duration::from_secs(5);
        match self {
            Self::Sqlite(home) => {
                let file = Location::File(Self::file(home));
                Arc::new(stores::open(&file, patience).await.unwrap())
            }
            Self::Postgres(url) => Arc::new(postgres::open(url, limits()).await.unwrap()),
        }
    }

    async fn migrate(&self) -> SchemaStatus {
        match self {
            Self::Sqlite(home) => stores::migrate(&Self::file(home), Duration::from_secs(5)).await,
            Self::Postgres(url) => postgres::migrate(url, limits()).await,
        }
        .unwrap()
    }

    async fn revert(&self, to: i64) -> SchemaStatus {
        let patience = Duration::from_secs(5);
        match self {
            Self::Sqlite(home) => stores::revert(&Self::file(home), to, patience).await,
            Self::Postgres(url) => postgres::revert(url, to, limits()).await,
        }
        .unwrap()
    }
}

fn secret() -> Password {
    Password::new(&SecretString::from("copper-lantern-otter-39"))
}

fn gate(store: &Arc<dyn Store>, keys: &Arc<Keys>) -> Gate {
    let lifetime = Duration::from_secs(3600);
    let trail = Arc::<Recorder>::default();
    Gate::new(store.clone(), trail, keys.clone(), lifetime)
}

/// Something in every table: an administrator who is logged in and has said something, the trail and a checkpoint.
async fn fill(store: &Arc<dyn Store>, keys: &Arc<Keys>) -> (UserId, ConversationId) {
    check_keys(&**store, keys, Timestamp::now()).await.unwrap();
    let root = NewUser {
        name: AccountName::new("root").unwrap(),
        email: "root@example.org".to_owned(),
        access: Access::Admin,
        password: secret(),
    };
    let gate = gate(store, keys);
    gate.set_up_admin(&root).await.unwrap();
    gate.log_in("root", &secret()).await.unwrap();
    gate.log_in("nobody", &secret()).await.unwrap_err();
    let user = gate.find_user("root").await.unwrap().id;
    let conversation = store.current(user).await.unwrap().id;
    let said = turn(conversation, "question", "answer");
    let ended = Entry {
        at: 1,
        event: "turn-ended".to_owned(),
        user: Some(user.to_string()),
        turn: Some(said.id.to_string()),
        body: "{}".to_owned(),
    };
    let chain = chain();
    let stored = store.append_turn_and_end(user, &said, &chain, &ended);
    stored.await.unwrap();
    let end = store.audit_end().await.unwrap();
    let checkpoint = Signer::new(&[6; 32]).unwrap().sign(end.trail, end.head, 1);
    store.add_checkpoint(&checkpoint).await.unwrap();
    (user, conversation)
}

async fn steps_back_and_forth(place: &Place) {
    let full = place.migrate().await;
    let keys = Arc::new(Keys::random().unwrap());
    let store = place.open().await;
    let (user, conversation) = fill(&store, &keys).await;
    store.close().await;
    for to in (1..full.latest).rev() {
        let reverted = place.revert(to).await;
        assert_eq!(reverted.version, to);
        assert!(!reverted.pending.is_empty());
        assert_eq!(place.migrate().await, full);
        let store = place.open().await;
        let said = texts(&*store, user, conversation).await;
        assert_eq!(said[..2], ["question", "answer"], "{to}");
        // What only the later ones can hold is gone, and can be made again.
        let rows = store.audit_rows(0, 10).await.unwrap().len();
        assert_eq!(rows, usize::from(to >= AUDIT), "{to}");
        let known = store.known_keys(Purpose::Token).await.unwrap().len();
        assert_eq!(known, usize::from(to >= ACCOUNTS), "{to}");
        let entered = gate(&store, &keys).log_in("root", &secret()).await;
        assert_eq!(entered.is_ok(), to >= ACCOUNTS, "{to}");
        let more = turn(conversation, "more", "of it");
        store.append_turn(user, &more).await.unwrap();
        let found = store.search(user, "question", 10).await.unwrap();
        assert_eq!(found.len(), 1, "{to}");
        store.close().await;
    }
}

#[tokio::test]
async fn in_sqlite() {
    steps_back_and_forth(&Place::Sqlite(tempfile::tempdir().unwrap())).await;
}

#[tokio::test]
async fn in_postgresql() {
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    steps_back_and_forth(&Place::Postgres(address(server, &name))).await;
}
