//! Opens everything a chat needs, in the order that gives the fastest start and the clearest refusal.
//!
//! Components are admitted on a thread of their own while the database opens. Nothing is sent anywhere: a
//! model server that is down is noticed by the first turn.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mini_llm_chat_engine::audit::{self, AuditEvent, AuditTrail, FileTrail};
use mini_llm_chat_engine::auth::Gate;
use mini_llm_chat_engine::auth::LoginRefused;
use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::engine::{Config, Engine, HostCommand, Parts};
use mini_llm_chat_engine::limit::{DatabaseLimiter, Window};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::private_file::PrivateFileError;
use mini_llm_chat_engine::session::Session;
use mini_llm_chat_engine::storage::Store;
use mini_llm_chat_engine::tokens::{Context, Counter, Encoding};
use mini_llm_chat_engine::turn::TurnError;
use mini_llm_chat_engine::upstream::{self, BaseUrl, CaCertificates, Client, ConfigError};
use mini_llm_chat_engine::{EngineError, install_key};
use mini_llm_chat_sandbox::contract::Access;
use mini_llm_chat_sandbox::{Component, PluginSet, Problem, Refusal, Sandbox, SandboxConfig};

use crate::config::{Database, Model, Plugins, Settings};
use crate::entrance::{self, Entrance};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::shared::Shared;
use crate::{built_in, database, plugins_cmd, terminal, trail, view};

/// What a start may take before it says what it is waiting for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// An open chat: the engine, and who is at it.
pub(crate) struct House {
    pub(crate) engine: Arc<Engine>,
    pub(crate) session: Arc<Session>,
    gate: Arc<Gate>,
    token: PathBuf,
    store: Arc<dyn Store>,
    history: Option<PathBuf>,
    pub(crate) shared: Shared,
}

impl House {
    /// Opens the database, admits the plugins, and puts the engine together. A `person` can be asked whether
    /// the chat shall go on without its database.
    ///
    /// # Errors
    /// When a file, a plugin or a setting cannot be used.
    pub(crate) async fn open(
        settings: &Settings,
        log: Log,
        host_commands: &'static [HostCommand],
        person: bool,
    ) -> Result<Self> {
        let shared = Shared::begin(settings.redis.clone());
        let reload = Reload::new(settings)?;
        // A refused plugin leaves no new database behind; one that is there opens meanwhile.
        let (assembled, opened) = if has_database(settings) {
            let opening = database::open(settings, person);
            let (assembled, opened) = tokio::join!(reload.in_background(), opening);
            // Closed in order, it leaves no files beside it.
            if let (Ok(Err(_)), Ok(opened)) = (&assembled, &opened) {
                opened.store.close().await;
            }
            (assembled, Some(opened))
        } else {
            (reload.in_background().await, None)
        };
        let file = FileTrail::open(&settings.paths.audit_file(), log.clone());
        let file = file.map_err(cannot_create)?;
        let plugins = match assembled? {
            Ok(plugins) => plugins,
            Err(refusals) => return Err(reload.refused(&refusals, &log, &file).await),
        };
        let opened = match opened {
            Some(opened) => opened?,
            None => database::open(settings, person).await?,
        };
        let (store, in_memory) = (opened.store, opened.in_memory);
        plugins.notices().iter().for_each(terminal::notice);
        unused_sections(settings, &plugins).for_each(terminal::notice);
        let keys = entrance::keys(settings, &log, &*store).await?;
        let limiter = DatabaseLimiter::new(store.clone(), window(settings), Clock::wall())
            .with(settings.limits.quotas);
        let shared = shared
            .await
            .map_err(|_| Failure::new(Exit::Internal, "looking for Redis ended early"))??;
        let audit = trail::of(settings, &store, in_memory, &keys, file, &log).await?;
        let keys = Arc::new(keys);
        let entrance = Entrance::of(
            settings,
            &log,
            store.clone(),
            audit.clone(),
            &keys,
            in_memory,
        );
        let session = entrance.session().await?;
        let gate = Arc::clone(&entrance.gate);
        let engine = Engine::new(Parts {
            limiter: shared.limiter(window(settings), settings.limits.quotas, Arc::new(limiter)),
            cache: shared.cache(&keys)?,
            upstream: client(settings)?,
            tokens: Counter::new(Encoding::of(&settings.model.name)),
            context: context(&settings.model),
            audit: audit.clone(),
            reload: reload.into_engine(),
            install_key: install_key(settings, in_memory)?,
            config: config(settings),
            store: store.clone(),
            keys,
            gate: Arc::clone(&gate),
            plugins,
            log,
            host_commands,
        });
        engine.begin().await;
        for event in opened.events {
            audit::note(audit.as_ref(), event).await;
        }
        match engine.settle().await {
            Ok(0) => {}
            Ok(turns) => terminal::notice(view::settled(turns)),
            // The first turn says it again, and does not begin.
            Err(error) => terminal::notice(engine.shown(&error)),
        }
        Ok(Self {
            gate,
            token: settings.paths.token_file(),
            engine: Arc::new(engine),
            session: Arc::new(session),
            store,
            history: (!in_memory).then(|| settings.paths.history_file()),
            shared,
        })
    }

