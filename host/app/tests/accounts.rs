//! Accounts from the command line: set-up, login, roles, keys, and everything that is refused.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

#[path = "support/accounts.rs"]
mod people;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use mock_openai::{MockServer, Script};
use people::{ANNA, ROOT, add, administered, file, log_in, set_up, token_file};

use crate::support::{Home, Run};

#[tokio::test(flavor = "multi_thread")]
async fn without_accounts_nobody_logs_in_and_with_them_everybody_does() {
    let home = Home::new();
    let server = MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap();
    let url = server.base_url();
    let ask = || home.run(&["--base-url", &url, "ask", "Hello?"]);
    assert_eq!(ask().code, Some(0));
    let who = home.run(&["whoami"]);
    assert!(who.out.contains("no login needed"), "{who:?}");
    let refused = log_in(&home, "root", ROOT);
    assert_eq!(refused.code, Some(78), "{refused:?}");

    let made = set_up(&home, "root", ROOT);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.out.contains("has all conversations"), "{made:?}");
    for arguments in [&["ask", "Hello?"][..], &["whoami"], &[]] {
        let refused = home.run(&[&["--base-url", &url], arguments].concat());
        assert_eq!(refused.code, Some(77), "{refused:?}");
        assert!(
            refused.err.contains("mini-llm-chat login NAME"),
            "{refused:?}"
        );
    }

    let wrong = log_in(&home, "root", ANNA);
    assert_eq!(wrong.code, Some(77), "{wrong:?}");
    let right = log_in(&home, "ROOT", ROOT);
    assert_eq!(right.code, Some(0), "{right:?}");
    let mode = fs::metadata(token_file(&home))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = fs::read_to_string(token_file(&home)).unwrap();
    assert_eq!(ask().code, Some(0));
    assert!(
        home.run(&["whoami"])
            .out
            .starts_with("root (admin), logged in until ")
    );

    assert_eq!(home.run(&["logout"]).code, Some(0));
    assert!(!token_file(&home).exists());
    assert_eq!(ask().code, Some(77));
    // Kept by somebody, it is still good for nothing.
    let again = home
        .command(&["whoami"])
        .env("MINI_LLM_CHAT_TOKEN", token.trim())
        .output();
    let again = Run::of(again.unwrap());
    assert_eq!(again.code, Some(77), "{again:?}");
    assert!(again.err.contains("revoked"), "{again:?}");
    assert_eq!(log_in(&home, "root", ROOT).code, Some(0));
    let log = home.log();
    for event in ["user-created", "login-failed", "logged-in", "logged-out"] {
        assert!(log.contains(&format!("\"event\":\"{event}\"")), "{event}");
    }
    for secret in [ROOT, ANNA, token.trim()] {
        assert!(!log.contains(secret));
    }
}

#[test]
fn what_is_no_name_or_no_password_is_refused_and_changes_nothing() {
    let home = administered();
    let before = accounts(&home);
    let long = "x".repeat(1000);
    for name in [
        "",
        " ",
        "two words",
        "it's",
        "x'; DROP TABLE users; --",
        "a\u{1b}[2Jb",
        "раypal",
        "ROOT",
        &long,
    ] {
        let refused = add(&home, name, ANNA);
        assert_eq!(refused.code, Some(65), "{name:?}: {refused:?}");
        assert!(
            refused.err.lines().count() == 1 && !refused.err.contains('\u{1b}'),
            "{refused:?}"
        );
    }
    let huge = "kX7#pQ2!vR9z".repeat(100);
    for password in ["", "short", "password1234", "minillmchat12", &huge] {
        let refused = add(&home, "anna", password);
        assert_eq!(refused.code, Some(65), "{refused:?}");
        assert!(
            password.is_empty() || !refused.err.contains(password),
            "{refused:?}"
        );
        let refused = set_up(&home, "root", password);
        assert_eq!(refused.code, Some(65), "{refused:?}");
    }
    assert_eq!(accounts(&home), before);
}

fn accounts(home: &Home) -> String {
    home.run(&["users", "list"]).out
}

