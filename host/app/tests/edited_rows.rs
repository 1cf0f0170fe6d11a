//! Rows that somebody edited by hand, in both databases: each is one clear error or is handled, nobody else notices, and
//! nothing is lost.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "support/edits.rs"]
mod edits;
#[path = "support/accounts.rs"]
mod people;
mod support;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use databases::Place;
use edits::Expect::{self, Done, Refused};
use edits::{ACCOUNTS, ACCOUNTS_IN_SQLITE, CONVERSATIONS, CONVERSATIONS_IN_SQLITE};
use mini_llm_chat_sandbox::printable;
use mock_openai::{MockServer, Script};
use people::{ANNA, ROOT, add, file, log_in, token_file};
use support::Run;

const ANSWER: &str = "A short answer.";

/// Nothing but the types refuses an edit then, as in SQLite.
const WITHOUT_CHECKS: &str = "\
    ALTER TABLE messages DROP CONSTRAINT messages_author_check; \
    ALTER TABLE turns DROP CONSTRAINT turns_finish_check; \
    ALTER TABLE users DROP CONSTRAINT users_access_check";

/// Root and anna have talked; that is saved.
struct Scene {
    place: Place,
    server: MockServer,
    root: String,
    anna: String,
}

impl Scene {
    async fn new(mut place: Place) -> Self {
        let server = MockServer::start(Script::answer(ANSWER)).await.unwrap();
        let home = &place.home;
        let token = || {
            fs::read_to_string(token_file(home))
                .unwrap()
                .trim()
                .to_owned()
        };
        let root = token();
        assert_eq!(home.chat(&server, &["by root"]).code, Some(0));
        assert_eq!(add(home, "anna", ANNA).code, Some(0));
        assert_eq!(log_in(home, "anna", ANNA).code, Some(0));
        let anna = token();
        let said = home.chat(&server, &["one", "/clear", "two", "three"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        if !place.is_sqlite() {
            place.edit(WITHOUT_CHECKS).await;
        }
        place.save();
        Self {
            place,
            server,
            root,
            anna,
        }
    }

    async fn edit(&mut self, sql: &str) {
        self.place.restore();
        let of_anna = "(SELECT conversation_id FROM messages WHERE content = 'three')";
        self.place.edit(&sql.replace("{}", of_anna)).await;
    }

    /// Whatever comes of it, it is neither a defect nor raw text at the terminal.
    fn run(&self, token: &str, arguments: &[&str], input: &str) -> Run {
        let url = self.server.base_url();
        let options = ["--base-url", &url, "--max-calls", "1000"];
        let mut command = self.place.home.command(&[&options, arguments].concat());
        command
            .env("MINI_LLM_CHAT_TOKEN", token)
            .stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        let run = Run::of(child.wait_with_output().unwrap());
        assert!(!matches!(run.code, None | Some(70)), "{run:?}");
        let mut shown = run.out.chars().chain(run.err.chars());
        assert!(shown.all(|c| c == '\n' || printable::is_safe(c)), "{run:?}");
        run
    }

    fn expect(&self, edit: &str, run: &Run, expected: Expect) {
        match expected {
            Done => assert_eq!(
                (run.code, run.err.as_str()),
                (Some(0), ""),
                "{edit}: {run:?}"
            ),
            Refused(code, words) => {
                assert_eq!(
                    (run.code, run.out.as_str()),
                    (Some(code), ""),
                    "{edit}: {run:?}"
                );
                assert_eq!(run.err.lines().count(), 1, "{edit}: {run:?}");
                assert!(run.err.contains(words), "{edit}: {run:?}");
            }
        }
    }

    /// Every text with its conversation.
    async fn said(&self) -> Vec<String> {
        let said = "SELECT conversation_id || ' ' || content FROM messages";
        self.place.rows(said).await
    }

    /// Root's chat goes on, and nothing waits to be stored.
    fn others_notice_nothing(&self, edit: &str) {
        let run = self.run(&self.root, &["ask", "--continue", "next"], "");
        self.expect(edit, &run, Done);
        assert!(self.place.home.spooled().is_empty(), "{edit}");
    }
}

async fn of_conversations(place: Place, more: &[(&str, Expect)]) {
    let mut scene = Scene::new(place).await;
    for (edit, expected) in CONVERSATIONS.iter().chain(more) {
        scene.edit(edit).await;
        let before = scene.said().await;
        let asked = scene.server.requests().len();
        let again = ["ask", "--continue", "four"];
        let run = scene.run(&scene.anna, &again, "");
        scene.expect(edit, &run, *expected);
        let after = scene.said().await;
        assert!(
            before.iter().all(|text| after.contains(text)),
            "{edit}: {after:?}"
        );
        let goes_on = matches!(expected, Done);
        assert_eq!(
            after.len(),
            before.len() + 2 * usize::from(goes_on),
            "{edit}: {after:?}"
        );
        let who = scene.run(&scene.anna, &["whoami"], "");
        assert_eq!(who.code, Some(0), "{edit}: {who:?}");
        assert!(who.out.starts_with("anna (user)"), "{edit}: {who:?}");
        // What cannot be stored is not sent.
        assert_eq!(
            scene.server.requests().len(),
            asked + usize::from(goes_on),
            "{edit}"
        );
        if goes_on {
            let sums = "SELECT 'x' FROM conversations c WHERE last_sequence < 4611686018427387904 AND messages < \
                        (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)";
            assert_eq!(scene.place.rows(sums).await, [""; 0], "{edit}");
            scene.expect(
                edit,
                &scene.run(&scene.root, &["audit", "verify"], ""),
                Done,
            );
        }
        // All that looks at it, whatever comes of each.
        scene.run(
            &scene.anna,
            &[],
            "status\n/list\n/search three\n/fork\n/rename x\n/resume 2\nmore\n/clear\nmore\n",
        );
        scene.others_notice_nothing(edit);
    }
}

async fn of_accounts(place: Place, more: &[(&str, [Expect; 3])]) {
    let mut scene = Scene::new(place).await;
    for (edit, [session, login, list]) in ACCOUNTS.iter().chain(more) {
        scene.edit(edit).await;
        let before = scene.said().await;
        let run = scene.run(&scene.anna, &["whoami"], "");
        scene.expect(edit, &run, *session);
        assert!(
            run.code != Some(0) || run.out.contains("(user)"),
            "{edit}: {run:?}"
        );
        let password = file(&scene.place.home, "login.password", ANNA);
        let log_in = ["login", "anna", "--password-file", &password];
        scene.expect(edit, &scene.run(&scene.anna, &log_in, ""), *login);
        scene.expect(edit, &scene.run(&scene.root, &["users", "list"], ""), *list);
        if matches!(list, Done) {
            scene.others_notice_nothing(edit);
        }
        if matches!(login, Refused(78, remedy) if !remedy.starts_with("the column")) {
            let new = file(&scene.place.home, "new.password", ROOT);
            let reset = ["users", "reset-password", "anna", "--password-file", &new];
            scene.expect(edit, &scene.run(&scene.root, &reset, ""), Done);
            let log_in = ["login", "anna", "--password-file", &new];
            scene.expect(edit, &scene.run(&scene.anna, &log_in, ""), Done);
        }
        let after = scene.said().await;
        assert!(
            before.iter().all(|text| after.contains(text)),
            "{edit}: {after:?}"
        );
    }
}

/// What a conversation cost is not made up of rows that say nonsense, however large the others are.
async fn of_spending(place: Place) {
    let mut scene = Scene::new(place).await;
    for column in ["prompt_tokens", "completion_tokens"] {
        let edit = format!("UPDATE turns SET {column} = -1 WHERE model <> '' AND sequence = 1");
        scene.edit(&edit).await;
        let run = scene.run(&scene.anna, &[], "status\n");
        assert_eq!(run.code, Some(0), "{edit}: {run:?}");
        assert!(
            run.out.contains("storage failed, see the log"),
            "{edit}: {run:?}"
        );
        let log = fs::read_to_string(scene.place.home.state().join("mini-llm-chat.log")).unwrap();
        let named = format!("a value of the column {column} ");
        assert!(log.contains(&named), "{edit}: {log}");
        scene.others_notice_nothing(&edit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_a_turn_cost() {
    of_spending(Place::sqlite_with_accounts()).await;
    of_spending(Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_conversation_in_sqlite() {
    of_conversations(Place::sqlite_with_accounts(), CONVERSATIONS_IN_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_conversation_in_postgresql() {
    of_conversations(Place::postgres(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_account_in_sqlite() {
    of_accounts(Place::sqlite_with_accounts(), ACCOUNTS_IN_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_account_in_postgresql() {
    of_accounts(Place::postgres(), &[]).await;
}
