//! Private keys whose lines each have something around them: records of JSON, colours, line ends spelled out.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{rules, shown_by_stream, shown_whole};
use mini_llm_chat_redaction_rules::{Rules, SourceState};

const BEGIN: &str = "-----BEGIN RSA PRIVATE KEY-----";
const END: &str = "-----END RSA PRIVATE KEY-----";
const BODY: [&str; 4] = [
    "RmFrZ0Ek/2V5RmFr+UZha2VGYWtlRmFrZTBmYWtl/mFrZUZha2VGYWtlRmFrZUZh",
    "Zha2VGYW/lRmFrZUZha2VG+WtlRmFrZUZha2VGYWtlRmF1ZUZha2VGYWtlRmFrZU",
    "9rZUZha2VGYWtlRmFrZUZha2/GYWtlRmFrZUZha+VGYWtlRmFrZUZha2VGYWtlRm",
    "RmFrZUZha2V0aGVlbmQ=",
];

fn lines() -> impl Iterator<Item = &'static str> {
    [BEGIN].into_iter().chain(BODY).chain([END])
}

fn each(wrap: impl Fn(&str) -> String, joint: &str) -> String {
    lines().map(wrap).collect::<Vec<_>>().join(joint)
}

fn joined(joint: &str) -> String {
    each(str::to_owned, joint)
}

/// The key in the forms that it takes in logs, pages and addresses, all in one text.
fn forms() -> Vec<String> {
    let address = |space: &str| {
        let text = joined("\n").replace('+', "%2B").replace('/', "%2F");
        let text = text.replace('=', "%3D").replace('\n', "%0A");
        text.replace(' ', space)
    };
    let record = |line: &str| format!("{{\"log\":\"{line}\\n\",\"stream\":\"stdout\"}}");
    let logged = |line: &str| format!("2030-01-02T03:04:05.678Z INFO setup: {line}");
    vec![
        joined("\n"),
        joined("#012"),
        joined("\\012"),
        joined("\\u000a"),
        joined("\\x0a"),
        joined("<br>"),
        joined("<br/>\n"),
        joined("&#10;"),
        joined("\0\n"),
        joined(" | "),
        joined("\\n").replace('/', "\\/"),
        joined("\\n").replace('+', "\\u002B"),
        joined("\\\\n").replace('/', "\\\\/"),
        joined("%0A"),
        address("%20"),
        address("+"),
        each(record, "\n"),
        each(logged, "\n"),
        each(|line| format!("\x1b[32m{line}\x1b[0m"), "\n"),
        each(|line| format!("'{line}'"), ", "),
        each(|line| format!("\"{line}\""), ", "),
        each(|line| format!("    <line n=\"1\">{line}</line>"), "\n"),
    ]
}

/// A part of the body that can be seen, in twelve bytes or more.
fn leak(shown: &str) -> Option<&str> {
    let parts = BODY.iter().flat_map(|line| line.as_bytes().windows(12));
    let mut parts = parts.map(|part| std::str::from_utf8(part).unwrap());
    parts.find(|part| shown.contains(part))
}

#[test]
fn no_form_shows_a_line_of_the_body() {
    let rules = rules();
    for form in forms() {
        let text = format!("so, {form} and then more words follow.");
        let shown = shown_whole(&rules, &text);
        assert_eq!(leak(&shown), None, "{text} -> {shown}");
        assert!(shown.starts_with("so, "), "{shown}");
        assert!(shown.ends_with(" and then more words follow."), "{shown}");
    }
}

#[test]
fn every_split_point_of_every_form_shows_the_same() {
    let rules = rules();
    for form in forms() {
        let text = format!("so, {form} and then more words follow.");
        let whole = shown_by_stream(&rules, &[&text]);
        assert_eq!(leak(&whole), None, "{text} -> {whole}");
        for at in 1..text.len() {
            let (left, right) = text.split_at(at);
            assert_eq!(
                shown_by_stream(&rules, &[left, right]),
                whole,
                "split before {right:?}"
            );
        }
        let bytewise: Vec<&str> = text.split_inclusive(|_| true).collect();
        assert_eq!(
            shown_by_stream(&rules, &bytewise),
            whole,
            "one character at a time"
        );
    }
}

/// Masks of the records of one source, applied.
fn records(rules: &Rules, records: &[String]) -> Vec<String> {
    let mut state = SourceState::default();
    let shown = records.iter().map(|record| {
        let mut found = Vec::new();
        rules.find(record, &mut state, &mut found);
        let mut shown = record.clone();
        for one in found.iter().rev() {
            shown.replace_range(one.start..one.end, "***");
        }
        shown
    });
    shown.collect()
}

