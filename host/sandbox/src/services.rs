//! What the host offers to commands, as one small trait for each interface of `wit/host`.
//!
//! The sandbox knows no database, no terminal and no network: the engine implements these traits and
//! hands them over bundled as [`Services`], made for the one caller in whose name a command runs.
//! So no method takes an identity. What the sandbox itself has checked before a method is called:
//! the grant (else the interface is not linked), the caller's role for `users`, `audit` and
//! `plugins`, page sizes, key and value sizes, the table's shape, and the run's limits.
//!
//! Methods that act in a plugin's name get it: to keep stores apart, and to show who is asking.

use std::sync::Arc;

use async_trait::async_trait;

use crate::contract::{
    Access, Allowance, Command, CommandInfo, Conversation, Delta, Event, Failure, Filter, Limits,
    LlmError, Message, Model, Plugin, Spending, StoredMessage, Ticket, Usage, User,
};
use crate::names::PluginName;

/// Everything that commands may be granted, for one caller.
#[derive(Clone)]
pub struct Services {
    /// The caller's screen.
    pub output: Arc<dyn Output>,
    /// Who is here, and in what state the chat is.
    pub session: Arc<dyn Session>,
    /// The current conversation.
    pub conversations: Arc<dyn Conversations>,
    /// All conversations of the caller.
    pub conversations_all: Arc<dyn ConversationsAll>,
    /// The caller's own account.
    pub auth: Arc<dyn Auth>,
    /// All accounts. Called for administrators only.
    pub users: Arc<dyn Users>,
    /// The audit trail. Called for administrators only.
    pub audit: Arc<dyn Audit>,
    /// The plugin set. Called for administrators only.
    pub plugins: Arc<dyn Plugins>,
    /// A small store for each plugin and user.
    pub storage: Arc<dyn Storage>,
    /// A cache for each plugin and user.
    pub cache: Arc<dyn Cache>,
    /// The caller's window of model calls.
    pub rate_limit: Arc<dyn RateLimit>,
    /// The model.
    pub llm: Arc<dyn Llm>,
}

/// The caller's screen. All texts have been made safe to print.
#[async_trait]
pub trait Output: Send + Sync {
    /// Shows plain text.
    async fn text(&self, plugin: &PluginName, text: &str) -> Result<(), Failure>;

    /// Shows Markdown.
    async fn markdown(&self, plugin: &PluginName, source: &str) -> Result<(), Failure>;

    /// Shows a table. Every row has as many cells as the header.
    async fn table(
        &self,
        plugin: &PluginName,
        header: &[String],
        rows: &[Vec<String>],
    ) -> Result<(), Failure>;

    /// Asks yes or no, showing which plugin asks. Without a terminal the answer is no.
    async fn confirm(&self, plugin: &PluginName, question: &str) -> Result<bool, Failure>;
}

/// Who is here, and in what state the chat is. The caller itself is known to the sandbox.
#[async_trait]
pub trait Session: Send + Sync {
    /// The caller's display name.
    async fn user_name(&self) -> String;

    /// Size of the current conversation.
    async fn usage(&self) -> Result<Usage, Failure>;

    /// The caller's window of model calls.
    async fn limits(&self) -> Result<Limits, Failure>;

    /// What the current conversation used and cost.
    async fn spending(&self) -> Result<Spending, Failure>;

    /// The same of its last turn, if there is one.
    async fn last_spending(&self) -> Result<Option<Spending>, Failure>;

    /// What the limits beside the caller's calls hold.
    async fn allowances(&self) -> Result<Vec<Allowance>, Failure>;

    /// The model, and where it is.
    async fn model(&self) -> Model;

    /// What storage and cache are in use.
    async fn services(&self) -> crate::contract::Services;

    /// Every active plugin with its live state.
    async fn active_plugins(&self) -> Vec<Plugin>;

    /// Every command that the caller may run, sorted by name.
    async fn all_commands(&self) -> Vec<CommandInfo>;
}

/// The current conversation.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Which one it is.
    async fn current(&self) -> Result<Conversation, Failure>;

    /// Messages older than `before`, newest first; `limit` is 1 to 100.
    async fn read(&self, before: Option<u64>, limit: u32) -> Result<Vec<StoredMessage>, Failure>;

    /// Goes on in a new one; returns the one left.
    async fn clear(&self) -> Result<Conversation, Failure>;

    /// Asks the caller, removes the last turn, returns its prompt.
    async fn undo(&self) -> Result<String, Failure>;
}

/// All conversations of the caller.
#[async_trait]
pub trait ConversationsAll: Send + Sync {
    /// Last used first, after the conversation `after`; `limit` is 1 to 100.
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Conversation>, Failure>;

    /// Those that contain all words, best first; `limit` is 1 to 100.
    async fn search(&self, words: &str, limit: u32) -> Result<Vec<Conversation>, Failure>;

