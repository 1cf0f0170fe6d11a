//! A database with an administrator, and what a process has around it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mini_llm_chat_engine::audit::chain::Chain;
use mini_llm_chat_engine::audit::{Checkpoints, DatabaseTrail, FileTrail, Parts, Spool};
use mini_llm_chat_engine::auth::{AccountName, Gate, NewUser, Password};
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::keys::{Keys, Purpose};
use mini_llm_chat_engine::log::{Destination, Format, Level, Log, LogConfig};
use mini_llm_chat_engine::secrets::Secrets;
use mini_llm_chat_engine::storage::postgres::{self, Limits, PostgresUrl};
use mini_llm_chat_engine::storage::{self, Location, Store};
use mini_llm_chat_sandbox::contract::Access;
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, PgConnection, SqliteConnection};
use test_servers::Postgres;
use tokio::sync::Mutex;

/// Whom everything here belongs to.
pub(crate) const NAME: &str = "anna";

/// No real password.
pub(crate) fn password() -> Password {
    Password::new(&SecretString::from("copper-lantern-otter-39"))
}

/// A connection of its own, without any of our tables.
pub(crate) enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

pub(crate) struct Place {
    /// For the rows.
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) gate: Gate,
    pub(crate) user: UserId,
    pub(crate) bare: Mutex<Bare>,
}

impl Place {
    /// A file, and a bare one beside it: two writers of one file make each other read it again.
    pub(crate) async fn sqlite(home: &Path) -> Self {
        let home = home.join("sqlite");
        let patience = Duration::from_secs(5);
        let file = Location::File(home.join("chat.db"));
        let store = storage::open(&file, patience).await.unwrap();
        let bare = SqliteConnectOptions::new()
            .filename(home.join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .connect()
            .await
            .unwrap();
        Self::of("SQLite", Arc::new(store), Bare::Sqlite(bare), &home).await
    }

    /// A database, and a bare table in it.
    pub(crate) async fn postgres(server: &Postgres, home: &Path) -> Self {
        let address = server.url(&server.database(None).unwrap());
        let url = PostgresUrl::parse(&address).unwrap();
        let limits = Limits::standard();
        postgres::migrate(&url, limits).await.unwrap();
        let store = postgres::open(&url, limits).await.unwrap();
        let bare: PgConnectOptions = address.parse().unwrap();
        let bare = Bare::Postgres(bare.connect().await.unwrap());
        Self::of("PostgreSQL", Arc::new(store), bare, &home.join("postgres")).await
    }

    async fn of(name: &'static str, store: Arc<dyn Store>, bare: Bare, home: &Path) -> Self {
        let keys = Arc::new(Keys::random().unwrap());
        let trail = Arc::new(trail(&store, &keys, home).await);
        let lifetime = Duration::from_secs(3600);
        let gate = Gate::new(Arc::clone(&store), trail, Arc::clone(&keys), lifetime);
        let admin = NewUser {
            name: AccountName::new(NAME).unwrap(),
            email: String::new(),
            access: Access::Admin,
            password: password(),
        };
        gate.set_up_admin(&admin).await.unwrap();
        let user = gate.find_user(NAME).await.unwrap().id;
        let bare = Mutex::new(bare);
        Self {
            name,
            store,
            keys,
            gate,
            user,
            bare,
        }
    }
}

/// The audit trail as the program opens it.
async fn trail(store: &Arc<dyn Store>, keys: &Keys, home: &Path) -> DatabaseTrail {
    let destination = Destination::File {
        path: home.join("log"),
        max_bytes: 1 << 20,
        generations: 1,
    };
    let log = LogConfig {
        level: Level::Error,
        targets: Vec::new(),
        format: Format::Text,
        destination,
    };
    let log = Log::start(&log, Secrets::new()).unwrap();
    let audit = keys.ring(Purpose::Audit);
    let parts = Parts {
        store: Arc::clone(store),
        chain: Chain::of(audit),
        checkpoints: Checkpoints::new(&[7; 32], home.join("checkpoints")).unwrap(),
        spool: Spool::new(home.join("spool"), audit),
        fallback: FileTrail::open(&home.join("audit"), log.clone()).unwrap(),
        log,
    };
    DatabaseTrail::open(parts).await.unwrap()
}
