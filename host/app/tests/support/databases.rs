//! A home with its database, looked at and edited by SQL, as somebody does who can reach it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use test_servers::{Postgres, Stop};

use crate::people::administered_at;
use crate::support::Home;

/// The variable that names the point at which the program kills itself.
pub(crate) const CRASH: &str = "MINI_LLM_CHAT_TEST_CRASH";
const SIGKILL: i32 = 9;

pub(crate) fn was_killed(output: &Output, at: &str) {
    assert_eq!(output.status.signal(), Some(SIGKILL), "{at}: {output:?}");
}

pub(crate) struct Place {
    pub(crate) home: Home,
    database: Database,
    /// A copy of the PostgreSQL database, if there is one.
    saved: Option<String>,
}

enum Database {
    /// With whoever keeps others from writing.
    Sqlite(Option<SqliteConnection>),
    Postgres {
        server: Postgres,
        name: String,
    },
}

impl Place {
    /// A file that does not exist yet.
    pub(crate) fn sqlite() -> Self {
        Self::of(Home::new(), Database::Sqlite(None))
    }

    /// A file where root is the administrator and logged in.
    pub(crate) fn sqlite_with_accounts() -> Self {
        Self::of(administered_at(Home::new()), Database::Sqlite(None))
    }

    /// The same on a server of its own.
    pub(crate) fn postgres() -> Self {
        let empty = Self::empty_postgres();
        Self::of(administered_at(empty.home), empty.database)
    }

    /// An empty database on a server of its own.
    pub(crate) fn empty_postgres() -> Self {
        let server = Postgres::start().unwrap();
        let name = server.database(None).unwrap();
        let home = Home::new().variable("DATABASE_URL", &server.url(&name));
        Self::of(home, Database::Postgres { server, name })
    }

    fn of(home: Home, database: Database) -> Self {
        Self {
            home,
            database,
            saved: None,
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.database, Database::Sqlite(_))
    }

    /// Keeps the database and the home as they are now, for [`Place::restore`].
    pub(crate) fn save(&mut self) {
        self.copy("home", "saved");
        if let Database::Postgres { server, name } = &self.database {
            self.saved = Some(server.database(Some(name)).unwrap());
        }
    }

    /// Database and home as they were saved.
    pub(crate) fn restore(&mut self) {
        self.copy("saved", "home");
        if let Database::Postgres { server, name } = &mut self.database {
            *name = server.database(self.saved.as_deref()).unwrap();
            self.home.set("DATABASE_URL", &server.url(name));
        }
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.home.path().join(from), self.home.path().join(to));
        run("rm", &["-rf"], &[&to]);
        run("cp", &["-a"], &[&from, &to]);
    }

    /// Changes rows with everything off that would refuse it.
    pub(crate) async fn edit(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(_) => {
                let mut file = self.file().await;
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                sql.execute(&mut file).await.unwrap();
                file.close().await.unwrap();
            }
            Database::Postgres { server, name } => {
                let sql = format!("SET session_replication_role = replica; {sql}");
                server.execute(name, &sql).unwrap();
            }
        }
    }

    /// The first column of every row, which is a text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        match &self.database {
            Database::Sqlite(_) => {
                let mut file = self.file().await;
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                let rows = sql.fetch_all(&mut file).await.unwrap();
                file.close().await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Database::Postgres { server, name } => {
                let rows = server.execute(name, sql).unwrap();
                rows.lines().map(str::to_owned).collect()
            }
        }
    }

    /// A connection that knows nothing of the program.
    async fn file(&self) -> SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.home.database())
            .foreign_keys(false)
            .pragma("ignore_check_constraints", "ON");
        options.connect().await.unwrap()
    }

    /// The stored prompts in order; every one has its answer.
    pub(crate) async fn prompts(&self) -> Vec<String> {
        let messages =
            "SELECT author || ' ' || content FROM messages ORDER BY conversation_id, sequence";
        let messages = self.rows(messages).await;
        let turns = messages.chunks(2).map(|pair| match pair {
            [prompt, answer] if answer.starts_with("assistant ") => {
                prompt.strip_prefix("user ").unwrap().to_owned()
            }
            _ => panic!("half a turn: {messages:?}"),
        });
        turns.collect()
    }

    /// Every row of every table, and what tables, columns and other objects there are.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let objects = if self.is_sqlite() {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1"
        } else {
            "SELECT relkind::text || ' ' || relname || ' ' || coalesce(string_agg(attname || ' ' || atttypid::regtype, ' ' ORDER BY attnum), '') \
             FROM pg_class c LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 \
             WHERE relnamespace = 'public'::regnamespace GROUP BY relkind, relname ORDER BY 1"
        };
        let mut all = self.rows(objects).await;
        all.extend(self.rows_of(&[]).await);
        all
    }

    /// Every row of these tables; without any, of all.
    pub(crate) async fn rows_of(&self, tables: &[&str]) -> Vec<String> {
        // A table's name, and a query for its rows.
        let queries = if self.is_sqlite() {
            r#"SELECT t.name || ' SELECT ' || group_concat('quote("' || c.name || '")', ' || '','' || ')
                   || ' FROM "' || t.name || '" ORDER BY 1'
               FROM sqlite_schema t JOIN pragma_table_info(t.name) c
               WHERE t.type = 'table' AND t.name NOT LIKE '%search%' GROUP BY t.name ORDER BY t.name"#
        } else {
            "SELECT format('%s SELECT t::text FROM %I t ORDER BY 1', tablename, tablename) \
             FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        };
        let mut all = Vec::new();
        for query in self.rows(queries).await {
            let (table, query) = query.split_once(' ').unwrap();
            if tables.is_empty() || tables.contains(&table) {
                all.push(table.to_owned());
                all.extend(self.rows(query).await);
            }
        }
        all
    }

    /// From now on nothing can be stored: another process holds the file, or the server is gone.
    pub(crate) async fn shut(&mut self) {
        let holder = if self.is_sqlite() {
            let mut file = self.file().await;
            let hold = sqlx::raw_sql("BEGIN IMMEDIATE");
            hold.execute(&mut file).await.unwrap();
            Some(file)
        } else {
            None
        };
        match &mut self.database {
            Database::Sqlite(held) => *held = holder,
            Database::Postgres { server, .. } => server.stop(Stop::Immediate).unwrap(),
        }
    }

    pub(crate) async fn reopen(&mut self) {
        match &mut self.database {
            Database::Sqlite(held) => held.take().unwrap().close().await.unwrap(),
            Database::Postgres { server, .. } => server.resume().unwrap(),
        }
    }
}

fn run(program: &str, options: &[&str], paths: &[&Path]) {
    let mut command = Command::new(program);
    let status = command.args(options).args(paths).status().unwrap();
    assert!(status.success(), "{program} {paths:?}");
}
