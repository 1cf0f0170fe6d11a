//! Every import of a command, tried by everybody: what the table of roles says is what happens.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "storage/recorder.rs"]
mod recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mini_llm_chat_engine::auth::{AccountName, Actor, Gate, Needs, NewUser, Operation, Password};
use mini_llm_chat_engine::cache::ProcessCache;
use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::command::CommandFailed;
use mini_llm_chat_engine::cost::Prices;
use mini_llm_chat_engine::engine::{Config, Engine, Parts};
use mini_llm_chat_engine::keys::Keys;
use mini_llm_chat_engine::limit::{DatabaseLimiter, Window};
use mini_llm_chat_engine::log::{Destination, Format, Level, Log, LogConfig};
use mini_llm_chat_engine::secrets::Secrets;
use mini_llm_chat_engine::services::{Console, services};
use mini_llm_chat_engine::session::Session;
use mini_llm_chat_engine::storage::{Location, Store, open};
use mini_llm_chat_engine::tokens::{Context, Counter};
use mini_llm_chat_engine::upstream::{BaseUrl, Client, Settings as Upstream};
use mini_llm_chat_sandbox::contract::{Access, Failure, Filter, LlmError};
use mini_llm_chat_sandbox::services::{Output, Services};
use mini_llm_chat_sandbox::{
    Component, Grant, Operator, Origin, PluginName, PluginSet, Sandbox, SandboxConfig, Settings,
};
use recorder::Recorder;
use secrecy::SecretString;

const PASSWORD: &str = "copper-lantern-otter-39";

/// A person who says no to every question, so that what is permitted changes nothing.
struct Nobody;

#[async_trait]
impl Output for Nobody {
    async fn text(&self, _: &PluginName, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn markdown(&self, _: &PluginName, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn table(&self, _: &PluginName, _: &[String], _: &[Vec<String>]) -> Result<(), Failure> {
        Ok(())
    }

    async fn confirm(&self, _: &PluginName, _: &str) -> Result<bool, Failure> {
        Ok(false)
    }
}

#[async_trait]
impl Console for Nobody {
    async fn confirm_as_host(&self, _: &str) -> bool {
        false
    }

    async fn secret_as_host(&self, _: &str) -> Option<SecretString> {
        None
    }
}

struct Place {
    engine: Arc<Engine>,
    gate: Arc<Gate>,
    store: Arc<dyn Store>,
    trail: Arc<Recorder>,
    admin: Session,
    _home: tempfile::TempDir,
}

fn components() -> Vec<Component> {
    let component = |(name, bytes): (&str, &[u8])| Component {
        name: PluginName::new(name).unwrap(),
        order: String::new(),
        origin: Origin::BuiltIn,
        bytes: bytes.to_vec(),
        settings: Settings::default(),
        grants: if name == "commands" {
            Grant::ALL.into_iter().collect()
        } else {
            BTreeSet::new()
        },
    };
    mini_llm_chat_builtin::all()
        .into_iter()
        .map(component)
        .collect()
}

async fn place() -> Place {
    let home = tempfile::tempdir().unwrap();
    let file = Location::File(home.path().join("data/chat.db"));
    let store = open(&file, Duration::from_secs(5)).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let (trail, keys) = (
        Arc::<Recorder>::default(),
        Arc::new(Keys::random().unwrap()),
    );
    let lifetime = Duration::from_secs(3600);
    let gate = Arc::new(Gate::new(
        store.clone(),
        trail.clone(),
        keys.clone(),
        lifetime,
    ));
    let engine = engine(home.path(), &store, &trail, &keys, &gate);
    gate.set_up_admin(&new("root", Access::Admin))
        .await
        .unwrap();
    let admin = session(&gate, &store, "root").await;
    Place {
        engine,
        gate,
        store,
        trail,
        admin,
        _home: home,
    }
}

fn engine(
    home: &Path,
    store: &Arc<dyn Store>,
    trail: &Arc<Recorder>,
    keys: &Arc<Keys>,
    gate: &Arc<Gate>,
) -> Arc<Engine> {
    let cache_dir = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("components"));
    let sandbox = Sandbox::new(SandboxConfig { cache_dir }).unwrap();
    let plugins = PluginSet::assemble(&sandbox, components(), None, &Operator::default()).unwrap();
    let log = LogConfig {
        level: Level::Info,
        targets: Vec::new(),
        format: Format::Text,
        destination: Destination::File {
            path: home.join("state/log"),
            max_bytes: 1_000_000,
            generations: 1,
        },
    };
    let window = Window {
        max_calls: 1000,
        seconds: 60,
    };
    let nowhere = BaseUrl::parse("http://127.0.0.1:9").unwrap();
    Arc::new(Engine::new(Parts {
        store: store.clone(),
        cache: Arc::new(ProcessCache::new(1_000_000, Clock::monotonic())),
        limiter: Arc::new(DatabaseLimiter::new(store.clone(), window, Clock::wall())),
        upstream: Client::new(Upstream::standard(nowhere, None)).unwrap(),
        tokens: Counter::new(None),
        context: Context::of("gpt-4o"),
        audit: trail.clone(),
        plugins,
        reload: Arc::new(|| Err(Vec::new())),
        log: Log::start(&log, Secrets::new()).unwrap(),
        install_key: [7; 32],
        keys: keys.clone(),
        gate: gate.clone(),
        host_commands: &[],
        config: Config {
            model: "gpt-4o".to_owned(),
            temperature: None,
            max_tokens: None,
            fallbacks: Vec::new(),
            message_limit: 1000,
            answer_lifetime: Duration::ZERO,
            prices: Prices::default(),
        },
    }))
}

fn new(name: &str, access: Access) -> NewUser {
    NewUser {
        name: AccountName::new(name).unwrap(),
        email: String::new(),
        access,
        password: Password::new(&SecretString::from(PASSWORD)),
    }
}

async fn session(gate: &Gate, store: &Arc<dyn Store>, name: &str) -> Session {
    let password = Password::new(&SecretString::from(PASSWORD));
    let (_, login) = gate.log_in(name, &password).await.unwrap();
    let account = login.account;
    let current = store.current(account.id).await.unwrap().id;
    Session::new(account.id, account.name, account.access, current).with_token(login.token)
}

impl Place {
    async fn member(&self, name: &str) -> Session {
        let by = Actor::User(self.admin.user());
        self.gate
            .add_user(by, &new(name, Access::User))
            .await
            .unwrap();
        session(&self.gate, &self.store, name).await
    }

