//! The one connection to an SQLite database.
//!
//! A pool asks a connection whether it is still there each time that it is given back: a change of threads for each
//! statement. This one stays open, and keeps its pages between calls.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt};
use sqlx::sqlite::{SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement};
use sqlx::sqlite::{SqliteConnection, SqliteTypeInfo};
use sqlx::{
    ConnectOptions, Connection as _, Describe, Either, Error, Execute, Executor, SqlStr, Sqlite,
};
use tokio::runtime::Handle;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

/// Made at its first use. A database in memory lives as long as it. Clones share it.
#[derive(Clone)]
pub(super) struct Connection(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    /// How long to wait for another call to end.
    patience: Duration,
    state: Mutex<State>,
}

enum State {
    NotYet,
    Open(Open),
    Closed,
}

struct Open {
    connection: SqliteConnection,
    /// A transaction was begun and not ended, or its beginning or end was given up.
    in_transaction: bool,
}

/// The connection in the hands of one call.
pub(super) struct Held<'a>(MappedMutexGuard<'a, Open>);

/// A transaction that holds the write lock from its beginning. Dropped, it is rolled back at once, in a task: others wait
/// for the lock.
pub(super) struct Write<'a> {
    held: Held<'a>,
    connection: &'a Connection,
}

impl Connection {
    pub(super) fn new(options: SqliteConnectOptions, patience: Duration) -> Self {
        Self(Arc::new(Shared {
            options,
            patience,
            state: Mutex::new(State::NotYet),
        }))
    }

    /// Waits until no other call uses it.
    pub(super) async fn acquire(&self) -> Result<Held<'_>, Error> {
        let mut state = self.lock().await?;
        if matches!(*state, State::NotYet) {
            *state = State::Open(Open {
                connection: self.0.options.connect().await?,
                in_transaction: false,
            });
        }
        let open = MutexGuard::try_map(state, |state| match state {
            State::Open(open) => Some(open),
            State::NotYet | State::Closed => None,
        });
        let mut open = open.map_err(|_| Error::PoolClosed)?;
        if open.in_transaction {
            // Fails where it had not begun or was ended already.
            let _ = sqlx::query("ROLLBACK").execute(&mut open.connection).await;
            open.in_transaction = false;
        }
        Ok(Held(open))
    }

    pub(super) async fn write(&self) -> Result<Write<'_>, Error> {
        let mut write = Write {
            held: self.acquire().await?,
            connection: self,
        };
        write.held.0.in_transaction = true;
        if let Err(error) = sqlx::query("BEGIN IMMEDIATE").execute(&mut *write).await {
            write.held.0.in_transaction = false;
            return Err(error);
        }
        Ok(write)
    }

    /// Nothing is done with it any more.
    pub(super) async fn close(&self) {
        let Ok(mut state) = self.lock().await else {
            return;
        };
        if let State::Open(open) = std::mem::replace(&mut *state, State::Closed) {
            // What was confirmed is stored without it.
            let _ = open.connection.close().await;
        }
    }

    async fn lock(&self) -> Result<MutexGuard<'_, State>, Error> {
        tokio::time::timeout(self.0.patience, self.0.state.lock())
            .await
            .map_err(|_| Error::PoolTimedOut)
    }
}

impl Write<'_> {
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.held.0.in_transaction = false;
        Ok(())
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if self.held.0.in_transaction
            && let Ok(runtime) = Handle::try_current()
        {
            let connection = self.connection.clone();
            // Whoever comes first rolls it back; where nobody else comes it is this.
            runtime.spawn(async move { connection.acquire().await.map(drop) });
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Deref for Held<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.0.connection
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }
}

impl Deref for Write<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.held
    }
}

impl DerefMut for Write<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.held
    }
}

/// One query in the connection's turn, read to its end.
impl<'c> Executor<'c> for &'c Connection {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let steps = async move {
            let mut held = self.acquire().await?;
            let steps: Vec<_> = held.fetch_many(query).try_collect().await?;
            Ok(stream::iter(steps).map(Ok))
        };
        steps.try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<SqliteRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        async move { self.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, Error>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Sqlite>, Error>>
    where
        'c: 'e,
    {
        async move { self.acquire().await?.describe(sql).await }.boxed()
    }
}
