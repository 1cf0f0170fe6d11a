//! What a person sees of each command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mini_llm_chat_plugin_sdk::host::Failure;
use mini_llm_chat_plugin_sdk::host::session::{Allowance, CommandInfo};

use crate::fake::{Fake, conversation};
use crate::{describe, run};

fn shown(line: &str) -> String {
    let host = Fake::new();
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    run(&host, name, rest).unwrap();
    host.shown()
}

fn refused(line: &str) -> String {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    run(&Fake::new(), name, rest).unwrap_err()
}

fn calls(line: &str) -> Vec<String> {
    let host = Fake::new();
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let _ = run(&host, name, rest);
    host.calls.into_inner()
}

#[test]
fn descriptions_keep_the_limits_of_the_contract() {
    let commands = describe();
    let mut names: Vec<&str> = Vec::new();
    for command in &commands {
        names.push(&command.name);
        names.extend(command.aliases.iter().map(String::as_str));
        assert!(
            command.usage.starts_with(&format!("/{}", command.name)),
            "{}",
            command.name
        );
        assert!(command.summary.len() <= 200, "{}", command.name);
    }
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    assert!(
        names
            .iter()
            .all(|name| name.len() <= 40 && name.bytes().all(legal))
    );
    let total = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), total);
}

#[test]
fn names_of_the_terminal_are_left_to_it() {
    let commands = describe();
    for name in ["exit", "quit", "retry", "edit"] {
        assert!(
            commands.iter().all(|command| command.name != name),
            "{name}"
        );
    }
}

#[test]
fn status_shows_every_part() {
    assert_eq!(
        shown("status"),
        "User          sam (user)\n\
         Storage       SQLite\n\
         Cache         in this process\n\
         Calls left    0 of 3 in 60 s; the next one frees in 12 s\n\
         Conversation  2 messages, at most 1,234 of 128,000 tokens\n\
         Cost          $0.0376 for 12,345 tokens in and 678 out; the last turn about $0.0005\n\
         Model         gpt-4o at http://localhost:1\n\
         Plugins       redaction (redactor, built-in) 0123456789ab faulted (1 fault)\n"
    );
}

#[test]
fn status_goes_on_where_one_part_fails() {
    let mut host = Fake::new();
    host.limits = Err(Failure::Unavailable("the database is locked".into()));
    run(&host, "status", "").unwrap();
    assert!(
        host.shown()
            .contains("Calls left    not available: the database is locked\n")
    );
    assert!(host.shown().contains("Model "));
}

#[test]
fn status_shows_limits_that_the_operator_set() {
    let mut host = Fake::new();
    host.allowances = vec![Allowance {
        what: "tokens of all users".into(),
        used: 12_000,
        most: 10_000,
    }];
    run(&host, "status", "").unwrap();
    assert!(
        host.shown()
            .contains("Left          0 of 10,000 tokens of all users\n")
    );
}

#[test]
fn status_does_not_guess_a_cost() {
    let mut host = Fake::new();
    host.spending.microdollars = None;
    run(&host, "status", "").unwrap();
    assert!(host.shown().contains(
        "Cost          unknown (no price is set for a model) for 12,345 tokens in and 678 out\n"
    ));
}

#[test]
fn help_lists_what_the_host_says_and_the_bare_words() {
    assert_eq!(
        shown("help"),
        "Commands\n  /clear [WORD]  Does clear\n  /list [WORD]   Does list\n\
         These also work as a word alone on the line: clear\n"
    );
}