fn wrapped(wrap: impl Fn(usize, &str) -> String) -> Vec<String> {
    let after = ["done", "next request"];
    let all = lines().chain(after).enumerate();
    all.map(|(at, line)| wrap(at, line)).collect()
}

/// A line of a key by its number, as it stands in a log.
type Form<'a> = &'a dyn Fn(usize, &str) -> String;

#[test]
fn one_record_a_line_hides_the_line_and_no_more() {
    let rules = rules();
    let long = "\"x\":1,".repeat(100);
    let forms: [Form<'_>; 12] = [
        &|_, line| line.to_owned(),
        &|_, line| format!("{{\"log\":\"{line}\"}}"),
        &|at, line| format!("{{\"log\":\"{line}\\n\",\"time\":\"2030-01-02T03:04:0{at}Z\"}}"),
        &|at, line| format!("2030-01-02T03:04:0{at}.678Z INFO setup: {line}"),
        &|_, line| format!("\x1b[32m| {line}\x1b[0m"),
        &|_, line| format!("time=\"2030-01-02\" level=info msg=\"{line}\""),
        &|at, line| format!("{} ts=\"0.{}\" msg=\"{line}\"", at * 7, at * 911),
        &|_, line| format!("b'{line}\\n'"),
        &|_, line| format!("    \"{line}\\n\","),
        &|_, line| format!("{line}<br>"),
        &|_, line| format!("ConnectionPoolManager: {line}"),
        &|_, line| format!("{{\"log\":\"{line}\\n\",{long}\"stream\":\"stdout\"}}"),
    ];
    for wrap in forms {
        let shown = records(&rules, &wrapped(wrap));
        let wanted = lines().chain(["done", "next request"]).enumerate();
        let wanted = wanted.map(|(at, line)| {
            let line = if BODY.contains(&line) { "***" } else { line };
            wrap(at, line)
        });
        assert_eq!(shown, wanted.collect::<Vec<_>>());
    }
}

#[test]
fn narrow_lines_are_hidden_alone_and_behind_the_prefix_of_a_log() {
    let rules = rules();
    let body: String = BODY[..3].concat();
    for (width, prefix) in [
        (16, ""),
        (24, ""),
        (32, ""),
        (32, "INFO setup: "),
        (39, "app | "),
    ] {
        let lines = body
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap());
        let all = [BEGIN]
            .into_iter()
            .chain(lines.clone())
            .chain([END, "done"]);
        let all: Vec<String> = all.map(|line| format!("{prefix}{line}")).collect();
        let shown = records(&rules, &all);
        let hidden = shown.iter().filter(|line| line.ends_with("***")).count();
        assert_eq!(hidden, lines.count(), "{width}: {shown:?}");
        assert!(shown.ends_with(&all[all.len() - 2..]));
    }
}

#[test]
fn strange_records_do_not_end_a_key() {
    let rules = rules();
    let text = [
        BEGIN,
        BODY[0],
        "Can't connect",
        "time=\"2030\" msg=\"x\"",
        BODY[1],
        BODY[2],
        END,
    ];
    let shown = records(&rules, &text.map(str::to_owned));
    assert_eq!(leak(&shown.concat()), None);
    assert_eq!(shown[2..4], text[2..4]);
}

#[test]
fn what_only_looks_like_a_body_is_shown() {
    let rules = rules();
    let digest =
        "\"sha512-Zm9vYmFyQkFaMTIzZm9vYmFyQkFaMTIzZm9vYmFyQkFaMTIzZm9vYmFyQkFaMTIzZm9vYmFy\"";
    let mut log = vec![format!("ERROR expected {BEGIN} at line 1")];
    log.extend((0..30).map(|_| format!("  integrity {digest}")));
    assert_eq!(records(&rules, &log), log);
    for text in [
        "grep -rl \"-----BEGIN PRIVATE KEY-----\" /etc".to_owned(),
        "-----BEGIN PRIVATE KEY-----\nUsage: put the key here".to_owned(),
        "{\"key\":\"-----BEGIN PRIVATE KEY-----\\n***\",\"etag\":\"Zm9vYmFyQkFaMTIzZm9vYmFyQkFaMTIzZm9vYmFyQkFaMTIz\"}".to_owned(),
        "-----BEGIN PRIVATE KEY----- is not in ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake0Fake1Fake2Fake3Fake4Fake5".to_owned(),
    ] {
        assert_eq!(shown_whole(&rules, &text), text);
    }
}

