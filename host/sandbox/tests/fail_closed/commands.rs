//! A command that fails tells its user so, and the next command works. It cannot do what it was not granted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{
    self, Access, Allowance, Caller, CommandInfo, Conversation, Delta, Event, Failure, Filter,
    Limits, LlmError, Message, Model, Outcome, Plugin, Spending, StoredMessage, Ticket, Usage,
    User,
};
use mini_llm_chat_sandbox::services::{self, Answer, Services};
use mini_llm_chat_sandbox::{CommandError, CommandTable, FaultCause, Grant, PluginName, Problem};

use crate::support::{SANDBOX, caller, commands, component, guest};

const GRANTS: [Grant; 4] = [Grant::Log, Grant::Output, Grant::Llm, Grant::Users];

fn table() -> CommandTable {
    CommandTable::new(vec![commands(&GRANTS)]).unwrap()
}

async fn run(rest: &str, services: &Services) -> Result<Outcome, CommandError> {
    table()
        .run("hostile", rest, &caller("someone"), services)
        .await
}

async fn fails_closed(how: &str, expected: impl Fn(FaultCause) -> bool) {
    let (host, services) = host();
    let error = run(how, &services).await.unwrap_err();
    let said = error.to_string();
    assert!(!said.contains("SECRET"), "{said}");
    let CommandError::Fault(fault) = error else {
        panic!("{how}: {error:?}");
    };
    assert!(expected(fault.cause), "{how}: {:?}", fault.cause);
    let before = host.texts.load(Ordering::Relaxed);
    table()
        .run("echo", "hi", &caller("someone"), &services)
        .await
        .unwrap();
    assert_eq!(host.texts.load(Ordering::Relaxed), before + 1);
}