#[test]
fn help_fits_80_columns_whatever_the_usage_and_the_summary() {
    let mut host = Fake::new();
    let template = host.commands[0].clone();
    let real = describe().into_iter().map(|command| CommandInfo {
        usage: command.usage,
        summary: command.summary,
        ..template.clone()
    });
    host.commands = real.collect();
    run(&host, "help", "").unwrap();
    let text = host.shown();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(
        listed.iter().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(
        text.contains("/users ...") && text.contains("number is given"),
        "{text}"
    );
}

#[test]
fn help_explains_by_name_slash_or_alias() {
    for name in ["list", "/list", "list-alias"] {
        let text = shown(&format!("help {name}"));
        assert!(text.starts_with("/list [WORD]  Does list\n"), "{text}");
        assert!(
            text.contains("/list-alias") && text.contains("commands"),
            "{text}"
        );
    }
    assert!(refused("help nonsense").contains("no command `nonsense`"));
}

#[test]
fn clear_says_that_the_old_conversation_stays() {
    for name in ["clear", "new"] {
        assert!(shown(name).contains("\"First\" with 2 messages, stays in the list"));
    }
}

#[test]
fn list_numbers_and_marks_the_current_one() {
    assert_eq!(
        shown("list"),
        "#|Title|Messages|Last used (UTC)|Id\n\
         1*|First|2|2023-11-14 22:13|aaaa1111\n\
         2|(untitled)|2|2023-11-14 22:13|bbbb2222\n"
    );
}

#[test]
fn long_list_has_pages_over_several_host_calls() {
    let mut host = Fake::new();
    host.conversations = (0..250)
        .map(|index| conversation(&format!("id-{index:04}"), "t"))
        .collect();
    run(&host, "list", "12").unwrap();
    let text = host.shown();
    assert!(
        text.contains("\n221|") && text.contains("\n240|") && !text.contains("\n241|"),
        "{text}"
    );
    assert!(text.ends_with("More: /list 13\n"), "{text}");
}

#[test]
fn conversation_is_named_by_number_id_or_part_of_it() {
    for words in ["2", "0000-bbbb2222", "bbbb2222", "0000-bb"] {
        assert_eq!(
            calls(&format!("resume {words}")),
            ["resume 0000-bbbb2222"],
            "{words}"
        );
    }
}

#[test]
fn ambiguous_part_of_an_id_deletes_nothing() {
    assert!(refused("delete 0000").contains("several"));
    assert!(calls("delete 0000").is_empty());
    assert!(refused("delete 9").contains("no conversation 9"));
}

#[test]
fn unknown_id_is_for_the_host_to_judge() {
    assert_eq!(refused("resume ffff9999"), "not found");
}

#[test]
fn fork_leaves_out_the_last_messages() {
    assert_eq!(calls("fork"), ["fork 0000-aaaa1111 2"]);
    assert_eq!(calls("fork 1"), ["fork 0000-aaaa1111 1"]);
    assert!(refused("fork 2").contains("no message"));
}

#[test]
fn rename_keeps_the_whole_line() {
    assert_eq!(
        calls("rename A new title"),
        ["rename 0000-aaaa1111 A new title"]
    );
}

#[test]
fn wrong_words_show_the_usage() {
    for (line, usage) in [
        ("rename", "usage: /rename TITLE"),
        ("cache", "usage: /cache clear"),
        ("plugins relaod", "usage: /plugins [reload]"),
        ("clear all", "usage: /clear"),
        ("list 0", "usage: /list [PAGE]"),
    ] {
        assert_eq!(refused(line), usage);
    }
}

#[test]
fn refusals_of_the_host_are_shown_in_its_words() {
    assert_eq!(
        refused("plugins reload"),
        "not permitted: only an administrator swaps plugins"
    );
}

#[test]
fn a_person_who_says_no_is_told_that_nothing_was_changed() {
    assert_eq!(shown("undo"), "Nothing was changed.\n");
    assert_eq!(shown("users delete ben"), "Nothing was changed.\n");
}

#[test]
fn cache_clear_says_how_many() {
    assert_eq!(shown("cache clear"), "Forgot 1 cached answer.\n");
}

#[test]
fn users_passes_each_change_to_the_host() {
    assert_eq!(
        shown("users"),
        "Name|Role|State|E-mail|Last login (UTC)\nanna|user|disabled||\nroot|admin|active||2023-11-14 22:13\n"
    );
    for (line, call) in [
        ("users add ben", "add ben Access::User"),
        ("users add ben admin", "add ben Access::Admin"),
        ("users set-role ben user", "set-role ben Access::User"),
        ("users disable ben", "disable ben"),
        ("users enable ben", "enable ben"),
        ("users reset-password ben", "reset-password ben"),
        ("password", "change-password"),
    ] {
        assert_eq!(calls(line), [call]);
    }
    assert_eq!(refused("logout"), "not permitted: there is no account");
}

#[test]
fn users_says_how_it_is_used() {
    for line in [
        "users add",
        "users add ben boss",
        "users disable",
        "users remove ben",
        "password now",
    ] {
        assert!(refused(line).starts_with("usage: /"), "{line}");
    }
}
