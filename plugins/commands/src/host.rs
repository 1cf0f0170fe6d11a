//! What the commands need of the host: the functions of the contract that they call, and no more.

use mini_llm_chat_plugin_sdk::host::conversations::{Conversation, StoredMessage};
use mini_llm_chat_plugin_sdk::host::session::{
    Allowance, CommandInfo, Limits, Model, Plugin, Services, Spending, Usage,
};
use mini_llm_chat_plugin_sdk::host::users::User;
use mini_llm_chat_plugin_sdk::host::{Access, Caller, Failure};

/// The host, as far as the built-in commands reach. Each method is the contract's function of that name, or of
/// that name and `user`.
#[expect(
    missing_docs,
    reason = "wit/host documents each function; the adapter passes calls on unchanged"
)]
pub trait Host {
    fn text(&self, text: &str) -> Result<(), Failure>;
    fn table(&self, header: &[String], rows: &[Vec<String>]) -> Result<(), Failure>;

    fn caller(&self) -> Caller;
    fn user_name(&self) -> String;
    fn usage(&self) -> Result<Usage, Failure>;
    fn limits(&self) -> Result<Limits, Failure>;
    fn spending(&self) -> Result<Spending, Failure>;
    fn last_spending(&self) -> Result<Option<Spending>, Failure>;
    fn allowances(&self) -> Result<Vec<Allowance>, Failure>;
    fn model(&self) -> Model;
    fn services(&self) -> Services;
    fn plugins(&self) -> Vec<Plugin>;
    fn commands(&self) -> Vec<CommandInfo>;

    fn current(&self) -> Result<Conversation, Failure>;
    fn read(&self, before: Option<u64>, limit: u32) -> Result<Vec<StoredMessage>, Failure>;
    fn clear(&self) -> Result<Conversation, Failure>;
    fn undo(&self) -> Result<String, Failure>;

    fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Conversation>, Failure>;
    fn search(&self, words: &str, limit: u32) -> Result<Vec<Conversation>, Failure>;
    fn resume(&self, id: &str) -> Result<Conversation, Failure>;
    fn rename(&self, id: &str, title: &str) -> Result<(), Failure>;
    fn fork(&self, id: &str, last: u64) -> Result<Conversation, Failure>;
    fn delete(&self, id: &str) -> Result<(), Failure>;

    fn reload(&self) -> Result<Vec<String>, Failure>;
    fn clear_answers(&self) -> Result<u64, Failure>;

    fn change_password(&self) -> Result<(), Failure>;
    fn log_out(&self) -> Result<(), Failure>;

    fn users(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, Failure>;
    fn add_user(&self, name: &str, email: &str, access: Access) -> Result<(), Failure>;
    fn set_role(&self, name: &str, access: Access) -> Result<(), Failure>;
    fn disable_user(&self, name: &str) -> Result<(), Failure>;
    fn enable_user(&self, name: &str) -> Result<(), Failure>;
    fn reset_password(&self, name: &str) -> Result<(), Failure>;
    fn delete_user(&self, name: &str) -> Result<(), Failure>;
}
