//! A host for tests: a few conversations in memory, and a screen that remembers.

use std::cell::RefCell;

use mini_llm_chat_plugin_sdk::host::conversations::{Conversation, StoredMessage};
use mini_llm_chat_plugin_sdk::host::session::{
    Allowance, CommandInfo, Limits, Model, Plugin, PluginKind, PluginState, Services, Spending,
    Usage,
};
use mini_llm_chat_plugin_sdk::host::users::User;
use mini_llm_chat_plugin_sdk::host::{Access, Author, Caller, Failure};

use crate::Host;

/// What a test sees and sets.
pub(crate) struct Fake {
    pub(crate) screen: RefCell<String>,
    pub(crate) calls: RefCell<Vec<String>>,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) commands: Vec<CommandInfo>,
    pub(crate) limits: Result<Limits, Failure>,
    pub(crate) spending: Spending,
    pub(crate) allowances: Vec<Allowance>,
}

pub(crate) fn conversation(id: &str, title: &str) -> Conversation {
    Conversation {
        id: id.into(),
        title: title.into(),
        created: 0,
        updated: 1_700_000_000,
        messages: 2,
    }
}

pub(crate) fn command(name: &str, bare_word: bool) -> CommandInfo {
    CommandInfo {
        name: name.into(),
        aliases: vec![format!("{name}-alias")],
        usage: format!("/{name} [WORD]"),
        summary: format!("Does {name}"),
        needs: Access::User,
        plugin: "commands".into(),
        bare_word,
    }
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self {
            screen: RefCell::default(),
            calls: RefCell::default(),
            conversations: vec![
                conversation("0000-aaaa1111", "First"),
                conversation("0000-bbbb2222", ""),
            ],
            commands: vec![command("clear", true), command("list", false)],
            limits: Ok(Limits {
                max_calls: 3,
                window_seconds: 60,
                calls_left: 0,
                frees_in: Some(12),
            }),
            allowances: Vec::new(),
            spending: Spending {
                prompt_tokens: 12_345,
                completion_tokens: 678,
                microdollars: Some(37_643),
                exact: true,
            },
        }
    }

    pub(crate) fn shown(&self) -> String {
        self.screen.borrow().clone()
    }

    fn called(&self, call: String) {
        self.calls.borrow_mut().push(call);
    }

    fn get(&self, id: &str) -> Result<Conversation, Failure> {
        self.conversations
            .iter()
            .find(|found| found.id == id)
            .cloned()
            .ok_or(Failure::NotFound)
    }
}

impl Host for Fake {
    fn text(&self, text: &str) -> Result<(), Failure> {
        self.screen.borrow_mut().push_str(text);
        Ok(())
    }

    fn table(&self, header: &[String], rows: &[Vec<String>]) -> Result<(), Failure> {
        let lines = std::iter::once(header).chain(rows.iter().map(Vec::as_slice));
        lines.for_each(|line| {
            self.screen
                .borrow_mut()
                .push_str(&format!("{}\n", line.join("|")))
        });
        Ok(())
    }

    fn caller(&self) -> Caller {
        Caller {
            user_id: "u1".into(),
            access: Access::User,
            conversation: "0000-aaaa1111".into(),
        }
    }

    fn user_name(&self) -> String {
        "sam".into()
    }

    fn usage(&self) -> Result<Usage, Failure> {
        Ok(Usage {
            messages: 2,
            tokens: 1234,
            token_limit: 128_000,
            exact: false,
        })
    }

    fn limits(&self) -> Result<Limits, Failure> {
        self.limits.clone()
    }

    fn spending(&self) -> Result<Spending, Failure> {
        Ok(self.spending)
    }

    fn last_spending(&self) -> Result<Option<Spending>, Failure> {
        Ok(Some(Spending {
            prompt_tokens: 100,
            completion_tokens: 20,
            microdollars: self.spending.microdollars.map(|_| 450),
            exact: false,
        }))
    }

    fn allowances(&self) -> Result<Vec<Allowance>, Failure> {
        Ok(self.allowances.clone())
    }

    fn model(&self) -> Model {
        Model {
            name: "gpt-4o".into(),
            server: "http://localhost:1".into(),
        }
    }

