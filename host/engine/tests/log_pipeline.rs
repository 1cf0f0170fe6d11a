//! What an operator may rely on in the log: nothing reaches a sink unjudged, and a fault never stops it.
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::io;
use std::sync::{Arc, Mutex};

use mini_llm_chat_engine::log::{
    CRITICAL_TARGET, Cleaned, Destination, Format, Level, Log, LogConfig, Redact, Redacted,
    RedactorFactory, Sink, Text,
};
use mini_llm_chat_engine::secrets::Secrets;

const TARGET: &str = "mini_llm_chat::test";

/// Keeps lines in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Lines {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Sink for Lines {
    fn write(&mut self, line: &Redacted) -> io::Result<()> {
        self.0.lock().unwrap().push_str(line.as_str());
        Ok(())
    }
}

/// Replaces one word, unless it is told to fail.
#[derive(Clone, Copy)]
enum Double {
    Masks(&'static str),
    Panics,
    AnswersNothing,
    Logs,
}

impl Redact for Double {
    fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Cleaned> {
        let word = match *self {
            Self::Masks(word) => word,
            Self::Panics => std::panic::resume_unwind(Box::new("swordfish")),
            Self::AnswersNothing => return Vec::new(),
            Self::Logs => {
                tracing::error!(target: TARGET, "from inside");
                "swordfish"
            }
        };
        let clean = |text: &Text<'_>| Cleaned {
            text: text.content.replace(word, "[redacted:word]"),
            masked: u32::from(text.content.contains(word)),
            fault: None,
        };
        texts.iter().map(clean).collect()
    }
}

const MASKS: Double = Double::Masks("swordfish");

fn factory(double: Double) -> RedactorFactory {
    Arc::new(move || Box::new(double))
}

fn start(level: Level, format: Format) -> (Log, Lines) {
    let lines = Lines::default();
    let secrets = Secrets::new();
    secrets.add("correct horse");
    let config = LogConfig {
        level,
        targets: Vec::new(),
        format,
        destination: Destination::StandardError,
    };
    let log = Log::with_sink(&config, secrets, Box::new(lines.clone())).unwrap();
    (log, lines)
}

fn logged(log: &Log, raise: impl FnOnce()) {
    tracing::dispatcher::with_default(&log.dispatch(), raise);
    assert!(log.flush());
}

#[test]
fn own_secrets_and_found_secrets_are_masked_in_message_and_fields() {
    let (log, lines) = start(Level::Info, Format::Text);
    log.attach(factory(MASKS));
    logged(
        &log,
        || tracing::info!(target: TARGET, field = "swordfish", "correct horse and swordfish"),
    );
    let text = lines.text();
    assert!(
        text.contains("[redacted:own-secret] and [redacted:word] field=[redacted:word]"),
        "{text}"
    );
    assert!(
        !text.contains("swordfish") && !text.contains("horse"),
        "{text}"
    );
}

#[test]
fn records_wait_for_the_redactor() {
    let (log, lines) = start(Level::Info, Format::Text);
    logged(&log, || tracing::info!(target: TARGET, "early swordfish"));
    assert_eq!(lines.text(), "");
    log.attach(factory(MASKS));
    assert!(log.flush());
    assert!(lines.text().contains("early [redacted:word]"));
}

#[test]
fn without_a_redactor_the_end_shows_no_text() {
    let (log, lines) = start(Level::Info, Format::Text);
    logged(
        &log,
        || tracing::info!(target: TARGET, field = "swordfish", "early swordfish"),
    );
    assert!(log.close());
    let text = lines.text();
    assert!(
        text.contains(TARGET) && text.contains("[withheld:no-redactor] at "),
        "{text}"
    );
    assert!(text.contains(" field=[withheld:no-redactor]"), "{text}");
    assert!(
        !text.contains("swordfish") && !text.contains("fault"),
        "{text}"
    );
}

