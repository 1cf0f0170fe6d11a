//! `doctor` says of everything that a chat needs what is wrong and what to do, and changes nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/accounts.rs"]
mod people;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use mock_openai::{MockServer, Script};
use people::{administered_at, token_file};
use support::{Home, KEY, Run, closed_port};
use test_servers::Postgres;

async fn server() -> MockServer {
    MockServer::start(Script::answer("Because.")).await.unwrap()
}

/// A home whose model server is this one.
fn at(server: &MockServer) -> Home {
    Home::new().variable("OPENAI_BASE_URL", &server.base_url())
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_has_nothing_wrong_and_nothing_is_made() {
    let server = server().await;
    let home = at(&server);
    let run = doctor(
        &home,
        0,
        &[
            ("ok", "clock", "it is set"),
            ("ok", "API key", "set (environment), not shown"),
            ("ok", "model", "gpt-4o (default)"),
            ("ok", "model server", "has gpt-4o"),
            ("ok", "database", "is made when it is needed"),
            ("ok", "Redis", "not set"),
            ("ok", "plugins", "redaction"),
        ],
    );
    assert!(!run.out.contains("warning"), "{run:?}");
    assert!(!home.database().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_server_is_asked_for_its_models_and_for_nothing_else() {
    let server = server().await;
    let home = at(&server).variable("OPENAI_MODEL", "gpt-9");
    doctor(&home, 0, &[("warning", "model server", "check --model")]);
    server.set_script(Script::default().require_key("another-made-up-key"));
    doctor(&home, 77, &[("error", "model server", "--api-key")]);
    assert!(server.requests().iter().all(|one| one.path == "/v1/models"));
    let home = Home::new().variable("OPENAI_BASE_URL", &closed_port());
    doctor(&home, 69, &[("error", "model server", "cannot reach")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_line_and_its_remedy() {
    let server = server().await;
    let home = Home::new().without("OPENAI_API_KEY");
    doctor(&home, 78, &[("error", "API key", "set OPENAI_API_KEY")]);
    let home = at(&server);
    assert_eq!(home.run(&["--init-db"]).code, Some(0));
    doctor(&home, 0, &[("ok", "database", "schema ")]);
    fs::set_permissions(home.database(), fs::Permissions::from_mode(0o644)).unwrap();
    doctor(&home, 78, &[("error", "database", "chmod 600")]);
    let redis = closed_port().replace("http://", "redis://:planted@");
    let home = at(&server).variable("REDIS_URL", &redis);
    doctor(&home, 0, &[("warning", "Redis", "cannot be reached")]);
    let home = at(&server).variable("PLUGIN_DIR", "/nowhere");
    doctor(&home, 78, &[("error", "plugins", "/nowhere")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_the_keys_are_looked_at_on_both_databases() {
    let model = server().await;
    let postgres = Postgres::shared();
    let on_server = postgres.url(&postgres.database(None).unwrap());
    for home in [at(&model).variable("DATABASE_URL", &on_server), at(&model)] {
        let home = administered_at(home);
        let fine = doctor(
            &home,
            0,
            &[
                ("ok", "login", "root (admin) until 20"),
                ("ok", "token key", "the database knows it"),
                ("ok", "audit key", "the database knows it"),
                ("ok", "cache key", "the database knows it"),
            ],
        );
        let token = fs::read_to_string(token_file(&home)).unwrap();
        assert!(!fine.out.contains(token.trim()), "{fine:?}");
        assert_eq!(home.run(&["logout"]).code, Some(0));
        doctor(&home, 0, &[("warning", "login", "nobody is logged in")]);
        let kept = |text: &str| {
            fs::write(token_file(&home), text).unwrap();
            fs::set_permissions(token_file(&home), fs::Permissions::from_mode(0o600)).unwrap();
        };
        kept(&token);
        doctor(&home, 77, &[("error", "login", "it was revoked")]);
        kept("no token");
        doctor(&home, 77, &[("error", "login", "it is damaged")]);
        fs::set_permissions(token_file(&home), fs::Permissions::from_mode(0o644)).unwrap();
        doctor(&home, 78, &[("error", "login", "others can open it")]);
        fs::remove_file(token_file(&home)).unwrap();
        let home = home.variable(
            "MINI_LLM_CHAT_AUDIT_KEY",
            "9c1f03de5a7b48216e0d7c4b3a29185f",
        );
        let strange = doctor(&home, 78, &[("error", "audit key", "keys accept audit")]);
        assert!(!strange.out.contains("9c1f"), "{strange:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_is_examined() {
    let model_server = server().await;
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    let home = at(&model_server).variable("DATABASE_URL", &server.url(&name));
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
    // The keys are made by it.
    assert_eq!(home.run(&["whoami"]).code, Some(78));
    let run = doctor(&home, 78, &[("error", "database", "--setup-admin")]);
    assert_eq!(run.out.matches("no accounts").count(), 1, "{run:?}");
    let nobody = closed_port().replace("http://", "postgresql://ann:planted@") + "/chat";
    let home = at(&model_server).variable("DATABASE_URL", &nobody);
    doctor(&home, 69, &[("error", "database", "cannot be reached")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_command_without_plugins_says_that_no_redactor_read_it() {
    let server = server().await;
    let home = at(&server);
    home.config("[log]\nfile = \"stderr\"\n");
    for command in [&["doctor"][..], &["keys", "list"]] {
        let run = home.run(command);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.err.contains(": [withheld:no-redactor] at "), "{run:?}");
        assert!(run.err.contains(" code=[withheld:no-redactor]"), "{run:?}");
        assert!(!run.err.contains("fault"), "{run:?}");
    }
}
