//! One row a command: from here come its description, its help and how it is run.

use mini_llm_chat_plugin_sdk::commands::Access;

use crate::{Done, Host, accounts, conversations, help, plugins, status};

/// A command.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) usage: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) needs: Access,
    pub(crate) run: fn(&dyn Host, &str) -> Done,
}

/// Name, aliases, usage, summary, function.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    fn(&dyn Host, &str) -> Done,
);

const fn entry((name, aliases, usage, summary, run): Row) -> Entry {
    Entry {
        name,
        aliases,
        usage,
        summary,
        needs: Access::User,
        run,
    }
}

const fn for_admins(entry: Entry) -> Entry {
    Entry {
        needs: Access::Admin,
        ..entry
    }
}

#[rustfmt::skip]
pub(crate) const ENTRIES: &[Entry] = &[
    entry(("help", &[], "/help [COMMAND]", "Lists the commands, or explains one", help::help)),
    entry(("status", &[], "/status", "Shows user, storage, limits, model and plugins", status::status)),
    entry(("whoami", &[], "/whoami", "Shows who the chat acts for", status::whoami)),
    entry(("model", &[], "/model", "Shows the model and its server", status::model)),
    entry(("clear", &["new"], "/clear", "Starts a new, empty conversation; the old one stays in the list", conversations::clear)),
    entry(("list", &["conversations"], "/list [PAGE]", "Lists your conversations, last used first", conversations::list)),
    entry(("search", &[], "/search WORDS", "Finds conversations that contain all words", conversations::search)),
    entry(("resume", &[], "/resume NUMBER|ID", "Goes on in another conversation", conversations::resume)),
    entry(("rename", &[], "/rename TITLE", "Gives the conversation a title", conversations::rename)),
    entry(("fork", &[], "/fork [LEAVE-OUT]", "Copies the conversation, without its last messages if a number is given", conversations::fork)),
    entry(("undo", &[], "/undo", "Removes your last message and its answer", conversations::undo)),
    entry(("delete", &[], "/delete NUMBER|ID", "Deletes a conversation", conversations::delete)),
    entry(("cache", &[], "/cache clear", "Forgets your cached answers", status::cache)),
    entry(("plugins", &[], "/plugins [reload]", "Lists the plugins; reload swaps them without a restart", plugins::plugins)),
    entry(("password", &[], "/password", "Changes your password; your sessions end", accounts::password)),
    entry(("logout", &[], "/logout", "Ends this session for good", accounts::logout)),
    for_admins(entry(("users", &[], "/users [list|add NAME [ROLE]|set-role NAME ROLE|disable NAME|enable NAME|reset-password NAME|delete NAME]", "Lists and changes accounts; a role is user or admin", accounts::users))),
];

/// The command of this name or alias.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name || entry.aliases.contains(&name))
}