    /// Where the line editor keeps what was typed; nowhere for a chat in memory.
    pub(crate) fn history_file(&self) -> Option<PathBuf> {
        self.history.clone()
    }

    /// Why the session has ended, if it has: somebody revoked its token, or the person logged out. A database that
    /// cannot be asked ends nothing; the next turn says so.
    pub(crate) async fn ended(&self) -> Option<Failure> {
        if self.session.has_left() {
            entrance::forget_token(&self.token);
            return Some(Failure::new(
                Exit::Done,
                "this session has ended: log in again",
            ));
        }
        match self.gate.check(&self.session).await {
            Ok(()) => None,
            Err(LoginRefused::Engine(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the session could not be checked"
                );
                None
            }
            Err(ended) => Some(Failure::new(
                Exit::NotPermitted,
                format_args!("this session has ended: {ended}"),
            )),
        }
    }

    /// Lets the next turn belong to a new conversation that is not the current one.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) async fn begin_conversation(&self) -> Result<()> {
        let begun = self
            .store
            .begin(self.session.user())
            .await
            .map_err(storage_failed)?;
        self.session.go_on_in(begun.id);
        Ok(())
    }

    /// Removes the session's conversation where nothing was said in it.
    pub(crate) async fn forget_if_empty(&self) {
        let (user, id) = (self.session.user(), self.session.conversation());
        let found = self.store.conversation(user, id).await;
        if found.is_ok_and(|found| found.messages == 0)
            && let Err(error) = self.store.delete(user, id, Some(0)).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an empty conversation stays"
            );
        }
    }

    /// Who is here, in which conversation, under which rules. One line each.
    pub(crate) async fn welcome(&self) -> Vec<String> {
        let (name, id) = (self.session.name(), self.session.conversation());
        let conversation = match self.store.conversation(self.session.user(), id).await {
            Ok(found) if found.messages == 0 => "a new conversation".to_owned(),
            Ok(found) if found.title.is_empty() => {
                format!("your last conversation ({} messages)", found.messages)
            }
            Ok(found) => format!("“{}” ({} messages)", found.title, found.messages),
            Err(_) => "a conversation that cannot be read now".to_owned(),
        };
        let version = env!("CARGO_PKG_VERSION");
        let role = match self.session.access() {
            Access::Admin if self.session.token().is_none() => "owner",
            Access::Admin => "admin",
            Access::User => "user",
        };
        let mut lines = vec![
            format!(
                "mini-llm-chat {version}: {name} ({role}), {conversation}, {}",
                self.store.description()
            ),
            self.engine.plugins().summary().join("; "),
        ];
        lines.push("`help` lists the commands, Ctrl-D leaves.".to_owned());
        lines
    }

    /// Why a turn has no answer, in words fit to be shown.
    pub(crate) fn words(&self, error: &TurnError) -> String {
        match error {
            // What a database says about itself is foreign text.
            TurnError::Engine(_) | TurnError::Audit(_) => self.engine.shown(error),
            other => other.to_string(),
        }
    }

    /// Signs where the audit trail ends, and ends the connections of the database.
    pub(crate) async fn close(&self) {
        self.engine.close().await;
        self.store.close().await;
    }
}

