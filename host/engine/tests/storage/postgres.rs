//! Databases of the PostgreSQL server that this process has started.

use std::str::FromStr;

use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::storage::postgres::{self, Limits, PostgresStore, PostgresUrl};
use test_servers::Postgres;
use tokio::sync::OnceCell;

/// The one account of every database here.
const ACCOUNT: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(crate) fn account() -> UserId {
    UserId::from_str(ACCOUNT).unwrap()
}

/// Generous: machines that test are busy.
pub(crate) fn limits() -> Limits {
    Limits {
        connect: std::time::Duration::from_secs(30),
        statement: std::time::Duration::from_secs(30),
        ..Limits::standard()
    }
}

pub(crate) fn address(server: &Postgres, database: &str) -> PostgresUrl {
    PostgresUrl::parse(&server.url(database)).unwrap()
}

/// Brings a database up to date and makes the account.
pub(crate) async fn set_up(server: &Postgres, database: &str) {
    let url = address(server, database);
    postgres::migrate(&url, limits()).await.unwrap();
    let account =
        format!("INSERT INTO users (id, name, created_at) VALUES ('{ACCOUNT}', 'ann', 0)");
    server.execute(database, &account).unwrap();
}

/// The name of a database with the schema and the account: a copy of one that was made once.
pub(crate) async fn database() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let server = Postgres::shared();
    let template = TEMPLATE
        .get_or_init(|| async {
            let template = server.database(None).unwrap();
            set_up(server, &template).await;
            template
        })
        .await;
    server.database(Some(template)).unwrap()
}

/// A store of its own.
pub(crate) async fn store() -> PostgresStore {
    let url = address(Postgres::shared(), &database().await);
    postgres::open(&url, limits()).await.unwrap()
}
