//! A migration that stopped half way, in both databases: what was there stays as it was, the refusal names what is in
//! the way, and the next one completes it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "support/accounts.rs"]
mod people;
mod support;

use databases::{CRASH, Place, was_killed};
use mock_openai::{MockServer, Script};
use support::Run;

/// A schema that holds conversations, accounts and the trail.
const OLDER: &str = "3";

/// Something that a later migration does not expect.
struct Obstacle {
    /// As an administrator of the database may leave it behind.
    put: &'static str,
    away: &'static str,
    /// What the refusal says of it.
    words: &'static str,
}

const IN_SQLITE: [Obstacle; 4] = [
    Obstacle {
        put: "CREATE TABLE unindexed (theirs TEXT); INSERT INTO unindexed VALUES ('kept')",
        away: "DROP TABLE unindexed",
        words: "migration 7 (table unindexed already exists)",
    },
    Obstacle {
        put: "CREATE VIEW ended_turns AS SELECT 1",
        away: "DROP VIEW ended_turns",
        words: "migration 6 (",
    },
    Obstacle {
        put: "ALTER TABLE calls ADD COLUMN tokens TEXT",
        away: "ALTER TABLE calls DROP COLUMN tokens",
        words: "migration 5 (duplicate column name: tokens)",
    },
    // Half of it applied by another tool: its objects are there, and what says so is not.
    Obstacle {
        put: "CREATE TABLE noted AS SELECT * FROM _sqlx_migrations; DELETE FROM _sqlx_migrations WHERE version = 2",
        away: "INSERT INTO _sqlx_migrations SELECT * FROM noted WHERE version = 2; DROP TABLE noted",
        words: "migration 2 (duplicate column name: look)",
    },
];

const IN_POSTGRESQL: [Obstacle; 3] = [
    Obstacle {
        put: "ALTER TABLE calls ADD COLUMN tokens TEXT",
        away: "ALTER TABLE calls DROP COLUMN tokens",
        words: "migration 5 (column \"tokens\" of relation \"calls\" already exists)",
    },
    Obstacle {
        put: "CREATE INDEX conversations_by_age ON conversations (title)",
        away: "DROP INDEX conversations_by_age",
        words: "migration 4 (relation \"conversations_by_age\" already exists)",
    },
    Obstacle {
        put: "CREATE TABLE noted AS SELECT * FROM mini_llm_chat_migrations; \
              DELETE FROM mini_llm_chat_migrations WHERE version = 2",
        away: "INSERT INTO mini_llm_chat_migrations SELECT * FROM noted WHERE version = 2; DROP TABLE noted",
        words: "migration 2 (column \"look\" of relation \"users\" already exists)",
    },
];

async fn server() -> MockServer {
    MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap()
}

fn ask(place: &Place, server: &MockServer, prompt: &str) -> Run {
    place
        .home
        .run(&["ask", "--base-url", &server.base_url(), prompt])
}

/// One line, and the code of a database that cannot be used.
fn refused(run: &Run, words: &[&str]) {
    assert_eq!((run.code, run.out.as_str()), (Some(78), ""), "{run:?}");
    assert_eq!(run.err.lines().count(), 1, "{run:?}");
    for words in words {
        assert!(run.err.contains(words), "{words}: {run:?}");
    }
}

fn schema(place: &Place) -> String {
    let status = place.home.run(&["db", "status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    let line = status
        .out
        .lines()
        .find_map(|line| line.strip_prefix("schema    "));
    line.unwrap().to_owned()
}

/// Back at the older schema, with one turn in it; that is saved.
async fn older(mut place: Place, server: &MockServer) -> Place {
    assert_eq!(ask(&place, server, "first").code, Some(0));
    let reverted = place.home.run(&["db", "revert", "--to", OLDER, "--yes"]);
    assert_eq!(reverted.code, Some(0), "{reverted:?}");
    place.save();
    place
}

/// The schema is the newest, what was said before is there, and the chat goes on.
async fn goes_on(place: &Place, server: &MockServer) {
    let run = ask(place, server, "second");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!place.home.run(&["db", "status"]).out.contains("pending"));
    assert_eq!(place.prompts().await, ["first", "second"]);
    place.home.verified(0);
}

async fn obstacles(place: Place, obstacles: &[Obstacle]) {
    let server = server().await;
    let mut place = older(place, &server).await;
    for obstacle in obstacles {
        place.restore();
        let asked = server.requests().len();
        place.edit(obstacle.put).await;
        let before = place.everything().await;
        let words = [
            obstacle.words,
            "Nothing was changed",
            "it still has schema 3",
            "try again",
        ];
        refused(&place.home.run(&["db", "migrate"]), &words);
        refused(&place.home.run(&["--init-db"]), &words);
        // A start migrates a file, and leaves a server to its administrator.
        let at_start = ["needs", "--init-db"];
        let at_start = if place.is_sqlite() {
            &words[..]
        } else {
            &at_start
        };
        refused(&ask(&place, &server, "not asked"), at_start);
        assert_eq!(server.requests().len(), asked);
        assert_eq!(schema(&place), OLDER);
        assert_eq!(place.everything().await, before, "{}", obstacle.words);
        place.edit(obstacle.away).await;
        let migrated = place.home.run(&["db", "migrate"]);
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        goes_on(&place, &server).await;
    }
}

/// Kills `db migrate` behind that migration; false where fewer are pending.
fn killed_behind(place: &Place, migration: usize) -> bool {
    let mut command = place.home.command(&["db", "migrate"]);
    let point = format!("migrated:{migration}");
    let output = command.env(CRASH, &point).output().unwrap();
    if output.status.success() {
        return false;
    }
    was_killed(&output, &point);
    true
}

async fn killed_between_migrations(place: Place) {
    let server = server().await;
    let mut place = older(place, &server).await;
    let before = place.everything().await;
    let mut killed = 0;
    while killed_behind(&place, killed + 1) {
        killed += 1;
        assert_eq!(place.everything().await, before);
        assert_eq!(schema(&place), OLDER);
        // The next start completes a file, and `db migrate` a server.
        if !place.is_sqlite() {
            assert_eq!(place.home.run(&["db", "migrate"]).code, Some(0));
        }
        goes_on(&place, &server).await;
        place.restore();
    }
    assert!(killed >= 2, "{killed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_in_sqlite_is_named_and_nothing_is_lost() {
    obstacles(Place::sqlite(), &IN_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_in_postgresql_is_named_and_nothing_is_lost() {
    obstacles(Place::postgres(), &IN_POSTGRESQL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_two_migrations_of_sqlite_leaves_the_older_schema() {
    killed_between_migrations(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_two_migrations_of_postgresql_leaves_the_older_schema() {
    killed_between_migrations(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_first_migrations_leaves_what_the_next_start_makes_anew() {
    for mut place in [Place::sqlite(), Place::empty_postgres()] {
        place.save();
        let mut killed = 0;
        while killed_behind(&place, killed + 1) {
            killed += 1;
            let made = place.home.run(&["--init-db"]);
            assert_eq!(made.code, Some(0), "{made:?}");
            assert!(made.err.contains("(it was 0)"), "{made:?}");
            place.restore();
        }
        assert!(killed >= 4, "{killed}");
    }
}
