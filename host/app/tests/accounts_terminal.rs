//! Accounts at a terminal: passwords are asked for and not shown, and a session ends where an administrator ends it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

#[path = "support/accounts.rs"]
mod people;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use mock_openai::{MockServer, Script};
use people::{ANNA, ROOT};

use crate::support::Home;
use crate::terminal::{CTRL_C, ENTER, Terminal};

fn answer(terminal: &mut Terminal, question: &str, text: &str) {
    terminal.wait_for(question);
    terminal.press(&format!("{text}{ENTER}"));
}

fn set_up(home: &Home) {
    let mut terminal = Terminal::start(home, &["--setup-admin"]);
    answer(&mut terminal, "Administrator's user name: ", "root");
    answer(&mut terminal, "E-mail address (may be empty): ", "");
    answer(&mut terminal, "Password: ", ROOT);
    answer(&mut terminal, "The same again: ", ROOT);
    terminal.wait_for("the administrator root is made");
    assert!(!terminal.shown().contains(ROOT));
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn passwords_are_typed_unseen_and_twice() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, &["--setup-admin"]);
    answer(&mut terminal, "Administrator's user name: ", "root");
    answer(&mut terminal, "E-mail address (may be empty): ", "");
    answer(&mut terminal, "Password: ", ROOT);
    answer(&mut terminal, "The same again: ", ANNA);
    terminal.wait_for("the two passwords differ");
    assert!(!terminal.shown().contains(ROOT));
    assert_eq!(terminal.end().code(), Some(65));
    assert!(!home.database().exists());

    let mut terminal = Terminal::start(&home, &["--setup-admin"]);
    answer(&mut terminal, "Administrator's user name: ", "root");
    answer(&mut terminal, "E-mail address (may be empty): ", "");
    terminal.wait_for("Password: ");
    terminal.press("half a pass");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().code(), Some(130));
    set_up(&home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_out_within_seconds() {
    let home = Home::new();
    let server = MockServer::start(Script::answer("A short answer."))
        .await
        .unwrap();
    let url = server.base_url();
    let arguments = ["--base-url", &url, "--max-calls", "1000"];
    set_up(&home);

    // The chat asks for the login itself; a wrong password is asked for again.
    let mut root = Terminal::start(&home, &arguments);
    answer(&mut root, "User name: ", "root");
    answer(&mut root, "Password: ", ANNA);
    root.wait_for("the user name or the password is wrong");
    answer(&mut root, "User name: ", "root");
    answer(&mut root, "Password: ", ROOT);
    root.wait_for("root (admin)");

    root.say("/users add anna");
    answer(
        &mut root,
        "Make the account anna with the role user? [y/N] ",
        "y",
    );
    answer(&mut root, "The password of anna: ", ANNA);
    answer(&mut root, "The same again: ", ANNA);
    root.wait_for("anna is added");

    let state = people::token_file(&home);
    let by_root = std::fs::read(&state).unwrap();
    let mut login = Terminal::start(&home, &["login", "anna"]);
    answer(&mut login, "Password: ", ANNA);
    login.wait_for("logged in as anna (user)");
    assert_eq!(login.end().code(), Some(0));
    let mut anna = Terminal::start(&home, &arguments);
    anna.wait_for("anna (user)");
    anna.say("Hello?");
    anna.wait_for("AI: ");
    anna.say("/users");
    anna.wait_for("needs the role admin");
    anna.wait_for("You: ");
    std::fs::write(&state, by_root).unwrap();

    root.say("/users disable anna");
    answer(
        &mut root,
        "Let anna lose access? Their sessions end [y/N] ",
        "y",
    );
    root.wait_for("anna is disabled");
    anna.wait_for("this session has ended");
    assert_eq!(anna.end().code(), Some(77));

    root.say("/logout");
    answer(&mut root, "Log out and end this chat? [y/N] ", "y");
    root.wait_for("You are logged out.");
    assert_eq!(root.end().code(), Some(0));
    assert!(!state.exists());
    let password = home.write("root.password", ROOT).display().to_string();
    let login = home.run(&["login", "root", "--password-file", &password]);
    assert_eq!(login.code, Some(0), "{login:?}");
    assert!(!home.log().contains(ROOT) && !home.log().contains(ANNA));
}
