//! Which database a chat goes on in: what each refusal says, what is done without a server, and `db`.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/accounts.rs"]
mod people;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use mock_openai::{MockServer, Script};
use people::{ANNA, ROOT, add, administered_at, log_in};
use support::{Home, Run, closed_port};
use terminal::{CTRL_C, CTRL_D, ENTER, Terminal};
use test_servers::Postgres;

/// No real password.
const PASSWORD: &str = "planted%40word%2F";

/// The address of a PostgreSQL server that is not there.
fn nobody() -> String {
    closed_port().replace("http://", &format!("postgresql://ann:{PASSWORD}@")) + "/chat"
}

/// An empty database on a real server.
fn empty() -> (&'static Postgres, String, Home) {
    let server = Postgres::shared();
    let name = server.database(None).unwrap();
    let home = Home::new().variable("DATABASE_URL", &server.url(&name));
    (server, name, home)
}

/// Runs `ask hello`, which is to end before the model server is asked.
fn refused(home: &Home, options: &[&str], code: i32, words: &[&str]) -> Run {
    let address = closed_port();
    let run = home.run(&[&["ask", "--base-url", &address], options, &["hello"]].concat());
    assert_eq!((run.code, run.out.as_str()), (Some(code), ""), "{run:?}");
    for word in words {
        assert!(run.err.contains(word), "{word}: {run:?}");
    }
    for secret in ["planted", "tester:"] {
        assert!(!run.err.contains(secret), "{run:?}");
        assert_eq!(home.files_with(secret), Vec::<std::path::PathBuf>::new());
    }
    run
}

async fn server() -> MockServer {
    MockServer::start(Script::answer("Because.")).await.unwrap()
}

