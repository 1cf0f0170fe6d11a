//! `help`: what the caller may type.

use mini_llm_chat_plugin_sdk::host::session::CommandInfo;

use crate::{Done, Host, Refusal, layout};

pub(crate) fn help(host: &dyn Host, rest: &str) -> Done {
    let commands = host.commands();
    let text = match rest.trim_start_matches('/') {
        "" => overview(&commands),
        name => {
            let known = |command: &&CommandInfo| {
                command.name == name || command.aliases.iter().any(|alias| alias == name)
            };
            let missing = || {
                Refusal::Reason(format!(
                    "there is no command `{name}` that you may run; /help lists them"
                ))
            };
            details(commands.iter().find(known).ok_or_else(missing)?)
        }
    };
    Ok(host.text(&text)?)
}

/// A line has 80 columns: two, the usage, two, and the summary.
const USAGE_COLUMNS: usize = 20;
const SUMMARY_COLUMNS: usize = 56;

/// A usage that is too long for the list is in what `help` says of the command.
fn short(usage: &str) -> String {
    if usage.chars().count() <= USAGE_COLUMNS {
        return usage.to_owned();
    }
    let name = usage.split(' ').next().unwrap_or(usage);
    format!("{name} ...")
}

/// In lines of so many columns, between words; a longer word has a line of its own.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn overview(commands: &[CommandInfo]) -> String {
    let rows: Vec<_> = commands
        .iter()
        .flat_map(|command| {
            let summary = wrapped(&command.summary, SUMMARY_COLUMNS);
            let usages =
                std::iter::once(short(&command.usage)).chain(std::iter::repeat(String::new()));
            usages.zip(summary)
        })
        .collect();
    let bare: Vec<&str> = commands
        .iter()
        .filter(|command| command.bare_word)
        .map(|command| command.name.as_str())
        .collect();
    let mut text = format!("Commands\n{}", layout::columns("  ", &rows));
    if !bare.is_empty() {
        text.push_str(&format!(
            "These also work as a word alone on the line: {}\n",
            bare.join(", ")
        ));
    }
    text
}

fn details(command: &CommandInfo) -> String {
    let mut rows = vec![(command.usage.clone(), command.summary.clone())];
    if !command.aliases.is_empty() {
        let aliases: Vec<String> = command
            .aliases
            .iter()
            .map(|alias| format!("/{alias}"))
            .collect();
        rows.push(("Also".to_owned(), aliases.join(", ")));
    }
    let origin = if command.plugin.is_empty() {
        "the chat itself"
    } else {
        &command.plugin
    };
    rows.push(("From".to_owned(), origin.to_owned()));
    layout::columns("", &rows)
}