#[test]
fn a_masked_number_is_a_quoted_marker_in_json() {
    let (log, lines) = start(Level::Info, Format::Json);
    log.attach(factory(Double::Masks("4242")));
    logged(
        &log,
        || tracing::info!(target: TARGET, card = 4242, count = 3, "paid"),
    );
    let value: serde_json::Value = serde_json::from_str(&lines.text()).unwrap();
    assert_eq!(
        value["fields"],
        serde_json::json!({"card": "[redacted:word]", "count": 3})
    );
}

#[test]
fn a_redactor_that_dies_or_answers_nonsense_hides_the_text_and_the_log_goes_on() {
    for double in [Double::Panics, Double::AnswersNothing] {
        let (log, lines) = start(Level::Info, Format::Text);
        log.attach(factory(double));
        logged(
            &log,
            || tracing::info!(target: TARGET, field = "swordfish", "swordfish"),
        );
        log.attach(factory(MASKS));
        logged(&log, || tracing::info!(target: TARGET, "goes on"));
        let text = lines.text();
        assert!(
            text.contains("[redacted:fault] at ") && text.contains("goes on"),
            "{text}"
        );
        assert!(!text.contains("swordfish"), "{text}");
        assert_eq!(log.losses().faults, 1);
    }
}

#[test]
fn what_a_redactor_logs_is_counted_and_never_redacted_in_turn() {
    let (log, lines) = start(Level::Info, Format::Text);
    let inner = log.clone();
    log.attach(Arc::new(move || {
        // The subscriber of this test is not the writer thread's: give it the same one for good.
        std::mem::forget(tracing::dispatcher::set_default(&inner.dispatch()));
        Box::new(Double::Logs)
    }));
    logged(&log, || tracing::info!(target: TARGET, "outside"));
    assert!(lines.text().contains("outside") && !lines.text().contains("from inside"));
    assert_eq!(log.losses().dropped, 1);
}

#[test]
fn the_level_takes_effect_and_libraries_are_logged_from_warning_on() {
    let (log, lines) = start(Level::Debug, Format::Text);
    log.attach(factory(MASKS));
    logged(&log, || {
        tracing::debug!(target: TARGET, "own debug");
        tracing::trace!(target: TARGET, "own trace");
        tracing::info!(target: "library", "library info");
        tracing::warn!(target: "library", "library warning");
    });
    let text = lines.text();
    assert!(
        text.contains("own debug") && text.contains("library warning"),
        "{text}"
    );
    assert!(
        !text.contains("own trace") && !text.contains("library info"),
        "{text}"
    );
}

#[test]
fn critical_shows_only_what_is_critical() {
    let (log, lines) = start(Level::Critical, Format::Text);
    log.attach(factory(MASKS));
    logged(&log, || {
        tracing::error!(target: TARGET, "an error");
        tracing::error!(target: CRITICAL_TARGET, "the end");
    });
    let text = lines.text();
    assert!(
        text.contains("CRITICAL") && text.contains("the end") && !text.contains("an error"),
        "{text}"
    );
}

#[test]
fn foreign_text_is_masked_printable_and_one_line() {
    let (log, _) = start(Level::Info, Format::Text);
    assert!(
        !log.foreign("swordfish").contains("swordfish"),
        "without a redactor it is withheld"
    );
    log.attach(factory(MASKS));
    let shown = log.foreign("swordfish\r\n\u{1b}[2J correct horse");
    assert_eq!(
        shown,
        "[redacted:word]\\r\\n\\u{1b}[2J [redacted:own-secret]"
    );
}

#[test]
fn a_flood_costs_lines_and_never_the_order() {
    let (log, lines) = start(Level::Info, Format::Text);
    log.attach(factory(MASKS));
    logged(&log, || {
        for number in 0..5_000 {
            tracing::info!(target: TARGET, number, "flood");
        }
    });
    let text = lines.text();
    let numbers = text
        .lines()
        .map(|line| line.rsplit('=').next().unwrap().parse::<u64>().unwrap())
        .collect::<Vec<_>>();
    assert!(numbers.is_sorted());
    assert_eq!(numbers.len() as u64 + log.losses().dropped, 5_000);
}
