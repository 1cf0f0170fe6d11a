//! What the program runs with, checked and complete.

use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use mini_llm_chat_engine::cost::Prices;
use mini_llm_chat_engine::keys::KeySources;
use mini_llm_chat_engine::limit::Quotas;
use mini_llm_chat_engine::log::LogConfig;
use mini_llm_chat_engine::shared::Address;
use mini_llm_chat_engine::storage::postgres::{self, PostgresUrl};
use mini_llm_chat_engine::upstream::Settled;
use mini_llm_chat_sandbox::Operator;
use secrecy::SecretString;
use url::Url;

use super::file::PluginSections;
use super::source::Sourced;
use crate::paths::Paths;

/// Everything that was set, by whatever source. Secrets are already known to the log's literal match.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The model and its server.
    pub(crate) model: Model,
    /// Where conversations are kept.
    pub(crate) database: Database,
    /// The token of the environment, which counts before the one of the last login.
    pub(crate) token: Option<SecretString>,
    /// How long a login lasts.
    pub(crate) token_expiry: Duration,
    /// What `--setup-admin` takes from the environment.
    pub(crate) admin: Admin,
    /// Where the keys for tokens, audit and cache come from.
    pub(crate) keys: KeySources,
    /// The second place of the audit trail's checkpoints.
    pub(crate) checkpoints: PathBuf,
    /// How much one user may do.
    pub(crate) limits: Limits,
    /// How long an answer may be given again without a call; zero turns the cache off.
    pub(crate) cache_lifetime: Duration,
    /// Where limits and cached answers are shared; none: they are not.
    pub(crate) redis: Option<Redis>,
    /// How long to wait for the model server.
    pub(crate) timeouts: Timeouts,
    /// Which components run, and what they may do.
    pub(crate) plugins: Plugins,
    /// What the log holds, and where.
    pub(crate) log: LogConfig,
    /// The program's directories.
    pub(crate) paths: Paths,
    /// Lines for standard error at start: warnings, and what a `.env` points to.
    pub(crate) notices: Vec<String>,
}

/// What a filter runs with. A wrong setting of the chat is none of its business.
#[derive(Clone, Debug)]
pub(crate) struct FilterSettings {
    /// Which components run, and what they may do.
    pub(crate) plugins: Plugins,
    /// The program's directories.
    pub(crate) paths: Paths,
}

/// The model and its server.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Sent to `base_url` only; checked against it. None for servers that want none.
    pub(crate) api_key: Option<Sourced<SecretString>>,
    /// Such as `https://api.openai.com/v1`; without a slash at the end, user, query or fragment.
    pub(crate) base_url: Sourced<Url>,
    /// The model's name.
    pub(crate) name: Sourced<String>,
    /// 0 to 2; none: the server decides.
    pub(crate) temperature: Option<f32>,
    /// Most tokens of an answer; none: the server decides.
    pub(crate) max_tokens: Option<NonZeroU32>,
    /// What the model takes, history and answer together, where the engine does not know the model.
    pub(crate) context_tokens: Option<NonZeroU32>,
    /// Models to ask where the first one does not answer, in order.
    pub(crate) fallbacks: Vec<String>,
    /// What is settled of the server's dialect, by model.
    pub(crate) dialects: HashMap<String, Settled>,
    /// What models cost.
    pub(crate) prices: Prices,
    /// Certificates of authorities that are believed beside the system's, as PEM.
    pub(crate) ca_file: Option<Sourced<PathBuf>>,
}

/// The administrator to be.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// The name that is used to log in.
    pub(crate) name: Option<String>,
    /// To be shown in the list of accounts.
    pub(crate) email: Option<String>,
    /// Holds the password.
    pub(crate) password_file: Option<PathBuf>,
}

/// Where conversations are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file on this machine, made with mode 0600 at first use.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Postgres),
    /// Nothing is kept.
    Memory,
}

/// Where limits and cached answers are shared.
#[derive(Clone, Debug)]
pub(crate) struct Redis {
    /// With its password.
    pub(crate) address: Sourced<Address>,
    /// Whether there is no turn without it.
    pub(crate) required: bool,
}

/// A database server, and what to do without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Postgres {
    /// Where it is.
    pub(crate) url: PostgresUrl,
    /// How much of it this process may use.
    pub(crate) limits: postgres::Limits,
    /// The chat goes on in memory where it cannot be reached, without a question.
    pub(crate) falls_back: bool,
}

/// How much one user may do.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Turns that call the model, per window.
    pub(crate) max_calls: Sourced<NonZeroU32>,
    /// The window; whole seconds, at least one.
    pub(crate) window: Sourced<Duration>,
    /// Tokens of one user, and what all users together may use, in the same window.
    pub(crate) quotas: Quotas,
    /// Most characters of one message.
    pub(crate) message_chars: NonZeroUsize,
}

/// How long to wait for the model server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// Until the connection stands, TLS included.
    pub(crate) connect: Duration,
    /// From the request to the first byte of the answer.
    pub(crate) first_byte: Duration,
    /// Between two pieces of a streamed answer.
    pub(crate) idle: Duration,
    /// For one answer as a whole.
    pub(crate) total: Duration,
}

/// Which components run, and what they may do.
#[derive(Clone, Debug)]
pub(crate) struct Plugins {
    /// The directory of the policy swap; none: the built-in set.
    pub(crate) dir: Option<Sourced<PathBuf>>,
    /// Where the sections of the plugins are, to be read anew by a reload.
    pub(crate) file: PluginSections,
    /// Settings, grants and the lock. Command names that are the host's own are for the engine to add.
    pub(crate) operator: Operator,
}