/// What the sandbox needs to make a plugin set, at start and at every reload.
#[derive(Clone)]
pub(crate) struct Reload {
    sandbox: Arc<Sandbox>,
    built_in: Arc<[Component]>,
    plugins: Plugins,
}

impl Reload {
    /// # Errors
    /// When the sandbox cannot be made.
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let cache_dir = Some(settings.paths.cache.join("components"));
        let sandbox = Sandbox::new(SandboxConfig { cache_dir })
            .map_err(|error| Failure::new(Exit::Internal, error))?;
        sandbox.notices().iter().for_each(terminal::notice);
        Ok(Self {
            sandbox,
            built_in: built_in::components()?.into(),
            plugins: settings.plugins.clone(),
        })
    }

    /// Makes a set on a thread of its own.
    ///
    /// # Errors
    /// When that thread ended early; refusals are an answer.
    pub(crate) async fn in_background(&self) -> Result<Assembled> {
        let this = self.clone();
        let mut assembling = tokio::task::spawn_blocking(move || this.assemble());
        let assembled = match tokio::time::timeout(PATIENCE, &mut assembling).await {
            Ok(assembled) => assembled,
            Err(_) => {
                terminal::compiling();
                assembling.await
            }
        };
        assembled.map_err(|_| Failure::new(Exit::Internal, "loading the plugins ended early"))
    }

    fn assemble(&self) -> Assembled {
        let dir = self.plugins.dir.as_ref().map(|dir| dir.as_path());
        self.assemble_from(dir)
    }

    /// As [`Self::assemble`], with what the config file says of the plugins now.
    fn assemble_anew(&self) -> Assembled {
        let mut this = self.clone();
        this.plugins.operator.plugins = this.plugins.file.read().map_err(|failure| {
            let problem = Problem::Operator(failure.message);
            vec![Refusal::new("the config file", vec![problem])]
        })?;
        this.assemble()
    }

    fn assemble_from(&self, dir: Option<&Path>) -> Assembled {
        let built_in = self.built_in.to_vec();
        PluginSet::assemble(&self.sandbox, built_in, dir, &self.plugins.operator)
    }

    /// Audits a set that cannot be used. What is said of it is foreign text: the built-in redactor alone
    /// judges it, if that can be had.
    async fn refused(&self, refusals: &[Refusal], log: &Log, audit: &dyn AuditTrail) -> Failure {
        let this = self.clone();
        let built_in = tokio::task::spawn_blocking(move || this.assemble_from(None)).await;
        if let Ok(Ok(built_in)) = built_in {
            log.attach(Arc::new(move || Box::new(built_in.redactor())));
        }
        for refusal in refusals {
            audit::note(audit, AuditEvent::refused(refusal)).await;
        }
        plugins_cmd::refused(refusals)
    }

    fn into_engine(self) -> mini_llm_chat_engine::engine::Reload {
        Arc::new(move || self.assemble_anew())
    }
}

/// A set, or every reason against it.
pub(crate) type Assembled = std::result::Result<PluginSet, Vec<Refusal>>;

/// A section of the config that names no active plugin may be a typing error that leaves a rule out.
fn unused_sections(settings: &Settings, plugins: &PluginSet) -> impl Iterator<Item = String> {
    let active = plugins.plugins();
    let sections = settings.plugins.operator.plugins.keys();
    sections
        .filter(move |name| !active.iter().any(|plugin| plugin.name == name.as_str()))
        .map(|name| format!("warning: [plugins.{name}] in the config is of no active plugin"))
}

/// Whether opening the database creates nothing.
fn has_database(settings: &Settings) -> bool {
    match &settings.database {
        Database::Sqlite(path) => path.exists(),
        Database::Postgres(_) | Database::Memory => true,
    }
}

