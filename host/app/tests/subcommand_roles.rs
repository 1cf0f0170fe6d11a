//! Every subcommand, tried by everybody at a database with accounts: nobody, a user, a user who is disabled, and an
//! administrator. What is refused changes nothing. `roles.rs` of the engine does the same with what plugins call.
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

use std::collections::BTreeSet;
use std::fs;

use databases::Place;
use mock_openai::{MockServer, Script};
use people::{ANNA, ROOT, add, file, log_in, token_file};
use support::{Home, Run};
use test_servers::Redis;

/// Who may: whoever can start the program, whoever is logged in, or administrators alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Anybody,
    Login,
    Admin,
}

use Needs::{Admin, Anybody, Login};

/// In an order in which each does its work after those before it. `{}` stands for the directory of the test, `{key}` for
/// the public key, `{url}` for the model server.
const SUBCOMMANDS: &[(&str, Needs)] = &[
    ("", Login),
    ("--init-db", Anybody),
    ("--setup-admin", Anybody),
    ("ask --base-url {url} why", Login),
    ("whoami", Login),
    ("cache clear", Login),
    ("users list", Admin),
    ("users add ben --password-file {}/new.password", Admin),
    ("users set-role ben admin", Admin),
    ("users disable ben", Admin),
    ("users enable ben", Admin),
    (
        "users reset-password ben --password-file {}/new.password",
        Admin,
    ),
    ("users delete ben --yes", Admin),
    ("audit list", Admin),
    ("audit verify", Admin),
    (
        "audit verify --export {}/export --public-key {key}",
        Anybody,
    ),
    ("audit export", Admin),
    ("audit checkpoint", Admin),
    ("audit public-key", Anybody),
    ("keys list", Anybody),
    ("keys rotate cache", Anybody),
    ("keys accept cache", Anybody),
    ("db migrate", Anybody),
    ("db status", Anybody),
    ("db revert --to 9000 --yes", Anybody),
    ("db prune --older-than 90d --yes", Anybody),
    ("plugins list", Anybody),
    ("plugins check {}/plugins", Anybody),
    ("plugins inspect redaction", Anybody),
    ("plugins eject {}/ejected", Anybody),
    ("plugins lock {}/ejected", Anybody),
    ("redact", Anybody),
    ("review --jsonl", Anybody),
    ("completions bash", Anybody),
    ("man", Anybody),
    ("doctor --base-url {url}", Anybody),
    ("login root --password-file {}/root.password", Anybody),
    (
        "password --old-password-file {}/own.password --password-file {}/new.password",
        Login,
    ),
    ("logout", Anybody),
];

/// What the help lists, without what only groups others.
fn subcommands(home: &Home, group: &[&str]) -> BTreeSet<String> {
    let help = home.run(&[group, &["--help"]].concat());
    let (_, list) = help.out.split_once("\nCommands:\n").unwrap_or_default();
    let list = list.lines().take_while(|line| line.starts_with("  "));
    // The rest of a description stands further in.
    let names = list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut found = BTreeSet::new();
    for name in names.filter(|name| !matches!(*name, "" | "help")) {
        let path = [group, &[name]].concat();
        let inner = subcommands(home, &path);
        if inner.is_empty() {
            found.insert(path.join(" "));
        }
        found.extend(inner);
    }
    found
}