#[test]
fn every_refusal_of_a_server_names_its_remedy() {
    let (server, name, home) = empty();
    refused(&home, &[], 78, &[&name, "schema 0", "--init-db"]);
    let made = home.run(&["--init-db"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.err.contains("up to date"), "{made:?}");
    assert!(
        home.log().contains(r#""event":"migration""#),
        "{}",
        home.log()
    );
    refused(&home, &[], 78, &["no accounts", "--init-db --setup-admin"]);
    let again = home.run(&["--init-db"]);
    assert!(again.err.contains("nothing to do"), "{again:?}");
    let later = "INSERT INTO mini_llm_chat_migrations VALUES (9999, 'later', now(), true, '', 0)";
    server.execute(&name, later).unwrap();
    refused(&home, &[], 78, &["schema 9999", "newer mini-llm-chat"]);
    let wrong = server
        .url(&name)
        .replace(":tester@", &format!(":{PASSWORD}@"));
    let home = Home::new().variable("DATABASE_URL", &wrong);
    refused(&home, &[], 78, &["password", "DATABASE_URL"]);
    let home = Home::new().variable("DATABASE_URL", &server.url("not_there"));
    refused(
        &home,
        &["--fallback-to-memory"],
        78,
        &["not_there", "createdb"],
    );
    let home = Home::new().variable("DATABASE_URL", &(server.url(&name) + "?sslmode=require"));
    refused(&home, &["--fallback-to-memory"], 78, &["TLS", "sslmode"]);
}

#[test]
fn an_address_that_cannot_be_one_says_how_to_write_it() {
    for address in [
        "postgresql://ann:planted/word@db.example/chat",
        "postgresql://ann:planted#word@db.example/chat",
        "postgresql://db.example/chat?passwort=planted",
        "postgresql://db.example/chat?password=planted&sslmode=on",
    ] {
        let home = Home::new().variable("DATABASE_URL", address);
        refused(&home, &[], 78, &["DATABASE_URL (environment)", "%40"]);
        refused(
            &Home::new(),
            &["--database-url", address],
            2,
            &["--database-url", "%40"],
        );
    }
    let home = Home::new().variable("DATABASE_URL", "postgresql://db.example/chat");
    refused(
        &home,
        &["--db-backend", "sqlite"],
        2,
        &["DATABASE_URL", "--db-backend"],
    );
    let home = Home::new();
    home.config("[database]\nconnections = 0\nurl = 'postgresql://127.0.0.1/chat'\n");
    refused(&home, &[], 78, &["database.connections", "1 to 100"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_goes_on_in_memory_and_says_what_is_lost() {
    let (home, server) = (
        Home::new().variable("DATABASE_URL", &nobody()),
        server().await,
    );
    let run = home.chat(&server, &["why", "status", "exit"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for word in [
        "cannot be reached",
        "nothing of this chat is kept",
        "goes on in memory",
    ] {
        assert!(run.err.contains(word), "{word}: {run:?}");
    }
    assert!(run.out.contains("Because."), "{run:?}");
    assert!(
        run.out
            .contains("memory (nothing is kept), instead of PostgreSQL"),
        "{run:?}"
    );
    assert!(!home.database().exists());
    let log = home.log();
    assert!(log.contains(r#""event":"fallback-to-memory""#), "{log}");
    assert!(log.contains("going on in memory"), "{log}");
    assert!(!log.contains("planted"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_goes_on_in_memory_only_when_told_to() {
    let home = Home::new().variable("DATABASE_URL", &nobody());
    let backend = ["--db-backend", "postgresql"];
    refused(
        &home,
        &backend,
        69,
        &["cannot be reached", "--fallback-to-memory"],
    );
    assert!(!home.log().contains("fallback-to-memory\""));
    let server = server().await;
    let url = server.base_url();
    let told = [
        &backend[..],
        &["--fallback-to-memory", "--base-url", &url, "ask", "why"],
    ]
    .concat();
    let run = home.run(&told);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("goes on in memory"), "{run:?}");
    // What changes a schema never changes another one.
    let run = home.run(&["--init-db"]);
    assert_eq!(run.code, Some(69), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_and_decides() {
    let home = Home::new().variable("DATABASE_URL", &nobody());
    let server = server().await;
    let url = server.base_url();
    let options = ["--db-backend", "postgresql", "--base-url", &url];
    let mut yes = Terminal::start(&home, &options);
    yes.wait_for("nothing of this chat is kept. Go on in memory? [y/N]");
    yes.press(&format!("y{ENTER}"));
    yes.say("why");
    yes.wait_for("Because.");
    yes.wait_for("You: ");
    yes.press(CTRL_D);
    assert_eq!(yes.end().code(), Some(0));
    let mut no = Terminal::start(&home, &options);
    no.wait_for("[y/N]");
    no.press(ENTER);
    assert_eq!(no.end().code(), Some(69));
    let mut interrupted = Terminal::start(&home, &options);
    interrupted.wait_for("[y/N]");
    interrupted.press(CTRL_C);
    assert_eq!(interrupted.end().code(), Some(130));
}

#[test]
fn what_a_dot_env_points_to_is_named_and_gets_no_password_that_is_not_in_it() {
    let (server, name, _) = empty();
    let home = Home::new().variable("PGPASSWORD", Postgres::PASSWORD);
    let address = server.url(&name).replace(":tester@", "@");
    home.write(".env", format!("DATABASE_URL={address}\n"));
    let run = refused(&home, &[], 78, &["does not let us in"]);
    let port = server.port();
    let named = format!("kept in PostgreSQL (127.0.0.1:{port}/{name}), as .env line 1 says");
    assert!(run.err.contains(&named), "{run:?}");
    let home = Home::new()
        .variable("PGPASSWORD", Postgres::PASSWORD)
        .variable("DATABASE_URL", &address);
    refused(&home, &[], 78, &["--init-db"]);
}

#[test]
fn a_way_that_others_can_read_is_told() {
    let home = Home::new().variable("DATABASE_URL", "postgresql://host.invalid/chat");
    let run = home.run(&["db", "status"]);
    assert_eq!(run.code, Some(69), "{run:?}");
    assert!(run.err.contains("sslmode=verify-full"), "{run:?}");
}

/// What `db` does to an empty database of that home.
fn schema_commands(home: &Home) {
    let migrated = home.run(&["db", "migrate"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let status = home.run(&["db", "status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    assert!(!status.out.contains("pending"), "{status:?}");
    let unsure = home.run(&["db", "revert", "--to", "0"]);
    assert_eq!(unsure.code, Some(2), "{unsure:?}");
    assert!(unsure.err.contains("--yes"), "{unsure:?}");
    assert_eq!(home.run(&["db", "status"]).out, status.out);
    let reverted = home.run(&["db", "revert", "--to", "0", "--yes"]);
    assert_eq!(reverted.code, Some(0), "{reverted:?}");
    let empty = home.run(&["db", "status"]);
    assert!(empty.out.contains("schema    0\n"), "{empty:?}");
    assert!(empty.out.contains("pending   1 initial\n"), "{empty:?}");
    // To look at the database's own trail would bring its schema up to date.
    let trail = std::fs::read_to_string(home.state().join("audit.jsonl")).unwrap();
    let migrations = trail.matches(r#""event":"migration""#).count();
    assert_eq!(migrations, 2, "{trail}");
}

#[test]
fn db_makes_shows_and_takes_back_the_schema_of_both_databases() {
    let (_, _, home) = empty();
    schema_commands(&home.without("OPENAI_API_KEY"));
    schema_commands(&Home::new());
    let run = Home::new().run(&["--db-backend", "memory", "db", "status"]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn a_revert_is_confirmed_by_a_person() {
    let home = Home::new();
    assert_eq!(home.run(&["--init-db"]).code, Some(0));
    let mut no = Terminal::start(&home, &["db", "revert", "--to", "0"]);
    no.wait_for("that is everything. Go on? [y/N]");
    no.press(&format!("n{ENTER}"));
    assert_eq!(no.end().code(), Some(77));
    assert!(!home.run(&["db", "status"]).out.contains("pending"));
    let mut yes = Terminal::start(&home, &["db", "revert", "--to", "0"]);
    yes.wait_for("[y/N]");
    yes.press(&format!("yes{ENTER}"));
    assert_eq!(yes.end().code(), Some(0));
    assert!(home.run(&["db", "status"]).out.contains("pending"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_of_a_user_removes_theirs_alone_on_both_databases() {
    let (_, _, on_server) = empty();
    let model = server().await;
    for home in [administered_at(on_server), administered_at(Home::new())] {
        assert_eq!(home.chat(&model, &["by root"]).code, Some(0));
        assert_eq!(add(&home, "anna", ANNA).code, Some(0));
        assert_eq!(log_in(&home, "anna", ANNA).code, Some(0));
        assert_eq!(home.chat(&model, &["by anna"]).code, Some(0));
        let removed = |options: &[&str]| {
            let run = home.run(&[&["db", "prune", "--yes", "--user"], options].concat());
            assert_eq!(run.code, Some(0), "{run:?}");
            run.err
        };
        for name in ["nobody", "two words", "x'; DROP TABLE users; --"] {
            let missing = home.run(&["db", "prune", "--user", name, "--yes"]);
            assert_eq!(missing.code, Some(65), "{missing:?}");
        }
        let unsure = home.run(&["db", "prune", "--user", "anna"]);
        assert_eq!(unsure.code, Some(2), "{unsure:?}");
        for (options, count) in [
            (&["anna", "--older-than", "1d"][..], 0),
            (&["ANNA"], 1),
            (&["anna"], 0),
        ] {
            let said = removed(options);
            assert!(
                said.contains(&format!("{count} conversations are removed")),
                "{said}"
            );
        }
        assert_eq!(log_in(&home, "root", ROOT).code, Some(0));
        let anna = home.run(&["audit", "list", "--json", "--event", "pruned"]);
        assert!(anna.out.contains("\"user\""), "{anna:?}");
        home.verified(0);
        assert!(removed(&["root"]).contains("1 conversations are removed"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_removes_old_conversations_and_records_how_many() {
    let (home, server) = (Home::new(), server().await);
    assert_eq!(home.chat(&server, &["why", "exit"]).code, Some(0));
    let wrong = home.run(&["db", "prune", "--older-than", "soon", "--yes"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let unsure = home.run(&["db", "prune", "--older-than", "0d"]);
    assert_eq!(unsure.code, Some(2), "{unsure:?}");
    let young = home.run(&["db", "prune", "--older-than", "1d", "--yes"]);
    assert!(
        young.err.contains("0 conversations are removed"),
        "{young:?}"
    );
    assert_eq!(home.stored().await.len(), 2);
    let pruned = home.run(&["db", "prune", "--older-than", "0d", "--yes"]);
    assert_eq!(pruned.code, Some(0), "{pruned:?}");
    assert!(
        pruned.err.contains("1 conversations are removed"),
        "{pruned:?}"
    );
    assert!(home.stored().await.is_empty());
    let trail = home.run(&["audit", "list", "--json"]);
    assert!(trail.out.contains("pruned"), "{trail:?}");
    assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
}