    fn services(&self, session: &Arc<Session>) -> Services {
        services(self.engine.clone(), session.clone(), Arc::new(Nobody))
    }
}

/// Whether each operation was let through. What is let through may still fail, for other reasons.
async fn try_all(services: &Services, conversation: &str) -> BTreeMap<&'static str, bool> {
    fn let_in<T>(result: Result<T, Failure>) -> bool {
        !matches!(result, Err(Failure::Denied(_)))
    }
    let plugin = &PluginName::new("tried").unwrap();
    let filter = Filter {
        name: None,
        user: None,
        since: None,
        until: None,
    };
    let Services {
        session,
        conversations,
        conversations_all: all,
        auth,
        users,
        audit,
        plugins,
        storage,
        cache,
        rate_limit,
        llm,
        ..
    } = services;
    let mut tried = BTreeMap::new();
    let mut note = |operation: Operation, let_in: bool| {
        let before = tried.insert(operation.name(), let_in);
        assert!(
            before.is_none_or(|before| before == let_in),
            "{operation:?}"
        );
    };
    note(Operation::SessionRead, let_in(session.usage().await));
    note(Operation::SessionRead, let_in(session.limits().await));
    note(
        Operation::ConversationRead,
        let_in(conversations.current().await),
    );
    note(
        Operation::ConversationRead,
        let_in(conversations.read(None, 1).await),
    );
    note(
        Operation::ConversationClear,
        let_in(conversations.clear().await),
    );
    note(
        Operation::ConversationUndo,
        let_in(conversations.undo().await),
    );
    note(
        Operation::ConversationsList,
        let_in(all.list(None, 1).await),
    );
    note(
        Operation::ConversationsList,
        let_in(all.search("x", 1).await),
    );
    note(
        Operation::ConversationsList,
        let_in(all.read(conversation, None, 1).await),
    );
    note(
        Operation::ConversationsResume,
        let_in(all.resume(conversation).await),
    );
    note(
        Operation::ConversationsRename,
        let_in(all.rename(conversation, "x").await),
    );
    note(
        Operation::ConversationsFork,
        let_in(all.fork(conversation, 1).await),
    );
    note(
        Operation::ConversationsDelete,
        let_in(all.delete(conversation).await),
    );
    note(Operation::Storage, let_in(storage.get(plugin, "k").await));
    note(
        Operation::Storage,
        let_in(storage.set(plugin, "k", Vec::new()).await),
    );
    note(
        Operation::Storage,
        let_in(storage.delete(plugin, "k").await),
    );
    note(
        Operation::Storage,
        let_in(storage.keys(plugin, "", None).await),
    );
    note(Operation::Cache, let_in(cache.get(plugin, "k").await));
    note(
        Operation::Cache,
        let_in(cache.set(plugin, "k", Vec::new(), 1).await),
    );
    note(Operation::Cache, let_in(cache.clear_answers().await));
    note(Operation::RateLimit, let_in(rate_limit.take().await));
    let asked = llm.ask(plugin, Vec::new(), "x".to_owned()).await;
    note(Operation::Llm, !matches!(asked, Err(LlmError::Upstream(_))));
    note(
        Operation::PasswordChange,
        let_in(auth.change_password().await),
    );
    note(Operation::LogOut, let_in(auth.log_out().await));
    note(Operation::UsersList, let_in(users.list(None, 1).await));
    note(
        Operation::UsersAdd,
        let_in(users.add("new", "", Access::User).await),
    );
    note(
        Operation::UsersSetRole,
        let_in(users.set_role("root", Access::User).await),
    );
    note(Operation::UsersDisable, let_in(users.disable("root").await));
    note(Operation::UsersEnable, let_in(users.enable("root").await));
    note(
        Operation::UsersResetPassword,
        let_in(users.reset_password("root").await),
    );
    note(Operation::UsersDelete, let_in(users.delete("root").await));
    note(
        Operation::AuditList,
        let_in(audit.list(&filter, None, 1).await),
    );
    note(Operation::AuditVerify, let_in(audit.verify().await));
    note(Operation::PluginsReload, let_in(plugins.reload().await));
    tried
}