#[test]
fn a_key_without_an_end_does_not_hide_the_words_after_it() {
    let rules = rules();
    let log = |line: &str| format!("2030-01-02T03:04:05.678Z INFO setup: {line}");
    let mut text = vec![log(BEGIN), log(BODY[0]), log(BODY[1])];
    text.extend((0..40).map(|_| log("connection closed by peer")));
    let shown = records(&rules, &text);
    assert_eq!(leak(&shown.concat()), None);
    assert_eq!(shown[3..], text[3..]);
}

#[test]
fn what_stands_behind_a_begin_line_in_prose_is_shown_and_looked_at() {
    let rules = rules();
    let text = format!(
        "a file begins with {BEGIN}, see /usr/share/doc/openssl/examples/Of_2026/README and \
         4f0c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b; password=Fake-pass9 was in it"
    );
    let shown = shown_whole(&rules, &text);
    assert_eq!(shown, shown_by_stream(&rules, &[&text]));
    assert!(!shown.contains("Fake-pass9"), "{shown}");
    assert!(shown.contains("examples/Of_2026/README"), "{shown}");
    assert!(
        shown.contains("4f0c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b"),
        "{shown}"
    );
}

#[test]
fn a_token_behind_an_escape_is_hidden() {
    let rules = rules();
    let token = "ghp_0Fake1Fake2Fake3Fake4Fake5Fake6Fa";
    for escape in [
        "\x1b[31m",
        "\x1b[38:5:196m",
        "\u{9b}31m",
        "^[[31m",
        "#033[31m",
        "#011",
        "\\033[31m",
        "\\e[31m",
        "\\x1b[31m",
        "\\u001b[31m",
        "\\x09",
        "\\x00",
        "\\011",
        "\\0",
        "\\v",
        "\\f",
        "\\n",
        "\\t",
    ] {
        let text = format!("so, {escape}{token} and then more words follow.");
        let shown = shown_whole(&rules, &text);
        assert!(!shown.contains("Fake3Fake4"), "{text:?} -> {shown:?}");
        for at in (1..text.len()).filter(|&at| text.is_char_boundary(at)) {
            let (left, right) = text.split_at(at);
            assert_eq!(
                shown_by_stream(&rules, &[left, right]),
                shown,
                "before {right:?}"
            );
        }
    }
}

#[test]
fn base64_of_a_secret_behind_an_escape_is_hidden() {
    let rules = rules();
    for escape in [
        "\x1b[31m", "\\n", "\\t", "\\u003d", "%3D", "\\x09", "#011", "\\0", "\\v",
    ] {
        let text = format!("x{escape}cGFzc3dvcmQ9RmFrZS1wYXNzOXRlcg== end");
        let shown = shown_whole(&rules, &text);
        assert!(!shown.contains("RmFrZS1wYXNz"), "{text:?} -> {shown:?}");
    }
}

#[test]
fn a_coloured_field_hides_its_value() {
    let rules = rules();
    let text = "\x1b[3mapi_key\x1b[0m\x1b[2m=\x1b[0m\"Fake0Zt7q_Fa1keX9w2\" \x1b[3muser\x1b[0m\x1b[2m=\x1b[0m\"jo\"";
    let shown = shown_whole(&rules, text);
    assert!(!shown.contains("Zt7q_Fa1ke"), "{shown:?}");
    assert!(shown.ends_with("\"jo\""), "{shown:?}");
}

#[test]
fn the_label_may_be_written_in_any_way() {
    let rules = rules();
    for label in [
        " RSA\u{a0}PRIVATE\u{a0}KEY",
        " RSA\tPRIVATE KEY",
        " \u{1b}[1mRSA\u{1b}[0m PRIVATE KEY",
        " <b>RSA</b> PRIVATE KEY",
        " RSA PRIVATE KEY (1/2)",
        " 'PRIVATE KEY",
        "\\u0020RSA\\u0020PRIVATE\\u0020KEY",
        "\\ RSA\\ PRIVATE\\ KEY",
        "\\x20RSA\\x20PRIVATE\\x20KEY",
        "&nbsp;PRIVATE&nbsp;KEY",
        "  PRIVATE  KEY",
        " PGP PRIVATE KEY BLOCK",
        " OpenVPN Static key V1",
    ] {
        let text = format!("-----BEGIN{label}-----\n{}\n{END}\ndone", BODY.join("\n"));
        let shown = shown_whole(&rules, &text);
        assert_eq!(leak(&shown), None, "{text} -> {shown}");
        assert!(shown.ends_with("\ndone"), "{shown}");
        let bytewise: Vec<&str> = text.split_inclusive(|_| true).collect();
        assert_eq!(shown_by_stream(&rules, &bytewise), shown);
    }
    let public = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        BODY[0]
    );
    assert_eq!(shown_whole(&rules, &public), public);
}
