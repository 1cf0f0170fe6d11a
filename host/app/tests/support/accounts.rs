//! Accounts made and logged in from the command line.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::PathBuf;

use crate::support::{Home, Run};

/// No real passwords.
pub(crate) const ROOT: &str = "copper-lantern-otter-39";
pub(crate) const ANNA: &str = "velvet-harbour-anvil-72";

pub(crate) fn file(home: &Home, name: &str, password: &str) -> String {
    let path = home.write(name, format!("{password}\n"));
    path.display().to_string()
}

pub(crate) fn set_up(home: &Home, name: &str, password: &str) -> Run {
    set_up_by(home, &["--setup-admin"], name, password)
}

fn set_up_by(home: &Home, options: &[&str], name: &str, password: &str) -> Run {
    let path = file(home, "admin.password", password);
    let mut command = home.command(options);
    command
        .env("ADMIN_USERNAME", name)
        .env("ADMIN_EMAIL", "root@example.org")
        .env("ADMIN_PASSWORD_FILE", path);
    Run::of(command.output().unwrap())
}

pub(crate) fn log_in(home: &Home, name: &str, password: &str) -> Run {
    let path = file(home, "login.password", password);
    home.run(&["login", name, "--password-file", &path])
}

pub(crate) fn add(home: &Home, name: &str, password: &str) -> Run {
    let path = file(home, "new.password", password);
    home.run(&["users", "add", name, "--password-file", &path])
}

pub(crate) fn token_file(home: &Home) -> PathBuf {
    home.state().join("token")
}

/// A home where root is the administrator and logged in.
pub(crate) fn administered() -> Home {
    administered_at(Home::new())
}

/// The same at the database that this home names.
pub(crate) fn administered_at(home: Home) -> Home {
    let made = set_up_by(&home, &["--init-db", "--setup-admin"], "root", ROOT);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(log_in(&home, "root", ROOT).code, Some(0));
    home
}
