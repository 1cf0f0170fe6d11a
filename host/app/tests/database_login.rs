//! A PostgreSQL role whose name and password hold everything that an address gives a meaning to: it is let in from every
//! place where the address may stand, and a password that is wrong is nowhere in what the program says or keeps.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/accounts.rs"]
mod people;
mod support;

use std::path::Path;

use mock_openai::{MockServer, Script};
use people::administered_at;
use support::{Home, Run};
use test_servers::Postgres;

/// No real password.
const PASSWORD: &str = "pl@nt/ed%20w:or d#?&=\u{e9}'\\12";
const ROLE: &str = "o@dd/ro:le %41";
const DATABASE: &str = "ch@t 50%/x";

/// As it has to be written in an address.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// A server with that role, which owns that database.
fn served() -> Postgres {
    let server = Postgres::start().unwrap();
    let password = PASSWORD.replace('\'', "''");
    for sql in [
        format!("CREATE ROLE \"{ROLE}\" LOGIN PASSWORD '{password}'"),
        format!("CREATE DATABASE \"{DATABASE}\" OWNER \"{ROLE}\""),
    ] {
        server.execute("postgres", &sql).unwrap();
    }
    server
}

fn address(server: &Postgres, password: &str) -> String {
    let [role, password, database] = [ROLE, password, DATABASE].map(encoded);
    let port = server.port();
    format!("postgresql://{role}:{password}@127.0.0.1:{port}/{database}")
}

/// Neither as it is nor as it is written in an address.
fn says_nothing_of(secret: &str, run: &Run, home: &Home, but_in: Option<&Path>) {
    for secret in [secret.to_owned(), encoded(secret)] {
        assert!(
            !format!("{}{}", run.out, run.err).contains(&secret),
            "{run:?}"
        );
        let mut files = home.files_with(&secret);
        files.retain(|file| Some(file.as_path()) != but_in);
        assert_eq!(files, Vec::<std::path::PathBuf>::new());
    }
}

fn is_let_in(home: &Home, arguments: &[&str], but_in: Option<&Path>) {
    let run = home.run(&[arguments, &["whoami"]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.starts_with("root (admin)"), "{run:?}");
    assert!(run.out.contains(DATABASE), "{run:?}");
    says_nothing_of(PASSWORD, &run, home, but_in);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_odd_characters_lets_in_from_wherever_the_address_stands() {
    let server = served();
    let address = address(&server, PASSWORD);
    let home = administered_at(Home::new().variable("DATABASE_URL", &address));
    let model = MockServer::start(Script::answer("Because.")).await.unwrap();
    let run = home.chat(&model, &["why", "status"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.out.contains("Because."), "{run:?}");
    says_nothing_of(PASSWORD, &run, &home, None);
    home.verified(0);
    is_let_in(&home, &["--log-level", "DEBUG"], None);
    let home = home.without("DATABASE_URL");
    is_let_in(&home, &["--database-url", &address], None);
    home.config(&format!("[database]\nurl = '{address}'\n"));
    let config = home.path().join("home/.config/mini-llm-chat/config.toml");
    is_let_in(&home, &[], Some(&config));
    home.config("");
    let file = home.write(".env", format!("DATABASE_URL={address}\n"));
    is_let_in(&home, &[], Some(&file));
}

#[test]
fn a_wrong_password_is_refused_and_kept_nowhere() {
    let server = served();
    let wrong = [
        PASSWORD.to_uppercase(),
        PASSWORD.replace("%20", " "),
        // The right one, encoded once too often.
        encoded(PASSWORD),
        format!("{PASSWORD} "),
    ];
    for password in &wrong {
        let address = address(&server, password);
        let home = Home::new().variable("DATABASE_URL", &address);
        for arguments in [
            &["db", "status"][..],
            &["--init-db"],
            &["whoami"],
            &["doctor"],
            &["--log-level", "DEBUG", "ask", "why"],
            // Never a reason to go on without it.
            &["--fallback-to-memory", "ask", "why"],
            &["--database-url", &address, "db", "status"],
        ] {
            let run = home.run(&[&["--base-url", "http://127.0.0.1:9"], arguments].concat());
            let doctor = arguments == ["doctor"];
            assert!(run.code == Some(78) || doctor, "{arguments:?}: {run:?}");
            let said = if doctor { &run.out } else { &run.err };
            assert!(said.contains("does not let us in"), "{run:?}");
            assert!(
                said.contains("check user and password in DATABASE_URL"),
                "{run:?}"
            );
            says_nothing_of(password, &run, &home, None);
        }
    }
}
