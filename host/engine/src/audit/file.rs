//! The audit trail as a file: one JSON object a line, mode 0600, only appended to.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::{AuditError, AuditEvent, AuditTrail, Kept, note};
use crate::hurry::Hurry;
use crate::ids::UserId;
use crate::log::Log;
use crate::private_file::{self, PrivateFileError};
use crate::storage::{NewTurn, Store};

/// Appends events to a file. Several processes may share it: every event is one append.
#[derive(Clone, Debug)]
pub struct FileTrail {
    path: PathBuf,
    file: Arc<Mutex<File>>,
    log: Log,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

impl FileTrail {
    /// Opens the file and makes its directory, closed to others. Free texts pass that log's redactors.
    ///
    /// # Errors
    /// When the directory or the file cannot be made, or is not this user's alone.
    pub fn open(path: &Path, log: Log) -> Result<Self, PrivateFileError> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            private_file::ensure_dir(dir)?;
        }
        let file = private_file::open_append(path)?;
        Ok(Self {
            path: path.to_owned(),
            file: Arc::new(Mutex::new(file)),
            log,
        })
    }

    fn append(&self, mut event: AuditEvent) -> Result<(), AuditError> {
        for text in event.free_texts() {
            text.0 = self.log.foreign(&text.0);
        }
        let failed = |reason: String| AuditError::File {
            path: self.path.clone(),
            reason,
        };
        let at = format!("{:.6}", Timestamp::now());
        let mut line = serde_json::to_vec(&Line { at, event: &event })
            .map_err(|error| failed(error.to_string()))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)
            .map_err(|error| failed(error.to_string()))?;
        if event.is_durable() {
            file.sync_data()
                .map_err(|error| failed(error.to_string()))?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl AuditTrail for FileTrail {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditError> {
        let trail = self.clone();
        // Waiting for the disk must not hold up other tasks.
        match tokio::task::spawn_blocking(move || trail.append(event)).await {
            Ok(result) => result,
            Err(_) => Err(AuditError::File {
                path: self.path.clone(),
                reason: "the writing task ended early".to_owned(),
            }),
        }
    }

    async fn end_turn(
        &self,
        store: &dyn Store,
        user: UserId,
        turn: NewTurn,
        mut ended: AuditEvent,
        _hurry: &Hurry,
    ) -> Kept {
        let kept = match store.append_turn(user, &turn).await {
            Ok(_) => Kept::Stored,
            Err(error) => {
                ended.not_stored();
                Kept::Lost(error)
            }
        };
        note(self, ended).await;
        kept
    }
}
