//! The SQLite file: private from its first byte, and left alone when it is not ours or not usable.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::ids::ConversationId;
use mini_llm_chat_engine::storage::{
    Conversations, Location, SqliteStore, Store, Turns, migrate, open, revert, status,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use storage::{message, policies, start, turn};

const TIMEOUT: Duration = Duration::from_millis(200);

struct Place {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data/chat.db");
    Place {
        _directory: directory,
        path,
    }
}

async fn open_at(path: &Path) -> Result<SqliteStore, EngineError> {
    open(&Location::File(path.to_owned()), TIMEOUT).await
}

async fn refusal(path: &Path) -> EngineError {
    match open_at(path).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

/// A connection that knows nothing of the store.
async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn directory_database_log_and_index_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.path.parent().unwrap()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(place.path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["chat.db", "chat.db-shm", "chat.db-wal"]);
}

#[cfg(unix)]
#[tokio::test]
async fn what_others_can_reach_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    let chmod =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();

    chmod(&place.path, 0o640);
    assert!(refusal(&place.path).await.to_string().contains("chmod 600"));
    chmod(&place.path, 0o600);

    chmod(place.path.parent().unwrap(), 0o770);
    assert!(
        refusal(&place.path)
            .await
            .to_string()
            .contains("chmod go-w")
    );
    chmod(place.path.parent().unwrap(), 0o700);

    let link = place.path.with_file_name("link.db");
    symlink(&place.path, &link).unwrap();
    assert!(refusal(&link).await.to_string().contains("it is a link"));

    let log = place.path.with_file_name("chat.db-wal");
    symlink("/dev/null", &log).unwrap();
    assert!(
        refusal(&place.path)
            .await
            .to_string()
            .contains("it is a link")
    );
    fs::remove_file(&log).unwrap();

    let second = place.path.with_file_name("second.db");
    fs::hard_link(&place.path, &second).unwrap();
    assert!(
        refusal(&place.path)
            .await
            .to_string()
            .contains("second name")
    );
    fs::remove_file(&second).unwrap();

    let directory = place.path.with_file_name("directory.db");
    fs::create_dir(&directory).unwrap();
    assert!(
        refusal(&directory)
            .await
            .to_string()
            .contains("not a regular file")
    );
    open_at(&place.path).await.unwrap();
}

#[tokio::test]
async fn a_text_file_is_refused_and_left_as_it_is() {
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    fs::write(&place.path, "dear diary").unwrap();
    let error = refusal(&place.path).await;
    assert!(matches!(error, EngineError::StorageCorrupt { .. }));
    assert!(error.to_string().contains("not an SQLite database"));
    assert_eq!(fs::read(&place.path).unwrap(), b"dear diary");
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let place = place();
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap();
    store.close().await;
    let whole = fs::read(&place.path).unwrap();

    let torn = &whole[..whole.len() / 2];
    fs::write(&place.path, torn).unwrap();
    let error = refusal(&place.path).await;
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(fs::read(&place.path).unwrap(), torn);

    let mut scribbled = whole.clone();
    scribbled[100..4096].fill(0x5a);
    fs::write(&place.path, &scribbled).unwrap();
    let error = refusal(&place.path).await;
    assert!(
        matches!(error, EngineError::StorageCorrupt { .. }),
        "{error}"
    );
    assert_eq!(fs::read(&place.path).unwrap(), scribbled);
}