    /// Messages of one of them, as in [`Conversations::read`].
    async fn read(
        &self,
        id: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, Failure>;

    /// Goes on in this one.
    async fn resume(&self, id: &str) -> Result<Conversation, Failure>;

    /// Gives it a new title.
    async fn rename(&self, id: &str, title: &str) -> Result<(), Failure>;

    /// Copies up to and including message `last` into a new, current one.
    async fn fork(&self, id: &str, last: u64) -> Result<Conversation, Failure>;

    /// Asks the caller, then deletes it.
    async fn delete(&self, id: &str) -> Result<(), Failure>;
}

/// The caller's own account. The host reads passwords; no plugin sees one.
#[async_trait]
pub trait Auth: Send + Sync {
    /// Asks for the old and the new password.
    async fn change_password(&self) -> Result<(), Failure>;

    /// Ends the session.
    async fn log_out(&self) -> Result<(), Failure>;
}

/// Accounts. Every change is confirmed by a question of the host.
#[async_trait]
pub trait Users: Send + Sync {
    /// By name, after the user `after`; `limit` is 1 to 100.
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, Failure>;

    /// Asks for the new user's password.
    async fn add(&self, name: &str, email: &str, access: Access) -> Result<(), Failure>;

    /// Changes what a user may do.
    async fn set_role(&self, name: &str, access: Access) -> Result<(), Failure>;

    /// Locks a user out.
    async fn disable(&self, name: &str) -> Result<(), Failure>;

    /// Lets a user in again.
    async fn enable(&self, name: &str) -> Result<(), Failure>;

    /// Asks for a new password.
    async fn reset_password(&self, name: &str) -> Result<(), Failure>;

    /// Deletes a user and what belongs to them.
    async fn delete(&self, name: &str) -> Result<(), Failure>;
}

/// The audit trail, read only.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Events older than `before`, newest first; `limit` is 1 to 100.
    async fn list(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Event>, Failure>;

    /// Checks the chain; the text says how far it holds.
    async fn verify(&self) -> Result<String, Failure>;
}

/// The plugin set.
#[async_trait]
pub trait Plugins: Send + Sync {
    /// All of the new set, or the old one stays. Returns what is active then, one line a kind.
    async fn reload(&self) -> Result<Vec<String>, Failure>;
}

/// A small store, kept apart by plugin and user. Keys have at most 256 bytes.
#[async_trait]
pub trait Storage: Send + Sync {
    /// The value of a key.
    async fn get(&self, plugin: &PluginName, key: &str) -> Result<Option<Vec<u8>>, Failure>;

    /// Sets a value; the quota over all keys is the implementation's to keep.
    async fn set(&self, plugin: &PluginName, key: &str, value: Vec<u8>) -> Result<(), Failure>;

    /// Forgets a key.
    async fn delete(&self, plugin: &PluginName, key: &str) -> Result<(), Failure>;

    /// At most 100 keys with this prefix, sorted, after `after`.
    async fn keys(
        &self,
        plugin: &PluginName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, Failure>;
}

/// Values that may vanish, kept apart by plugin and user.
#[async_trait]
pub trait Cache: Send + Sync {
    /// The value of a key.
    async fn get(&self, plugin: &PluginName, key: &str) -> Result<Option<Vec<u8>>, Failure>;

    /// Keeps a value for `seconds`, 1 to 86,400.
    async fn set(
        &self,
        plugin: &PluginName,
        key: &str,
        value: Vec<u8>,
        seconds: u32,
    ) -> Result<(), Failure>;

    /// Forgets the caller's cached answers; returns how many.
    async fn clear_answers(&self) -> Result<u64, Failure>;
}

/// The caller's window of model calls.
#[async_trait]
pub trait RateLimit: Send + Sync {
    /// Uses one call, or says how long to wait. Never waits itself.
    async fn take(&self) -> Result<Ticket, Failure>;
}

/// The model. What is sent passes policy, limits and audit like a turn.
#[async_trait]
pub trait Llm: Send + Sync {
    /// Starts an answer in the name of this plugin.
    async fn ask(
        &self,
        plugin: &PluginName,
        history: Vec<Message>,
        prompt: String,
    ) -> Result<Box<dyn Answer>, LlmError>;
}

/// An answer as it streams, reviewed. Dropping it cancels the request.
#[async_trait]
pub trait Answer: Send {
    /// The next piece; none at the end.
    async fn next(&mut self) -> Result<Option<Delta>, LlmError>;
}

/// The resource behind `llm.answer`.
pub struct OpenAnswer(pub(crate) Box<dyn Answer>);

/// What a command's description says about itself, for [`Session::all_commands`].
#[must_use]
pub fn command_info(command: &Command, plugin: &PluginName, bare_word: bool) -> CommandInfo {
    CommandInfo {
        name: command.name.clone(),
        aliases: command.aliases.clone(),
        usage: command.usage.clone(),
        summary: command.summary.clone(),
        needs: command.needs,
        plugin: plugin.to_string(),
        bare_word,
    }
}
