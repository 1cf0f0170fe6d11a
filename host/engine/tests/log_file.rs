//! The log and audit files: closed to others, kept within their size, free texts redacted.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use mini_llm_chat_engine::audit::{AuditEvent, AuditTrail, FileTrail, FreeText, PluginRef};
use mini_llm_chat_engine::log::{
    Cleaned, Destination, Format, Level, Log, LogConfig, Redact, Text,
};
use mini_llm_chat_engine::secrets::Secrets;

struct Unchanged;

impl Redact for Unchanged {
    fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Cleaned> {
        texts
            .iter()
            .map(|text| Cleaned {
                text: text.content.to_owned(),
                masked: 0,
                fault: None,
            })
            .collect()
    }
}

fn start(path: &Path) -> Log {
    let destination = Destination::File {
        path: path.to_owned(),
        max_bytes: 1_000,
        generations: 2,
    };
    let config = LogConfig {
        level: Level::Info,
        targets: Vec::new(),
        format: Format::Text,
        destination,
    };
    let secrets = Secrets::new();
    secrets.add("correct horse");
    let log = Log::start(&config, secrets).unwrap();
    log.attach(Arc::new(|| Box::new(Unchanged)));
    log
}

#[test]
fn full_files_become_generations_and_all_are_closed_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state/chat.log");
    let log = start(&path);
    tracing::dispatcher::with_default(&log.dispatch(), || {
        for number in 0..100 {
            tracing::info!(target: "mini_llm_chat::test", number, "a line");
        }
    });
    assert!(log.flush());
    let state = dir.path().join("state");
    let mut names = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["chat.log", "chat.log.1", "chat.log.2"]);
    for name in names {
        let metadata = fs::metadata(state.join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert!(metadata.len() <= 1_000);
    }
    assert!(fs::read_to_string(path).unwrap().ends_with("number=99\n"));
}

#[tokio::test]
async fn free_texts_of_the_audit_trail_pass_the_redactors_and_ids_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let log = start(&dir.path().join("chat.log"));
    let path = dir.path().join("audit.jsonl");
    let trail = FileTrail::open(&path, log).unwrap();
    let plugin = PluginRef {
        name: "company".to_owned(),
        digest: "0".repeat(64),
    };
    let reason = FreeText::new("said: correct horse\n{\"event\":\"forged\"}");
    trail
        .record(AuditEvent::PluginFaulted {
            plugin,
            call: "find".to_owned(),
            reason,
        })
        .await
        .unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["event"], "plugin-faulted");
    assert_eq!(value["plugin"]["digest"], "0".repeat(64));
    assert!(
        value["reason"]
            .as_str()
            .unwrap()
            .starts_with("said: [redacted:own-secret]\\n")
    );
}
