//! `doctor` says of everything that a chat needs what is wrong and what to do, and changes nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use support::{Home, KEY, Run, closed_port};
use test_servers::Postgres;

/// Every file but those that SQLite has beside a database that somebody reads.
fn kept(home: &Home) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = home.files_but_logs();
    let beside = [Some("db-wal".as_ref()), Some("db-shm".as_ref())];
    files.retain(|(path, _)| !beside.contains(&path.extension()));
    files
}

/// Expects the exit code, and a line that begins with each of these grades and subjects and has these words.
fn doctor(home: &Home, code: i32, lines: &[(&str, &str, &str)]) -> Run {
    let before = kept(home);
    let run = home.run(&["doctor"]);
    assert_eq!(run.code, Some(code), "{run:?}");
    for (grade, subject, words) in lines {
        let begin = format!("{grade:<7}  {subject:<12}  ");
        let mut found = run.out.lines();
        let found = found.any(|line| line.starts_with(&begin) && line.contains(words));
        assert!(found, "{grade} {subject} {words}: {run:?}");
    }
    for secret in [KEY, "planted"] {
        assert!(!format!("{run:?}").contains(secret), "{run:?}");
    }
    assert!(kept(home) == before, "{run:?}");
    run
}

#[test]
fn a_first_start_has_nothing_wrong_and_nothing_is_made() {
    let home = Home::new();
    let run = doctor(
        &home,
        0,
        &[
            ("ok", "clock", "it is set"),
            ("ok", "API key", "set (environment), not shown"),
            ("ok", "model", "gpt-4o (default)"),
            ("ok", "database", "is made when it is needed"),
            ("ok", "Redis", "not set"),
            ("ok", "plugins", "redaction"),
        ],
    );
    assert!(!run.out.contains("warning"), "{run:?}");
    assert!(!home.database().exists());
}

#[test]
fn each_fault_has_its_line_and_its_remedy() {
    let home = Home::new().without("OPENAI_API_KEY");
    doctor(&home, 78, &[("error", "API key", "set OPENAI_API_KEY")]);
    let home = Home::new();
    assert_eq!(home.run(&["--init-db"]).code, Some(0));
    doctor(&home, 0, &[("ok", "database", "schema ")]);
    fs::set_permissions(home.database(), fs::Permissions::from_mode(0o644)).unwrap();
    doctor(&home, 78, &[("error", "database", "chmod 600")]);
    let redis = closed_port().replace("http://", "redis://:planted@");
    let home = Home::new().variable("REDIS_URL", &redis);
    doctor(&home, 0, &[("warning", "Redis", "cannot be reached")]);
    let home = Home::new().variable("PLUGIN_DIR", "/nowhere");
    doctor(&home, 78, &[("error", "plugins", "/nowhere")]);
}

#[test]
fn a_server_is_examined() {
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    let home = Home::new().variable("DATABASE_URL", &server.url(&name));
    doctor(
        &home,
        78,
        &[
            ("error", "database", "--init-db"),
            // The tests' server is fast and forgetful.
            ("warning", "database", "power cut"),
        ],
    );
    assert_eq!(home.run(&["--init-db"]).code, Some(0));
    doctor(&home, 78, &[("error", "database", "--setup-admin")]);
    let nobody = closed_port().replace("http://", "postgresql://ann:planted@") + "/chat";
    let home = Home::new().variable("DATABASE_URL", &nobody);
    doctor(&home, 69, &[("error", "database", "cannot be reached")]);
}