#[tokio::test]
async fn every_limit_ends_a_run() {
    fails_closed("loop", |cause| {
        matches!(cause, FaultCause::ProcessorTime { .. })
    })
    .await;
    fails_closed("panic", |cause| cause == FaultCause::Crash).await;
    fails_closed("memory", |cause| matches!(cause, FaultCause::Memory { .. })).await;
    fails_closed("output-flood", |cause| {
        matches!(cause, FaultCause::Output { .. })
    })
    .await;
    fails_closed("log-flood", |cause| {
        matches!(cause, FaultCause::HostCalls { .. })
    })
    .await;
    fails_closed("huge-argument", |cause| {
        matches!(cause, FaultCause::HostData { .. })
    })
    .await;
    fails_closed("many-cells", |cause| {
        matches!(cause, FaultCause::HostData { .. })
    })
    .await;
    fails_closed("handles", |cause| {
        matches!(cause, FaultCause::ModelCalls { .. })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_hang_inside_a_host_call_ends_at_the_wall_limit() {
    let (host, mut services) = host();
    services.output = Arc::new(Hanging);
    let error = table()
        .run("echo", "hi", &caller("someone"), &services)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("did not answer within"),
        "{error}"
    );
    services.output = host;
    table()
        .run("echo", "hi", &caller("someone"), &services)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_words_of_a_command_are_made_printable() {
    let (_, services) = host();
    let said = run("error", &services).await.unwrap_err().to_string();
    assert!(
        !said.contains('\u{1b}') && !said.contains('\u{202e}'),
        "{said:?}"
    );
}

#[tokio::test]
async fn the_role_is_checked_before_the_run_and_at_the_import() {
    let (_, services) = host();
    let table = table();
    let denied = table
        .run("admin", "", &caller("someone"), &services)
        .await
        .unwrap_err();
    assert!(matches!(denied, CommandError::Denied(_)));
    let administrator = Caller {
        access: Access::Admin,
        ..caller("root")
    };
    table
        .run("admin-alias", "", &administrator, &services)
        .await
        .unwrap();
    let said = run("admins-hands", &services)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("needs the role admin"), "{said}");
    let unknown = table
        .run("no-such", "", &administrator, &services)
        .await
        .unwrap_err();
    assert!(matches!(unknown, CommandError::Unknown(_)));
}

#[test]
fn an_import_that_is_not_granted_is_refused_with_its_name() {
    let refusal = SANDBOX
        .examine(component(guest("commands"), &[Grant::Output]))
        .err()
        .unwrap();
    let said = refusal.to_string();
    assert!(
        matches!(refusal.problems[0], Problem::Ungranted { .. }),
        "{said}"
    );
    assert!(said.contains("llm") && said.contains("users"), "{said}");
}

#[test]
fn two_plugins_cannot_bring_the_same_command() {
    let refusals = CommandTable::new(vec![commands(&GRANTS), commands(&GRANTS)])
        .err()
        .unwrap();
    assert!(
        refusals[0].to_string().contains("`echo`"),
        "{}",
        refusals[0]
    );
}

/// Services that count texts and refuse everything else.
#[derive(Default)]
struct Host {
    texts: AtomicUsize,
}

fn host() -> (Arc<Host>, Services) {
    let host = Arc::new(Host::default());
    let services = Services {
        output: host.clone(),
        session: host.clone(),
        conversations: host.clone(),
        conversations_all: host.clone(),
        auth: host.clone(),
        users: host.clone(),
        audit: host.clone(),
        plugins: host.clone(),
        storage: host.clone(),
        cache: host.clone(),
        rate_limit: host.clone(),
        llm: host.clone(),
    };
    (host, services)
}

fn off<T>() -> Result<T, Failure> {
    Err(Failure::Unavailable("off".into()))
}

/// A screen that never takes anything.
struct Hanging;

macro_rules! screen {
    ($screen:ty, |$self:ident| $text:expr) => {
        #[async_trait]
        impl services::Output for $screen {
            async fn text(&$self, _: &PluginName, _: &str) -> Result<(), Failure> {
                $text
            }
            async fn markdown(&self, _: &PluginName, _: &str) -> Result<(), Failure> {
                off()
            }
            async fn table(&self, _: &PluginName, _: &[String], _: &[Vec<String>]) -> Result<(), Failure> {
                off()
            }
            async fn confirm(&self, _: &PluginName, _: &str) -> Result<bool, Failure> {
                off()
            }
        }
    };
}

screen!(Hanging, |self| std::future::pending().await);
screen!(Host, |self| {
    self.texts.fetch_add(1, Ordering::Relaxed);
    Ok(())
});

#[async_trait]
impl services::Llm for Host {
    async fn ask(
        &self,
        _: &PluginName,
        _: Vec<Message>,
        _: String,
    ) -> Result<Box<dyn Answer>, LlmError> {
        Ok(Box::new(Silent))
    }
}

struct Silent;

#[async_trait]
impl Answer for Silent {
    async fn next(&mut self) -> Result<Option<Delta>, LlmError> {
        Ok(None)
    }
}

#[async_trait]
impl services::Session for Host {
    async fn user_name(&self) -> String {
        String::new()
    }
    async fn usage(&self) -> Result<Usage, Failure> {
        off()
    }
    async fn limits(&self) -> Result<Limits, Failure> {
        off()
    }
    async fn spending(&self) -> Result<Spending, Failure> {
        off()
    }
    async fn last_spending(&self) -> Result<Option<Spending>, Failure> {
        off()
    }
    async fn allowances(&self) -> Result<Vec<Allowance>, Failure> {
        off()
    }
    async fn model(&self) -> Model {
        Model {
            name: String::new(),
            server: String::new(),
        }
    }
    async fn services(&self) -> contract::Services {
        contract::Services {
            storage: String::new(),
            cache: String::new(),
        }
    }
    async fn active_plugins(&self) -> Vec<Plugin> {
        Vec::new()
    }
    async fn all_commands(&self) -> Vec<CommandInfo> {
        Vec::new()
    }
}

/// Implements interfaces of which every function fails.
macro_rules! off {
    ($($interface:ident { $($name:ident($($argument:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl services::$interface for Host {
            $(
                async fn $name(&self $(, _: $argument)*) -> Result<$answer, Failure> {
                    off()
                }
            )*
        }
    )*};
}

off! {
    Conversations {
        current() -> Conversation;
        read(Option<u64>, u32) -> Vec<StoredMessage>;
        clear() -> Conversation;
        undo() -> String;
    }
    ConversationsAll {
        list(Option<&str>, u32) -> Vec<Conversation>;
        search(&str, u32) -> Vec<Conversation>;
        read(&str, Option<u64>, u32) -> Vec<StoredMessage>;
        resume(&str) -> Conversation;
        rename(&str, &str) -> ();
        fork(&str, u64) -> Conversation;
        delete(&str) -> ();
    }
    Auth {
        change_password() -> ();
        log_out() -> ();
    }
    Users {
        list(Option<&str>, u32) -> Vec<User>;
        add(&str, &str, Access) -> ();
        set_role(&str, Access) -> ();
        disable(&str) -> ();
        enable(&str) -> ();
        reset_password(&str) -> ();
        delete(&str) -> ();
    }
    Audit {
        list(&Filter, Option<u64>, u32) -> Vec<Event>;
        verify() -> String;
    }
    Plugins {
        reload() -> Vec<String>;
    }
    Storage {
        get(&PluginName, &str) -> Option<Vec<u8>>;
        set(&PluginName, &str, Vec<u8>) -> ();
        delete(&PluginName, &str) -> ();
        keys(&PluginName, &str, Option<&str>) -> Vec<String>;
    }
    Cache {
        get(&PluginName, &str) -> Option<Vec<u8>>;
        set(&PluginName, &str, Vec<u8>, u32) -> ();
        clear_answers() -> u64;
    }
    RateLimit {
        take() -> Ticket;
    }
}