#[test]
fn the_table_has_every_subcommand() {
    let home = Home::new();
    let listed = subcommands(&home, &[]);
    assert!(listed.len() > 20, "{listed:?}");
    let is_tried = |name: &&String| {
        let tried = |(words, _): &(&str, Needs)| {
            let mut words = words.split(' ');
            name.split(' ').all(|part| words.next() == Some(part))
        };
        SUBCOMMANDS.iter().any(tried)
    };
    let missing: Vec<_> = listed.iter().filter(|name| !is_tried(name)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// A database with accounts, and somebody who tries things there.
struct Trial {
    place: Place,
    redis: Redis,
    server: MockServer,
}

impl Trial {
    async fn new(mut place: Place) -> Self {
        place.home.set("ADMIN_USERNAME", "root");
        let password = file(&place.home, "root.password", ROOT);
        place.home.set("ADMIN_PASSWORD_FILE", &password);
        file(&place.home, "new.password", "marble-kettle-drizzle-51");
        assert_eq!(add(&place.home, "anna", ANNA).code, Some(0));
        let export = place.home.run(&["audit", "export"]);
        place.home.write("export", export.out);
        let plugins = place.home.path().join("work/plugins");
        fs::create_dir(plugins).unwrap();
        place.save();
        Self {
            place,
            redis: Redis::start(&[]).unwrap(),
            server: MockServer::start(Script::answer("Because.")).await.unwrap(),
        }
    }

    fn run(&self, words: &str) -> Run {
        let key = self.place.home.run(&["audit", "public-key"]).out;
        let words = words
            .replace("{key}", key.trim())
            .replace("{url}", &self.server.base_url())
            .replace(
                "{}",
                &self.place.home.path().join("work").display().to_string(),
            );
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        let mut command = self.place.home.command(&words);
        if words.first() == Some(&"cache") {
            // Without it there is nothing to clear.
            command.env("REDIS_URL", self.redis.url());
        }
        Run::of(command.output().unwrap())
    }

    /// What no refusal may change.
    async fn kept(&self) -> Vec<String> {
        self.place
            .rows_of(&["users", "conversations", "messages", "turns", "known_keys"])
            .await
    }

    /// How many of the refusals are in the trail.
    async fn denied(&self) -> usize {
        let denied = "SELECT body FROM audit WHERE event = 'permission-denied'";
        self.place.rows(denied).await.len()
    }

    async fn refused(&self, words: &str, who: &str, why: &str) {
        let before = self.kept().await;
        let run = self.run(words);
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(77), ""),
            "{who}: {words}: {run:?}"
        );
        assert_eq!(run.err.lines().count(), 1, "{who}: {words}: {run:?}");
        assert!(run.err.contains(why), "{who}: {words}: {run:?}");
        assert_eq!(self.kept().await, before, "{who}: {words}");
    }

    fn done(&self, words: &str, who: &str) {
        let run = self.run(words);
        assert_eq!(run.code, Some(0), "{who}: {words}: {run:?}");
    }

    /// Nobody, or somebody whose session is over.
    async fn without_a_login(&mut self, who: &str, why: &str) {
        for (words, needs) in SUBCOMMANDS {
            // Whoever has a password may log in, and is somebody then.
            if words.starts_with("login") {
                continue;
            }
            match needs {
                Anybody if words.starts_with("doctor") => drop(self.run(words)),
                Anybody => self.done(words, who),
                Login | Admin => self.refused(words, who, why).await,
            }
        }
    }
}

async fn everybody_tries_everything(place: Place) {
    let mut trial = Trial::new(place).await;
    let work = |trial: &Trial, name: &str, password: &str| {
        file(&trial.place.home, "own.password", password);
        let _ = fs::remove_dir_all(trial.place.home.path().join("work/ejected"));
        assert_eq!(log_in(&trial.place.home, name, password).code, Some(0));
    };

    fs::remove_file(token_file(&trial.place.home)).unwrap();
    file(&trial.place.home, "own.password", ROOT);
    trial
        .without_a_login("nobody", "mini-llm-chat login NAME")
        .await;

    trial.place.restore();
    work(&trial, "anna", ANNA);
    let by_anna = fs::read_to_string(token_file(&trial.place.home)).unwrap();
    let mut expected = trial.denied().await;
    for (words, needs) in SUBCOMMANDS {
        match needs {
            Admin => {
                trial.refused(words, "user", "needs the role admin").await;
                expected += 1;
            }
            Anybody | Login => trial.done(words, "user"),
        }
        // Neither belongs to the others' table.
        if words.starts_with("login") {
            fs::write(token_file(&trial.place.home), &by_anna).unwrap();
        }
    }
    work(&trial, "root", ROOT);
    assert_eq!(
        trial.denied().await,
        expected,
        "each refusal of a role is in the trail"
    );

    trial.place.restore();
    work(&trial, "anna", ANNA);
    let by_anna = fs::read_to_string(token_file(&trial.place.home)).unwrap();
    work(&trial, "root", ROOT);
    trial.done("users disable anna", "admin");
    fs::write(token_file(&trial.place.home), &by_anna).unwrap();
    trial
        .without_a_login("disabled", "the token of this session is not good")
        .await;
    let again = log_in(&trial.place.home, "anna", ANNA);
    assert_eq!(again.code, Some(77), "{again:?}");

    trial.place.restore();
    work(&trial, "root", ROOT);
    for (words, _) in SUBCOMMANDS {
        trial.done(words, "admin");
        // It ended the sessions of the administrator whose password it set.
        if words.starts_with("--setup-admin") {
            work(&trial, "root", ROOT);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    everybody_tries_everything(Place::sqlite_with_accounts()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    everybody_tries_everything(Place::postgres()).await;
}
