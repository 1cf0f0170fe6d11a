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

fn overview(commands: &[CommandInfo]) -> String {
    let rows: Vec<_> = commands
        .iter()
        .map(|command| (command.usage.clone(), command.summary.clone()))
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