    fn services(&self) -> Services {
        Services {
            storage: "SQLite".into(),
            cache: "in this process".into(),
        }
    }

    fn plugins(&self) -> Vec<Plugin> {
        vec![Plugin {
            name: "redaction".into(),
            kind: PluginKind::Redactor,
            built_in: true,
            digest: "0123456789abcdef".repeat(4),
            state: PluginState::Faulted,
            faults: 1,
        }]
    }

    fn commands(&self) -> Vec<CommandInfo> {
        self.commands.clone()
    }

    fn current(&self) -> Result<Conversation, Failure> {
        self.conversations.first().cloned().ok_or(Failure::NotFound)
    }

    fn read(&self, _before: Option<u64>, limit: u32) -> Result<Vec<StoredMessage>, Failure> {
        let message = |sequence| StoredMessage {
            sequence,
            author: Author::User,
            content: "hello".into(),
            created: 0,
            partial: false,
        };
        Ok((1..=2).rev().map(message).take(limit as usize).collect())
    }

    fn clear(&self) -> Result<Conversation, Failure> {
        self.called("clear".into());
        self.current()
    }

    fn undo(&self) -> Result<String, Failure> {
        Err(Failure::Cancelled)
    }

    fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Conversation>, Failure> {
        let start = after.map_or(0, |after| {
            self.conversations
                .iter()
                .position(|found| found.id == after)
                .map_or(0, |index| index + 1)
        });
        Ok(self
            .conversations
            .iter()
            .skip(start)
            .take(limit as usize)
            .cloned()
            .collect())
    }

    fn search(&self, words: &str, _limit: u32) -> Result<Vec<Conversation>, Failure> {
        Ok(self
            .conversations
            .iter()
            .filter(|found| found.title == words)
            .cloned()
            .collect())
    }

    fn resume(&self, id: &str) -> Result<Conversation, Failure> {
        self.called(format!("resume {id}"));
        self.get(id)
    }

    fn rename(&self, id: &str, title: &str) -> Result<(), Failure> {
        self.called(format!("rename {id} {title}"));
        Ok(())
    }

    fn fork(&self, id: &str, last: u64) -> Result<Conversation, Failure> {
        self.called(format!("fork {id} {last}"));
        self.get(id)
    }

    fn delete(&self, id: &str) -> Result<(), Failure> {
        self.called(format!("delete {id}"));
        self.get(id).map(|_| ())
    }

    fn reload(&self) -> Result<Vec<String>, Failure> {
        Err(Failure::Denied(
            "only an administrator swaps plugins".into(),
        ))
    }

    fn clear_answers(&self) -> Result<u64, Failure> {
        Ok(1)
    }

    fn change_password(&self) -> Result<(), Failure> {
        self.called("change-password".into());
        Ok(())
    }

    fn log_out(&self) -> Result<(), Failure> {
        Err(Failure::Denied("there is no account".into()))
    }

    fn users(&self, _after: Option<&str>, _limit: u32) -> Result<Vec<User>, Failure> {
        let user = |name: &str, access, active, last_login| User {
            name: name.into(),
            email: String::new(),
            access,
            active,
            created: 0,
            last_login,
        };
        Ok(vec![
            user("anna", Access::User, false, None),
            user("root", Access::Admin, true, Some(1_700_000_000)),
        ])
    }

    fn add_user(&self, name: &str, _email: &str, access: Access) -> Result<(), Failure> {
        self.called(format!("add {name} {access:?}"));
        Ok(())
    }

    fn set_role(&self, name: &str, access: Access) -> Result<(), Failure> {
        self.called(format!("set-role {name} {access:?}"));
        Ok(())
    }

    fn disable_user(&self, name: &str) -> Result<(), Failure> {
        self.called(format!("disable {name}"));
        Ok(())
    }

    fn enable_user(&self, name: &str) -> Result<(), Failure> {
        self.called(format!("enable {name}"));
        Ok(())
    }

    fn reset_password(&self, name: &str) -> Result<(), Failure> {
        self.called(format!("reset-password {name}"));
        Ok(())
    }

    fn delete_user(&self, _name: &str) -> Result<(), Failure> {
        Err(Failure::Cancelled)
    }
}
