//! Files and messages that cannot be used: the exit code, the place, and nothing is made or changed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use std::fs;

use support::{Home, closed_port};

/// Runs `ask hello` and expects the refusal with these words.
fn refused(home: &Home, code: i32, words: &[&str]) {
    let before = home.files_but_logs();
    let run = home.run(&["ask", "--base-url", &closed_port(), "hello"]);
    assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{run:?}");
    for word in words {
        assert!(run.err.contains(word), "{word}: {run:?}");
    }
    assert_eq!(home.files_but_logs(), before, "{words:?}");
}

/// A home with a database of this program.
fn with_database() -> Home {
    let home = Home::new();
    let run = home.run(&["--init-db"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    home
}

#[test]
fn a_file_that_is_no_database() {
    let home = with_database();
    fs::write(home.database(), "no database, whatever its name says\n").unwrap();
    refused(&home, 78, &["mini-llm-chat.db"]);
}

#[test]
fn a_database_that_is_cut_short() {
    let home = with_database();
    let bytes = fs::read(home.database()).unwrap();
    fs::write(home.database(), &bytes[..bytes.len() / 2]).unwrap();
    refused(&home, 78, &["mini-llm-chat.db"]);
}

#[tokio::test]
async fn a_database_of_a_later_version() {
    use sqlx::{ConnectOptions, Connection};
    let home = with_database();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.database());
    let mut connection = options.connect().await.unwrap();
    let later = "UPDATE _sqlx_migrations SET version = 9999 \
                 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    sqlx::query(later).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    refused(&home, 78, &["schema 9999", "use a newer mini-llm-chat"]);
}

#[test]
fn a_data_directory_that_cannot_be_made() {
    let home = Home::new().variable("XDG_DATA_HOME", "/dev/null/data");
    refused(&home, 73, &["/dev/null/data"]);
}

#[test]
fn a_log_that_cannot_be_written() {
    let home = Home::new();
    home.config("[log]\nfile = '/dev/null/below/chat.log'\n");
    refused(&home, 73, &["/dev/null/below", "log.file"]);
}

#[test]
fn a_message_that_cannot_be_one() {
    let home = Home::new();
    home.config("[limits]\nmessage_chars = 4\n");
    refused(&home, 65, &["5 characters"]);
    let home = Home::new();
    let before = home.files_but_logs();
    let run = home.pipe(&["ask"], b"caf\xe9");
    assert_eq!(run.code, Some(65), "{run:?}");
    assert_eq!(home.files_but_logs(), before);
}
