//! `plugins`: what is loaded, and the swap without a restart.

use mini_llm_chat_plugin_sdk::host::session::{Plugin, PluginKind, PluginState};

use crate::{Done, Host, Refusal, layout};

pub(crate) fn plugins(host: &dyn Host, rest: &str) -> Done {
    match rest {
        "" => {
            let header = ["Name", "Kind", "From", "Digest", "State"].map(str::to_owned);
            let rows: Vec<_> = host.plugins().iter().map(cells).collect();
            Ok(host.table(&header, &rows)?)
        }
        "reload" => {
            let active = host.reload()?;
            Ok(host.text(&format!(
                "Reloaded. Active now:\n  {}\n",
                active.join("\n  ")
            ))?)
        }
        _ => Err(Refusal::Usage),
    }
}

/// One plugin on one line, for `status`.
pub(crate) fn line(plugin: &Plugin) -> String {
    let origin = if plugin.built_in { ", built-in" } else { "" };
    let digest = layout::short(&plugin.digest);
    format!(
        "{} ({}{origin}) {digest} {}",
        plugin.name,
        kind(plugin.kind),
        state(plugin)
    )
}

fn cells(plugin: &Plugin) -> Vec<String> {
    vec![
        plugin.name.clone(),
        kind(plugin.kind).to_owned(),
        if plugin.built_in {
            "built-in"
        } else {
            "plugin directory"
        }
        .to_owned(),
        layout::short(&plugin.digest).to_owned(),
        state(plugin),
    ]
}

fn kind(kind: PluginKind) -> &'static str {
    match kind {
        PluginKind::Redactor => "redactor",
        PluginKind::PromptPolicy => "prompt policy",
        PluginKind::Commands => "commands",
    }
}

fn state(plugin: &Plugin) -> String {
    let word = match plugin.state {
        PluginState::Ready => return "ready".to_owned(),
        PluginState::Faulted => "faulted",
        PluginState::Isolated => "isolated",
    };
    format!("{word} ({})", layout::count(plugin.faults, "fault"))
}
