//! PostgreSQL itself refuses what would change the audit trail or move its end elsewhere.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use mini_llm_chat_engine::storage::postgres;
use storage::postgres::{address, limits};
use test_servers::Postgres;

#[tokio::test]
async fn statements_that_change_the_trail_or_its_end_are_refused() {
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    postgres::migrate(&address(server, &name), limits())
        .await
        .unwrap();
    let next = "UPDATE audit_head SET sequence = sequence + 1";
    let head = || server.execute(&name, "SELECT * FROM audit_head").unwrap();
    let before = head();
    for sql in [
        "UPDATE audit SET body = '{}'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "UPDATE audit_head SET sequence = sequence + 2",
        &format!("{next}, trail = sha256('x')"),
        &format!("{next}, link = 'x'"),
        &format!("{next}, one = 2"),
        "INSERT INTO audit_head SELECT 2, trail, sequence, link FROM audit_head",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
    ] {
        let refused = server.execute(&name, sql).unwrap_err().to_string();
        assert!(refused.contains("the audit trail"), "{sql}: {refused}");
        assert_eq!(head(), before, "{sql}");
    }
    server
        .execute(&name, &format!("{next}, link = sha256('x')"))
        .unwrap();
}
