//! What a turn is made with: one object that lives as long as the process.
//!
//! The engine owns the services and the plugin set that is active. A reload replaces the set in one step;
//! turns that run keep theirs. It knows no terminal: a front end brings an observer and a console.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::hmac;
use mini_llm_chat_sandbox::{PluginSet, Refusal};

use crate::audit::AuditTrail;
use crate::auth::Gate;
use crate::cache::Cache;
use crate::cost::Prices;
use crate::faults::{self, Faults, Recorder};
use crate::hurry::Hurry;
use crate::keys::Keys;
use crate::limit::RateLimiter;
use crate::log::Log;
use crate::secrets::Secrets;
use crate::storage::Store;
use crate::tokens::{Context, Counter};
use crate::turn::ServerFailure;
use crate::upstream::{Client, UpstreamError};

/// How turns are asked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The model's name, as the server knows it.
    pub model: String,
    /// Models to ask where that one does not answer, in order.
    pub fallbacks: Vec<String>,
    /// Unset: the server decides.
    pub temperature: Option<f32>,
    /// Most tokens of an answer. Unset: the server decides.
    pub max_tokens: Option<u32>,
    /// Most characters of a message.
    pub message_limit: usize,
    /// How long an answer may be given again without a call.
    pub answer_lifetime: Duration,
    /// What models cost.
    pub prices: Prices,
}

/// A command of the front end's own, for `help`.
#[derive(Clone, Copy, Debug)]
pub struct HostCommand {
    /// Without the slash.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Such as `/retry`.
    pub usage: &'static str,
    /// One line.
    pub summary: &'static str,
}

/// Makes a new plugin set, or says why not.
pub type Reload = Arc<dyn Fn() -> Result<PluginSet, Vec<Refusal>> + Send + Sync>;

/// What an engine is assembled from.
pub struct Parts {
    /// Users, conversations, turns.
    pub store: Arc<dyn Store>,
    /// Answers given before.
    pub cache: Arc<dyn Cache>,
    /// The window of model calls.
    pub limiter: Arc<dyn RateLimiter>,
    /// The model server.
    pub upstream: Client,
    /// Token counts.
    pub tokens: Counter,
    /// How much the model takes.
    pub context: Context,
    /// The audit trail.
    pub audit: Arc<dyn AuditTrail>,
    /// What is active first.
    pub plugins: PluginSet,
    /// What makes the next set.
    pub reload: Reload,
    /// The log, through which foreign text for the user goes too.
    pub log: Log,
    /// 32 random bytes of this installation, from which canaries are derived.
    pub install_key: [u8; 32],
    /// The keys of this process.
    pub keys: Arc<Keys>,
    /// Who may do what.
    pub gate: Arc<Gate>,
    /// What the front end does itself.
    pub host_commands: &'static [HostCommand],
    /// How turns are asked.
    pub config: Config,
}

/// Runs turns. Shared by all sessions of a process.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) cache: Arc<dyn Cache>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
    pub(crate) upstream: Client,
    pub(crate) tokens: Counter,
    pub(crate) context: Context,
    pub(crate) audit: Arc<dyn AuditTrail>,
    pub(crate) host_commands: &'static [HostCommand],
    pub(crate) config: Config,
    keys: Arc<Keys>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) reload: Reload,
    /// Held while the set is replaced.
    pub(crate) reloading: tokio::sync::Mutex<()>,
    plugins: RwLock<Arc<PluginSet>>,
    pub(crate) hurry: Hurry,
    faults: Faults,
    recorder: Mutex<Option<Recorder>>,
    log: Log,
    canary_key: hmac::Key,
}

/// At both ends of the canary. A policy holds back what can still become the canary, also reversed or rotated by 13,
/// and hardly any text ends with this letter or with the `k` that it becomes.
const CANARY_END: char = 'x';

impl Engine {
    /// Puts the parts together, and gives the log the redactors of the plugin set.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let plugins = Arc::new(parts.plugins);
        let (faults, recorder) = faults::channel();
        attach(&parts.log, &plugins, &faults);
        Self {
            store: parts.store,
            cache: parts.cache,
            limiter: parts.limiter,
            upstream: parts.upstream,
            tokens: parts.tokens,
            context: parts.context,
            audit: parts.audit,
            host_commands: parts.host_commands,
            config: parts.config,
            keys: parts.keys,
            gate: parts.gate,
            plugins: RwLock::new(plugins),
            hurry: Hurry::default(),
            reload: parts.reload,
            reloading: tokio::sync::Mutex::new(()),
            faults,
            recorder: Mutex::new(Some(recorder)),
            log: parts.log,
            canary_key: hmac::Key::new(hmac::HMAC_SHA256, &parts.install_key),
        }
    }

    /// The set that the next turn begins with.
    #[must_use]
    pub fn plugins(&self) -> Arc<PluginSet> {
        // The lock guards one pointer: a panic elsewhere cannot leave it half written.
        Arc::clone(&self.plugins.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys of this process.
    #[must_use]
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Stores what waits for the database; returns how many turns that were.
    ///
    /// # Errors
    /// When the database cannot take them yet.
    pub async fn settle(&self) -> Result<u32, crate::EngineError> {
        self.audit.settle().await
    }

    /// At the end of the process: signs where the audit trail ends.
    pub async fn close(&self) {
        self.hurry.unless_it_presses(self.audit.close()).await;
    }

    /// For a front end whose person asks a second time: a turn that was shown and waits for the database goes to the
    /// spool then.
    #[must_use]
    pub fn hurry(&self) -> Hurry {
        self.hurry.clone()
    }

    /// The next turn begins with this set; returns the one before.
    pub(crate) fn activate(&self, next: Arc<PluginSet>) -> Arc<PluginSet> {
        attach(&self.log, &next, &self.faults);
        let mut active = self.plugins.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut active, next)
    }

    /// What records the faults of redactors; there is one.
    pub(crate) fn take_recorder(&self) -> Option<Recorder> {
        self.recorder
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// A word that only the system prompt holds, the same for one installation and one policy set, so that
    /// prompts and cache keys are stable.
    pub(crate) fn canary(&self, plugins: &PluginSet) -> String {
        let tag = hmac::sign(&self.canary_key, plugins.policy_digest().as_bytes());
        let digits: String = tag
            .as_ref()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{CANARY_END}{digits}{CANARY_END}")
    }

    /// An error of the model server, in words fit to be shown.
    pub(crate) fn explain(&self, error: &UpstreamError) -> ServerFailure {
        let message = match error.detail() {
            Some(detail) => format!("{error} ({})", self.log.foreign(detail.foreign())),
            None => error.to_string(),
        };
        ServerFailure {
            class: error.class(),
            message,
            summary: error.to_string(),
        }
    }

    /// The process's own secrets.
    pub(crate) fn secrets(&self) -> &Secrets {
        self.log.secrets()
    }

    /// Any other error and its causes, in words fit to be shown.
    #[must_use]
    pub fn shown(&self, error: &(dyn std::error::Error + 'static)) -> String {
        self.log.foreign_error(error)
    }
}

/// From now on the log asks the redactors of this set. They are made on the threads that use them.
fn attach(log: &Log, plugins: &Arc<PluginSet>, faults: &Faults) {
    let (plugins, faults) = (Arc::clone(plugins), faults.clone());
    log.attach(Arc::new(move || Box::new(faults.of(plugins.redactor()))));
}
