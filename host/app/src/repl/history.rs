//! What was typed, across sessions: one JSON string a line, in a file of this user's alone.
//!
//! The line editor writes what it gets to the terminal as it is, so an entry has its control characters made
//! visible before it goes in, and again when it comes from the file.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use mini_llm_chat_engine::private_file;
use mini_llm_chat_sandbox::printable;

/// Entries that are offered again.
pub(super) const ENTRIES: usize = 1_000;

/// Most bytes of the file that are read. A larger one is begun anew.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The history file; nowhere for a chat in memory.
pub(super) struct History {
    path: Option<PathBuf>,
}

impl History {
    pub(super) const fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }

    /// The newest entries, oldest first. A file that cannot be used gives none, and says so in the log.
    pub(super) fn load(&self) -> Vec<String> {
        let Some(path) = self.path.as_deref().filter(|path| path.exists()) else {
            return Vec::new();
        };
        let file = match private_file::open_read(path) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, "the input history is not used");
                return Vec::new();
            }
        };
        if file
            .metadata()
            .is_ok_and(|metadata| metadata.len() > MAX_BYTES)
        {
            std::fs::remove_file(path).ok();
            return Vec::new();
        }
        let lines = BufReader::new(file).lines().map_while(Result::ok);
        let mut entries: Vec<String> = lines
            .filter_map(|line| serde_json::from_str::<String>(&line).ok())
            .map(|entry| shown(&entry))
            .collect();
        entries.drain(..entries.len().saturating_sub(ENTRIES));
        entries
    }

    /// Adds an entry. That it cannot be written is a line in the log.
    pub(super) fn append(&self, entry: &str) {
        let Some(path) = &self.path else { return };
        let written = private_file::open_append(path)
            .map_err(|error| error.to_string())
            .and_then(|mut file| {
                let line = serde_json::to_string(entry).map_err(|error| error.to_string())?;
                writeln!(file, "{line}").map_err(|error| error.to_string())
            });
        if let Err(reason) = written {
            tracing::warn!(reason, "the input history was not written");
        }
    }
}

/// A text as the line editor may show it.
pub(super) fn shown(text: &str) -> String {
    printable::block(text).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn entries_come_back_in_order_and_without_control_characters() {
        let home = tempfile::tempdir().unwrap();
        let history = History::new(Some(home.path().join("history")));
        assert!(history.load().is_empty());
        history.append("one\ntwo");
        history.append("\u{1b}]52;c;aGk=\u{7}");
        assert_eq!(history.load(), ["one\ntwo", "\\u{1b}]52;c;aGk=\\u{7}"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_neither_read_nor_written_through() {
        let home = tempfile::tempdir().unwrap();
        let (link, other) = (home.path().join("history"), home.path().join("other"));
        std::fs::write(&other, "\"planted\"\n").unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        let history = History::new(Some(link));
        history.append("typed");
        assert!(history.load().is_empty());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "\"planted\"\n");
    }
}
