//! What storing a turn, opening a conversation and logging in cost, on SQLite and on PostgreSQL.
//!
//! Prints rows of the table in docs/benchmarks.md. Subject and baseline alternate in one run on the same disk, so that
//! a busy moment hits both, and medians of wall time are compared: here the disk counts.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must fail, and prints its figures"
)]

#[cfg(unix)]
mod append;
#[cfg(unix)]
mod figures;
#[cfg(unix)]
mod login;
#[cfg(unix)]
mod opening;
#[cfg(unix)]
mod place;

/// On PostgreSQL as an operator runs it: what is confirmed is on the disk.
#[cfg(unix)]
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    use place::Place;

    let home = tempfile::tempdir().unwrap();
    let durable = ["fsync = on", "full_page_writes = on"];
    let server = test_servers::Postgres::start_with(&durable).unwrap();
    for place in [
        Place::sqlite(home.path()).await,
        Place::postgres(&server, home.path()).await,
    ] {
        append::measure(&place).await;
        opening::measure(&place).await;
        login::measure(&place).await;
        place.store.close().await;
    }
}

#[cfg(not(unix))]
fn main() {
    println!("PostgreSQL is started for a bench on Unix only");
}
