//! The built-in chat commands as a component: passes the library's calls on to the host.

use mini_llm_chat_commands::Host;
use mini_llm_chat_plugin_sdk::commands::{Command, Commands, Outcome};
use mini_llm_chat_plugin_sdk::host::conversations::{Conversation, StoredMessage};
use mini_llm_chat_plugin_sdk::host::session::{
    Allowance, CommandInfo, Limits, Model, Plugin, Services, Spending, Usage,
};
use mini_llm_chat_plugin_sdk::host::users::User;
use mini_llm_chat_plugin_sdk::host::{
    Access, Caller, Failure, auth, cache, conversations, conversations_all, output, plugins,
    session, users,
};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};

struct BuiltIn;

impl Commands for BuiltIn {
    fn configure(_: &mut Settings) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn describe(&self) -> Vec<Command> {
        mini_llm_chat_commands::describe()
    }

    fn run(&mut self, name: &str, rest: &str) -> Result<Outcome, String> {
        mini_llm_chat_commands::run(&Chat, name, rest)
    }
}

/// The chat that this component runs in.
struct Chat;

impl Host for Chat {
    fn text(&self, text: &str) -> Result<(), Failure> {
        output::text(text)
    }

    fn table(&self, header: &[String], rows: &[Vec<String>]) -> Result<(), Failure> {
        output::table(header, rows)
    }

    fn caller(&self) -> Caller {
        session::get_caller()
    }

    fn user_name(&self) -> String {
        session::get_user_name()
    }

    fn usage(&self) -> Result<Usage, Failure> {
        session::get_usage()
    }

    fn limits(&self) -> Result<Limits, Failure> {
        session::get_limits()
    }

    fn spending(&self) -> Result<Spending, Failure> {
        session::get_spending()
    }

    fn last_spending(&self) -> Result<Option<Spending>, Failure> {
        session::get_last_spending()
    }

    fn allowances(&self) -> Result<Vec<Allowance>, Failure> {
        session::get_allowances()
    }

    fn model(&self) -> Model {
        session::get_model()
    }

    fn services(&self) -> Services {
        session::get_services()
    }

    fn plugins(&self) -> Vec<Plugin> {
        session::active_plugins()
    }

    fn commands(&self) -> Vec<CommandInfo> {
        session::all_commands()
    }

    fn current(&self) -> Result<Conversation, Failure> {
        conversations::current()
    }

    fn read(&self, before: Option<u64>, limit: u32) -> Result<Vec<StoredMessage>, Failure> {
        conversations::read(before, limit)
    }

    fn clear(&self) -> Result<Conversation, Failure> {
        conversations::clear()
    }

    fn undo(&self) -> Result<String, Failure> {
        conversations::undo()
    }

    fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Conversation>, Failure> {
        conversations_all::list(after, limit)
    }

    fn search(&self, words: &str, limit: u32) -> Result<Vec<Conversation>, Failure> {
        conversations_all::search(words, limit)
    }

    fn resume(&self, id: &str) -> Result<Conversation, Failure> {
        conversations_all::resume(id)
    }

    fn rename(&self, id: &str, title: &str) -> Result<(), Failure> {
        conversations_all::rename(id, title)
    }

    fn fork(&self, id: &str, last: u64) -> Result<Conversation, Failure> {
        conversations_all::fork(id, last)
    }

    fn delete(&self, id: &str) -> Result<(), Failure> {
        conversations_all::delete(id)
    }

    fn reload(&self) -> Result<Vec<String>, Failure> {
        plugins::reload()
    }

    fn clear_answers(&self) -> Result<u64, Failure> {
        cache::clear_answers()
    }

    fn change_password(&self) -> Result<(), Failure> {
        auth::change_password()
    }

    fn log_out(&self) -> Result<(), Failure> {
        auth::log_out()
    }

    fn users(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, Failure> {
        users::list(after, limit)
    }

    fn add_user(&self, name: &str, email: &str, access: Access) -> Result<(), Failure> {
        users::add(name, email, access)
    }

    fn set_role(&self, name: &str, access: Access) -> Result<(), Failure> {
        users::set_role(name, access)
    }

    fn disable_user(&self, name: &str) -> Result<(), Failure> {
        users::disable(name)
    }

    fn enable_user(&self, name: &str) -> Result<(), Failure> {
        users::enable(name)
    }

    fn reset_password(&self, name: &str) -> Result<(), Failure> {
        users::reset_password(name)
    }

    fn delete_user(&self, name: &str) -> Result<(), Failure> {
        users::delete(name)
    }
}

mini_llm_chat_plugin_sdk::export_commands!(BuiltIn);