/// The way to the model server; nothing is sent yet.
///
/// # Errors
/// When address, key or certificates cannot be used.
pub(crate) fn client(settings: &Settings) -> Result<Client> {
    let refused = |error: ConfigError| Failure::config(error);
    let model = &settings.model;
    let base_url = BaseUrl::parse(model.base_url.as_str()).map_err(refused)?;
    let key = model.api_key.as_deref().cloned();
    let key = key
        .map(|key| upstream::ApiKey::parse(key, &base_url))
        .transpose()
        .map_err(refused)?;
    let mut client = upstream::Settings::standard(base_url, key);
    client.dialects = model.dialects.clone();
    if let Some(path) = &model.ca_file {
        client.ca_certificates = ca_certificates(path)?;
    }
    client.timeouts.connect = settings.timeouts.connect;
    client.timeouts.first_byte = settings.timeouts.first_byte;
    client.timeouts.between = settings.timeouts.idle;
    client.timeouts.total = settings.timeouts.total;
    Client::new(client).map_err(refused)
}

/// The certificates of the file that the operator named.
fn ca_certificates(path: &Path) -> Result<CaCertificates> {
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::config(format_args!("model.ca_file: {}: {reason}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|error| refused(&error))?;
    CaCertificates::parse(&pem).map_err(|error| refused(&error))
}

fn context(model: &Model) -> Context {
    model.context_tokens.map_or_else(
        || Context::of(&model.name),
        |tokens| Context::configured(u64::from(tokens.get())),
    )
}

fn config(settings: &Settings) -> Config {
    Config {
        model: settings.model.name.to_string(),
        fallbacks: settings.model.fallbacks.clone(),
        temperature: settings.model.temperature,
        max_tokens: settings.model.max_tokens.map(std::num::NonZeroU32::get),
        message_limit: settings.limits.message_chars.get(),
        answer_lifetime: settings.cache_lifetime,
        prices: settings.model.prices.clone(),
    }
}

fn window(settings: &Settings) -> Window {
    Window {
        max_calls: settings.limits.max_calls.get(),
        // Settings hold whole seconds; a window longer than a century limits as much.
        seconds: u32::try_from(settings.limits.window.as_secs()).unwrap_or(u32::MAX),
    }
}

fn install_key(settings: &Settings, in_memory: bool) -> Result<[u8; install_key::BYTES]> {
    if in_memory {
        install_key::random()
    } else {
        install_key::load_or_make(&settings.paths.install_key())
    }
    .map_err(cannot_create)
}

/// The name of the person at a store without accounts, as the operating system's session has it.
pub(crate) fn local_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let mut known = names.filter_map(|name| std::env::var(name).ok());
    known
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "you".to_owned())
}

pub(crate) fn cannot_create(error: PrivateFileError) -> Failure {
    Failure::new(Exit::CannotCreate, error)
}

pub(crate) fn storage_failed(error: EngineError) -> Failure {
    Failure::new(exit_of(&error), error)
}

/// How the process ends over an error of the engine.
pub(crate) const fn exit_of(error: &EngineError) -> Exit {
    match error {
        EngineError::StorageFile { .. } | EngineError::Spool(_) => Exit::CannotCreate,
        EngineError::StorageRefused { .. }
        | EngineError::StorageCorrupt { .. }
        | EngineError::StorageNewer { .. }
        | EngineError::KeyRefused { .. }
        | EngineError::StorageDenied { .. }
        | EngineError::StorageAbsent { .. }
        | EngineError::StorageUnmigrated { .. }
        | EngineError::StorageWithoutAccounts { .. }
        | EngineError::KeyUnknown { .. }
        | EngineError::Password(_)
        | EngineError::PrivateFile(_) => Exit::Config,
        EngineError::Denied(_) | EngineError::SessionEnded(_) => Exit::NotPermitted,
        EngineError::Conflict(_) | EngineError::NotFound { .. } => Exit::Data,
        EngineError::StorageLocked { .. }
        | EngineError::StorageSlow { .. }
        | EngineError::StorageUnreachable { .. }
        | EngineError::StorageGivenUp
        | EngineError::StorageFailed { .. }
        | EngineError::TurnWaits(_)
        | EngineError::SharedUnavailable { .. }
        | EngineError::SharedCacheKept { .. } => Exit::Unavailable,
        EngineError::MessageTooLong { .. } | EngineError::Invalid(_) => Exit::Data,
        _ => Exit::Internal,
    }
}