#[test]
fn setting_up_refused_leaves_no_database() {
    let home = Home::new();
    for (name, password) in [("root", "short"), ("two words", ROOT), ("", ROOT)] {
        let refused = set_up(&home, name, password);
        assert!(matches!(refused.code, Some(65 | 78)), "{refused:?}");
    }
    let refused = home.run(&["--setup-admin"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.err.contains("ADMIN_USERNAME"), "{refused:?}");
    let refused = home.run(&["--db-backend", "memory", "--setup-admin"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(!home.database().exists());
}

#[test]
fn a_password_file_that_others_can_read_is_refused() {
    // Root's files are a container's secrets, which root gave away.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let home = administered();
    let path = file(&home, "open.password", ROOT);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = home.run(&["login", "root", "--password-file", &path]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
}

#[test]
fn failed_logins_wait() {
    let home = administered();
    for _ in 0..3 {
        assert_eq!(log_in(&home, "root", ANNA).code, Some(77));
    }
    // The wait of one second may be over on a slow machine; then the next failure makes it longer.
    let mut delayed = None;
    for _ in 0..7 {
        let run = log_in(&home, "root", ANNA);
        if run.code == Some(75) {
            delayed = Some(run);
            break;
        }
        assert_eq!(run.code, Some(77), "{run:?}");
    }
    assert!(delayed.unwrap().err.contains("try again in "));
}

#[test]
fn administrators_manage_accounts_and_users_do_not() {
    let home = administered();
    let by_root = fs::read_to_string(token_file(&home)).unwrap();
    assert_eq!(add(&home, "anna", ANNA).code, Some(0));
    let list = accounts(&home);
    assert!(
        list.contains("anna") && list.contains("root@example.org"),
        "{list}"
    );

    assert_eq!(log_in(&home, "anna", ANNA).code, Some(0));
    let password = file(&home, "x.password", ROOT);
    for arguments in [
        &["list"][..],
        &["add", "ben", "--password-file", &password],
        &["set-role", "anna", "admin"],
        &["disable", "root"],
        &["enable", "root"],
        &["reset-password", "root", "--password-file", &password],
        &["delete", "root", "--yes"],
    ] {
        let refused = home.run(&[&["users"], arguments].concat());
        assert_eq!(refused.code, Some(77), "{refused:?}");
        assert!(refused.err.contains("needs the role admin"), "{refused:?}");
    }
    let by_anna = fs::read_to_string(token_file(&home)).unwrap();

    fs::write(token_file(&home), by_root).unwrap();
    assert!(home.log().contains("\"event\":\"permission-denied\""));
    for arguments in [
        &["set-role", "root", "user"][..],
        &["disable", "root"],
        &["delete", "root", "--yes"],
    ] {
        let refused = home.run(&[&["users"], arguments].concat());
        assert_eq!(refused.code, Some(65), "{refused:?}");
        assert!(
            refused.err.contains("last active administrator"),
            "{refused:?}"
        );
    }
    assert_eq!(home.run(&["users", "disable", "anna"]).code, Some(0));
    let ended = home
        .command(&["whoami"])
        .env("MINI_LLM_CHAT_TOKEN", by_anna.trim())
        .output();
    assert_eq!(Run::of(ended.unwrap()).code, Some(77));
    assert_eq!(home.run(&["users", "enable", "anna"]).code, Some(0));
    let refused = home.run(&["users", "delete", "anna"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(
        home.run(&["users", "delete", "anna", "--yes"]).code,
        Some(0)
    );
    let missing = home.run(&["users", "delete", "anna", "--yes"]);
    assert_eq!(missing.code, Some(65), "{missing:?}");
    assert!(!accounts(&home).contains("anna"));
}

#[test]
fn a_new_password_ends_all_sessions() {
    let home = administered();
    let (old, new) = (
        file(&home, "old.password", ROOT),
        file(&home, "new.password", ANNA),
    );
    let files = [
        "password",
        "--old-password-file",
        &new,
        "--password-file",
        &new,
    ];
    assert_eq!(home.run(&files).code, Some(65));
    let files = [
        "password",
        "--old-password-file",
        &old,
        "--password-file",
        &new,
    ];
    let changed = home.run(&files);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    assert_eq!(home.run(&["whoami"]).code, Some(77));
    assert_eq!(log_in(&home, "root", ROOT).code, Some(77));
    assert_eq!(log_in(&home, "root", ANNA).code, Some(0));
    let reset = set_up(&home, "root", ROOT);
    assert!(reset.out.contains("1 sessions ended"), "{reset:?}");
    assert_eq!(home.run(&["whoami"]).code, Some(77));
}

#[test]
fn tokens_that_are_not_good_are_refused_with_a_reason() {
    let home = administered();
    let good = fs::read_to_string(token_file(&home))
        .unwrap()
        .trim()
        .to_owned();
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    // {"typ":"JWT","alg":"none","kid":"x"}
    let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIiwia2lkIjoieCJ9.{claims}.");
    let cut = &good[..good.len() - 10];
    for token in ["x", "a.b.c", &unsigned, cut, signed] {
        let run = home
            .command(&["whoami"])
            .env("MINI_LLM_CHAT_TOKEN", token)
            .output();
        let run = Run::of(run.unwrap());
        assert_eq!(run.code, Some(77), "{token}: {run:?}");
        assert!(
            run.err.contains("the token of this session is not good"),
            "{run:?}"
        );
        assert!(token.len() < 6 || !run.err.contains(token), "{run:?}");
    }
    assert_eq!(home.run(&["whoami"]).code, Some(0));
    fs::set_permissions(token_file(&home), fs::Permissions::from_mode(0o640)).unwrap();
    let refused = home.run(&["whoami"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.err.contains("others can open it"), "{refused:?}");
}

#[test]
fn one_key_is_replaced_and_the_others_stay() {
    let home = administered();
    let rotated = home.run(&["keys", "rotate", "token"]);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    // The old key is believed still.
    assert_eq!(home.run(&["whoami"]).code, Some(0));
    let list = home.run(&["keys", "list"]).out;
    assert!(list.contains("older") && list.contains("in use"), "{list}");

    let key = "3f8a1c5e7d9b2046f1e8d7c6b5a49382";
    let with_key = |arguments: &[&str]| {
        let run = home.command(arguments).env("JWT_SECRET_KEY", key).output();
        Run::of(run.unwrap())
    };
    let refused = with_key(&["whoami"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.err.contains("keys accept token"), "{refused:?}");
    let refused = with_key(&["keys", "rotate", "token"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert_eq!(with_key(&["keys", "accept", "token"]).code, Some(0));
    // Known, but it did not sign that token.
    let refused = with_key(&["whoami"]);
    assert_eq!(refused.code, Some(77), "{refused:?}");
    assert_eq!(home.run(&["whoami"]).code, Some(0));
    for weak in ["short", "your_super_secret_jwt_key_change_in_production"] {
        let run = home
            .command(&["whoami"])
            .env("JWT_SECRET_KEY", weak)
            .output();
        let run = Run::of(run.unwrap());
        assert_eq!(run.code, Some(78), "{run:?}");
        assert!(!run.err.contains(weak), "{run:?}");
    }
}