#[tokio::test]
async fn another_programs_database_is_refused_and_left_as_it_is() {
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    fs::write(&place.path, b"").unwrap();
    let mut other = raw(&place.path).await;
    sqlx::query("CREATE TABLE bookmarks (url TEXT)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = fs::read(&place.path).unwrap();
    assert!(
        refusal(&place.path)
            .await
            .to_string()
            .contains("another program")
    );
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_both_versions() {
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    let mut other = raw(&place.path).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations VALUES (9000, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0)",
    )
    .execute(&mut other)
    .await
    .unwrap();
    other.close().await.unwrap();
    let error = refusal(&place.path).await;
    assert!(
        matches!(error, EngineError::StorageNewer { found: 9000, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("use a newer mini-llm-chat"));
}

#[tokio::test]
async fn an_empty_file_and_a_missing_one_become_a_database() {
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    fs::write(&place.path, b"").unwrap();
    open_at(&place.path).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn a_log_without_its_database_is_not_thrown_away() {
    let place = place();
    open_at(&place.path).await.unwrap().close().await;
    let log = place.path.with_file_name("chat.db-wal");
    fs::rename(&place.path, &log).unwrap();
    assert!(
        refusal(&place.path)
            .await
            .to_string()
            .contains("it is missing")
    );
    assert!(log.exists() && !place.path.exists());
}

#[tokio::test]
async fn a_locked_database_is_a_clear_error_after_the_timeout() {
    let place = place();
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    let mut other = raw(&place.path).await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::StorageLocked {
                action: "store the turn",
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("locked"));
    assert_eq!(
        store.current(user).await.unwrap().messages,
        0,
        "readers do not wait"
    );
    drop(lock);
    other.close().await.unwrap();
    store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap();
}

#[tokio::test]
async fn two_first_starts_migrate_once() {
    let place = place();
    let at_once = (0..8).map(|_| {
        let location = Location::File(place.path.clone());
        tokio::spawn(async move { open(&location, Duration::from_secs(10)).await })
    });
    let mut users = Vec::new();
    for opened in at_once.collect::<Vec<_>>() {
        users.push(start(&opened.await.unwrap().unwrap()).await);
    }
    users.dedup();
    assert_eq!(users.len(), 1);
    let state = status(&place.path, TIMEOUT).await.unwrap();
    assert_eq!((state.version, state.pending.len()), (state.latest, 0));
}

#[tokio::test]
async fn migrations_are_reversible() {
    let place = place();
    let full = migrate(&place.path, TIMEOUT).await.unwrap();
    assert_eq!((full.version, full.pending.len()), (full.latest, 0));
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap();
    store.close().await;
    assert!(matches!(
        revert(&place.path, 8999, TIMEOUT).await,
        Err(EngineError::Invalid(_))
    ));
    let none = revert(&place.path, 0, TIMEOUT).await.unwrap();
    assert_eq!((none.version, none.latest), (0, full.latest));
    assert!(!none.pending.is_empty());
    assert_eq!(migrate(&place.path, TIMEOUT).await.unwrap(), full);
    let store = open_at(&place.path).await.unwrap();
    assert_eq!(
        store.current(start(&store).await.0).await.unwrap().messages,
        0
    );
}

#[tokio::test]
async fn status_of_a_missing_file_makes_nothing() {
    let place = place();
    assert!(status(&place.path, TIMEOUT).await.is_err());
    assert!(!place.path.exists());
}

#[tokio::test]
async fn a_conversation_goes_on_after_a_restart() {
    let place = place();
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    store
        .append_turn(user, &turn(conversation, "q", "a"))
        .await
        .unwrap();
    store.close().await;
    let store = open_at(&place.path).await.unwrap();
    assert_eq!(start(&store).await, (user, conversation));
    storage::clear(&store, user).await;
    store.close().await;
    let store = open_at(&place.path).await.unwrap();
    assert_ne!(start(&store).await, (user, conversation));
}

#[tokio::test]
async fn replaced_and_removed_text_is_in_no_byte_of_the_files() {
    let place = place();
    let store = open_at(&place.path).await.unwrap();
    let (user, conversation) = start(&store).await;
    let secret = "xylophonequux".repeat(3);
    let sequence = store
        .append_turn(user, &turn(conversation, &secret, "noted"))
        .await
        .unwrap()
        .sequence;
    store
        .replace_text(user, conversation, sequence, &message("[redacted:word]"))
        .await
        .unwrap();
    store
        .mark_judged(user, conversation, &[sequence + 1], &policies('b'))
        .await
        .unwrap();
    store
        .append_turn(user, &turn(conversation, "next", &secret))
        .await
        .unwrap();
    store.undo(user, conversation, None).await.unwrap();
    let bytes = |name: &str| fs::read(place.path.with_file_name(name)).unwrap();
    for name in ["chat.db", "chat.db-wal", "chat.db-shm"] {
        let found = bytes(name)
            .windows(12)
            .any(|window| window.eq_ignore_ascii_case(&secret.as_bytes()[..12]));
        assert!(!found, "{name}");
    }
}

#[tokio::test]
async fn a_write_that_is_refused_half_way_frees_the_lock_at_once() {
    let place = place();
    let one = open_at(&place.path).await.unwrap();
    let other = open_at(&place.path).await.unwrap();
    let (user, _) = start(&one).await;
    let refused = one.resume(user, ConversationId::new()).await;
    assert!(matches!(refused, Err(EngineError::NotFound { .. })));
    // Nobody asks the first store for anything.
    other.begin(user).await.unwrap();
}