#[test]
fn the_table_says_who_may_do_what() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let session = |access| {
        Session::new(
            id.parse().unwrap(),
            "a".to_owned(),
            access,
            id.parse().unwrap(),
        )
    };
    let token = || id.parse().unwrap();
    for operation in Operation::ALL {
        let needs = operation.needs();
        let may = |session: Option<&Session>| operation.permit(session).is_ok();
        assert_eq!(may(None), needs == Needs::Anybody, "nobody: {operation:?}");
        let owner = session(Access::Admin);
        assert_eq!(
            may(Some(&owner)),
            needs != Needs::Account,
            "owner: {operation:?}"
        );
        let user = session(Access::User).with_token(token());
        assert_eq!(
            may(Some(&user)),
            needs != Needs::Admin,
            "user: {operation:?}"
        );
        let in_memory = session(Access::User);
        let expected = matches!(needs, Needs::Anybody | Needs::Session);
        assert_eq!(may(Some(&in_memory)), expected, "in memory: {operation:?}");
        let admin = session(Access::Admin).with_token(token());
        assert!(may(Some(&admin)), "admin: {operation:?}");
    }
}

#[tokio::test]
async fn every_import_asks_the_table() {
    let place = place().await;
    let conversation = place.admin.conversation().to_string();
    let user = Arc::new(place.member("anna").await);
    let tried = try_all(&place.services(&user), &conversation).await;
    for operation in Operation::ALL {
        if let Some(let_in) = tried.get(operation.name()) {
            assert_eq!(
                *let_in,
                operation.needs() != Needs::Admin,
                "user: {operation:?}"
            );
        }
    }
    let denied = place.trail.take();
    let denied = denied
        .iter()
        .filter(|event| event["event"] == "permission-denied");
    let denied: BTreeSet<_> = denied
        .inspect(|event| assert_eq!(event["user"], user.user().to_string()))
        .filter_map(|event| event["what"].as_str())
        .collect();
    let refused = tried.iter().filter(|(_, let_in)| !**let_in);
    let refused: BTreeSet<_> = refused.map(|(operation, _)| *operation).collect();
    assert_eq!(denied, refused, "each refusal of a role is audited");
    let admin = Arc::new(session(&place.gate, &place.store, "root").await);
    let tried = try_all(&place.services(&admin), &conversation).await;
    assert!(tried.values().all(|let_in| *let_in), "admin: {tried:?}");
    // The person said no to every question.
    assert_eq!(place.gate.users(None, 10).await.unwrap().len(), 2);
    place.gate.check(&admin).await.unwrap();
}

#[tokio::test]
async fn a_session_that_was_ended_does_nothing_more() {
    let place = place().await;
    let user = Arc::new(place.member("anna").await);
    let (conversation, services) = (user.conversation().to_string(), place.services(&user));
    let run = async |name| place.engine.command(&user, &services, name, "").await;
    run("whoami").await.unwrap();
    let denied = run("users").await.unwrap_err().to_string();
    assert_eq!(denied, "/users needs the role admin");
    let anna = place.gate.find_user("anna").await.unwrap();
    place
        .gate
        .disable(Actor::User(place.admin.user()), &anna)
        .await
        .unwrap();
    let tried = try_all(&services, &conversation).await;
    assert!(tried.values().all(|let_in| !*let_in), "{tried:?}");
    assert!(matches!(
        run("whoami").await,
        Err(CommandFailed::Session(_))
    ));
}

#[tokio::test]
async fn conversations_of_others_do_not_exist_not_even_for_administrators() {
    let place = place().await;
    let anna = place.member("anna").await;
    let theirs = anna.conversation().to_string();
    let ben = Arc::new(place.member("ben").await);
    let admin = Arc::new(session(&place.gate, &place.store, "root").await);
    for other in [ben, admin] {
        let before = other.conversation();
        let services = place.services(&other);
        let all = &services.conversations_all;
        let not_found = |failure: Option<Failure>| matches!(failure, Some(Failure::NotFound));
        assert!(not_found(all.read(&theirs, None, 1).await.err()));
        assert!(not_found(all.resume(&theirs).await.err()));
        assert!(not_found(all.rename(&theirs, "mine").await.err()));
        assert!(not_found(all.fork(&theirs, 1).await.err()));
        assert!(not_found(all.delete(&theirs).await.err()));
        assert_eq!(other.conversation(), before);
    }
    let kept = place
        .store
        .conversation(anna.user(), anna.conversation())
        .await
        .unwrap();
    assert_eq!(kept.title, "");
}
