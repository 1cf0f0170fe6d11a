//! A secret in an answer, split between two deltas at every position, is masked on the screen and on disk.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use mock_openai::{MockServer, PLANTED_KEY, Script, Split};
use support::Home;

const BEFORE: &str = "Use this key: ";
const AFTER: &str = "\nand keep it to yourself.";
const MARK: &str = "[redacted:openai-api-key]";

/// So much of a key in one piece tells something about it; its prefix alone does not.
const PIECE_BYTES: usize = 8;

/// Where in `text` a piece of the key can be read.
fn piece_of_key(text: &[u8]) -> Option<&'static str> {
    let secret = PLANTED_KEY.strip_prefix("sk-").unwrap();
    let starts = 0..=secret.len() - PIECE_BYTES;
    let mut pieces = starts.map(|start| &secret[start..start + PIECE_BYTES]);
    pieces.find(|piece| {
        let mut windows = text.windows(PIECE_BYTES);
        windows.any(|window| window == piece.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_split_at_every_position_is_never_shown_or_kept() {
    let server = MockServer::start(Script::default()).await.unwrap();
    let answer = format!("{BEFORE}{PLANTED_KEY}{AFTER}");
    let mut splits: Vec<Split> = (1..answer.len()).map(Split::At).collect();
    splits.extend([Split::Whole, Split::Words, Split::Chars(1), Split::Chars(7)]);
    let mut lines = Vec::new();
    for (turn, split) in splits.iter().enumerate() {
        server.enqueue(Script::answer(&answer).split(split.clone()));
        lines.push(format!("question {turn}"));
        // Without history each turn costs the same.
        lines.push("clear".to_owned());
    }
    // The last answer comes from the cache too, after it was masked.
    lines.push(format!("question {}", splits.len() - 1));
    let home = Home::new();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let run = home.chat(&server, &lines);

    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(server.requests().len(), splits.len());
    let shown = format!("AI: {BEFORE}{MARK}{AFTER}\n");
    let answers: Vec<_> = run.out.match_indices(&shown).collect();
    assert_eq!(answers.len(), splits.len(), "{}", run.out);
    assert!(run.out.ends_with(&shown.replace("AI:", "AI (cached):")));
    assert_eq!(piece_of_key(run.out.as_bytes()), None);
    for (path, bytes) in home.files() {
        assert_eq!(piece_of_key(&bytes), None, "{}", path.display());
    }
    assert!(!home.files_with(MARK).is_empty(), "nothing was stored");
}

/// A key of no known form: only the process itself knows what it is.
const OWN: &str = "quiet.river.lantern.of.1947";

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_process_is_masked_however_a_server_echoes_it() {
    let server = MockServer::start(Script::default()).await.unwrap();
    let answer = format!("You sent {OWN}, did you?");
    let mut splits: Vec<Split> = (1..answer.len()).map(Split::At).collect();
    splits.extend([Split::Whole, Split::Chars(1), Split::Chars(5)]);
    let mut lines = Vec::new();
    for (turn, split) in splits.iter().enumerate() {
        server.enqueue(Script::answer(&answer).split(split.clone()));
        lines.push(format!("question {turn}"));
        lines.push("clear".to_owned());
    }
    let mut home = Home::new();
    home.set("OPENAI_API_KEY", OWN);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let run = home.chat(&server, &lines);

    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let shown = "AI: You sent [redacted:own-secret], did you?\n";
    assert_eq!(run.out.matches(shown).count(), splits.len(), "{}", run.out);
    let halves = [&OWN[..PIECE_BYTES], &OWN[OWN.len() - PIECE_BYTES..]];
    for half in [OWN, halves[0], halves[1]] {
        assert!(!run.out.contains(half), "{}", run.out);
        assert!(home.files_with(half).is_empty(), "{half}");
    }
}

/// Half a key is nothing that a rule finds; only that it may go on tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_server_cuts_short_is_withheld_and_the_person_is_told() {
    for fault in [
        mock_openai::Fault::Length,
        mock_openai::Fault::ContentFilter,
        mock_openai::Fault::UnknownFinish,
    ] {
        let half = format!("{BEFORE}{}", &PLANTED_KEY[..3 + PIECE_BYTES]);
        let mut script = Script::answer(half).split(Split::Chars(4));
        script.fault = Some(fault);
        let server = MockServer::start(script).await.unwrap();
        let home = Home::new();
        let run = home.chat(&server, &["hello"]);
        let told = format!("{}{}", run.out, run.err);
        assert_eq!(piece_of_key(told.as_bytes()), None, "{fault}: {run:?}");
        assert!(
            told.contains("the end of the answer was withheld"),
            "{fault}: {run:?}"
        );
        for (path, bytes) in home.files() {
            assert_eq!(piece_of_key(&bytes), None, "{}", path.display());
        }
        let stored = home.stored().await;
        assert!(stored[1].partial, "{fault}: {stored:?}");
    }
}

/// A stop in the middle of a secret must not release what was held back.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_end_of_the_stream_cuts_is_not_shown() {
    for fault in [
        mock_openai::Fault::EndMidStream,
        mock_openai::Fault::CutMidStream,
    ] {
        let half = format!("{BEFORE}{PLANTED_KEY}");
        let mut script = Script::answer(half).split(Split::Chars(4));
        script.fault = Some(fault);
        let server = MockServer::start(script).await.unwrap();
        let home = Home::new();
        let run = home.chat(&server, &["hello"]);
        assert_eq!(piece_of_key(run.out.as_bytes()), None, "{run:?}");
        for (path, bytes) in home.files() {
            assert_eq!(piece_of_key(&bytes), None, "{}", path.display());
        }
    }
}
