//! The precedence of settings, in one table: which option, environment variable and config key is which
//! value, and what a `.env` in the working directory may set.
//!
//! The order of [`Source`] is the precedence. Every value remembers where it came from, for messages and
//! because a key follows only a base URL that is as trusted as the key itself.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// Where a value came from, strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An option on the command line.
    Flag,
    /// The process's environment.
    Environment,
    /// The file of `--env-file`, with the line.
    EnvFile(Arc<Path>, usize),
    /// `.env` in the working directory, with the line.
    DotEnv(usize),
    /// The config file.
    ConfigFile(Arc<Path>),
    /// Nobody set it.
    Default,
}

impl Source {
    /// How much a value from here is believed; the larger the more. The user chose all but `.env`, which
    /// may have come with a cloned repository.
    pub(crate) const fn trust(&self) -> u8 {
        match self {
            Self::DotEnv(_) => 0,
            Self::Flag
            | Self::Environment
            | Self::EnvFile(..)
            | Self::ConfigFile(_)
            | Self::Default => 1,
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it came from.
    pub(crate) source: Source,
}

impl<T> Deref for Sourced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One setting: all the names that it has.
#[derive(Debug)]
pub(crate) struct Row {
    /// The option, without the dashes; empty if there is none.
    pub(crate) flag: &'static str,
    /// The environment variable; empty if there is none.
    pub(crate) env: &'static str,
    /// The dotted key in the config file; empty if there is none.
    pub(crate) file: &'static str,
    /// Whether a `.env` in the working directory may set it.
    pub(crate) dot_env: bool,
}

impl Row {
    /// The name under which a source knows the value, such as "`LOG_LEVEL` (.env line 3)".
    pub(crate) fn place(&self, source: &Source) -> Place {
        Place {
            name: self.name(source),
            source: source.clone(),
        }
    }

    fn name(&self, source: &Source) -> String {
        match source {
            Source::Flag => format!("--{}", self.flag),
            Source::ConfigFile(_) => self.file.to_owned(),
            _ => self.env.to_owned(),
        }
    }
}

/// A name and its source, as they are shown in messages.
#[derive(Debug)]
pub(crate) struct Place {
    name: String,
    source: Source,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.source {
            Source::Flag => write!(f, "{name}"),
            source => write!(f, "{name} ({source})"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => write!(f, "option"),
            Self::Environment => write!(f, "environment"),
            Self::EnvFile(path, line) => write!(f, "{} line {line}", path.display()),
            Self::DotEnv(line) => write!(f, ".env line {line}"),
            Self::ConfigFile(path) => write!(f, "{}", path.display()),
            Self::Default => write!(f, "default"),
        }
    }
}

const fn row(flag: &'static str, env: &'static str, file: &'static str, dot_env: bool) -> Row {
    Row {
        flag,
        env,
        file,
        dot_env,
    }
}

// option, environment, config file, may .env set it
pub(crate) const API_KEY: Row = row("api-key", "OPENAI_API_KEY", "model.api_key", true);
pub(crate) const API_KEY_FILE: Row = row("", "OPENAI_API_KEY_FILE", "model.api_key_file", false);
pub(crate) const BASE_URL: Row = row("base-url", "OPENAI_BASE_URL", "model.base_url", false);
pub(crate) const MODEL: Row = row("model", "OPENAI_MODEL", "model.name", false);
pub(crate) const TEMPERATURE: Row = row("temperature", "", "model.temperature", false);
pub(crate) const MAX_TOKENS: Row = row("max-tokens", "", "model.max_tokens", false);
pub(crate) const CONTEXT_TOKENS: Row = row("", "", "model.context_tokens", false);
pub(crate) const CA_FILE: Row = row("", "", "model.ca_file", false);
pub(crate) const DB_BACKEND: Row = row("db-backend", "DB_BACKEND", "database.backend", false);
pub(crate) const DATABASE_URL: Row = row("database-url", "DATABASE_URL", "database.url", true);
pub(crate) const DB_CONNECTIONS: Row = row("", "", "database.connections", false);
pub(crate) const DB_CONNECT: Row = row("", "", "database.connect_timeout", false);
pub(crate) const DB_STATEMENT: Row = row("", "", "database.statement_timeout", false);
pub(crate) const MAX_CALLS: Row = row(
    "max-calls",
    "RATE_LIMIT_MAX_CALLS",
    "limits.max_calls",
    true,
);
pub(crate) const TIME_WINDOW: Row = row(
    "time-window",
    "RATE_LIMIT_TIME_WINDOW",
    "limits.time_window",
    true,
);
pub(crate) const LIMIT_TOKENS: Row = row("", "", "limits.tokens", false);
pub(crate) const OVERALL_CALLS: Row = row("", "", "limits.overall_calls", false);
pub(crate) const OVERALL_TOKENS: Row = row("", "", "limits.overall_tokens", false);
pub(crate) const MESSAGE_CHARS: Row = row("", "", "limits.message_chars", false);
pub(crate) const CACHE_SECONDS: Row = row("", "", "cache.seconds", false);
pub(crate) const LOG_LEVEL: Row = row("log-level", "LOG_LEVEL", "log.level", true);
pub(crate) const LOG_FORMAT: Row = row("", "", "log.format", false);
pub(crate) const LOG_FILE: Row = row("", "", "log.file", false);
pub(crate) const LOG_BYTES: Row = row("", "", "log.max_bytes", false);
pub(crate) const LOG_GENERATIONS: Row = row("", "", "log.generations", false);
pub(crate) const TIMEOUT_CONNECT: Row = row("", "", "timeouts.connect", false);
pub(crate) const TIMEOUT_FIRST_BYTE: Row = row("", "", "timeouts.first_byte", false);
pub(crate) const TIMEOUT_IDLE: Row = row("", "", "timeouts.idle", false);
pub(crate) const TIMEOUT_TOTAL: Row = row("", "", "timeouts.total", false);
pub(crate) const TOKEN_EXPIRY: Row = row("token-expiry", "JWT_EXPIRY", "auth.token_expiry", false);
pub(crate) const PLUGIN_DIR: Row = row("plugin-dir", "PLUGIN_DIR", "plugin_dir", false);
pub(crate) const PLUGIN_LOCK: Row = row("plugin-lock", "", "plugin_lock", false);
pub(crate) const JWT_SECRET_KEY: Row = row("", "JWT_SECRET_KEY", "", true);
pub(crate) const JWT_SECRET_KEY_FILE: Row =
    row("", "JWT_SECRET_KEY_FILE", "keys.token_file", false);
pub(crate) const AUDIT_KEY: Row = row("", "MINI_LLM_CHAT_AUDIT_KEY", "", false);
pub(crate) const AUDIT_KEY_FILE: Row =
    row("", "MINI_LLM_CHAT_AUDIT_KEY_FILE", "keys.audit_file", false);
pub(crate) const CACHE_KEY: Row = row("", "MINI_LLM_CHAT_CACHE_KEY", "", false);
pub(crate) const CACHE_KEY_FILE: Row =
    row("", "MINI_LLM_CHAT_CACHE_KEY_FILE", "keys.cache_file", false);
pub(crate) const CHECKPOINTS_FILE: Row = row(
    "",
    "MINI_LLM_CHAT_CHECKPOINTS_FILE",
    "audit.checkpoints_file",
    false,
);
pub(crate) const SAVED_TOKEN: Row = row("", "MINI_LLM_CHAT_TOKEN", "", false);
pub(crate) const REDIS_URL: Row = row("", "REDIS_URL", "redis.url", true);
pub(crate) const REDIS_HOST: Row = row("", "REDIS_HOST", "redis.host", true);
pub(crate) const REDIS_PORT: Row = row("", "REDIS_PORT", "redis.port", true);
pub(crate) const REDIS_PASSWORD: Row = row("", "REDIS_PASSWORD", "redis.password", true);
pub(crate) const REDIS_CA_FILE: Row = row("", "", "redis.ca_file", false);
pub(crate) const REDIS_REQUIRED: Row = row("", "", "redis.required", false);

pub(crate) const ADMIN_USERNAME: Row = row("", "ADMIN_USERNAME", "", false);
pub(crate) const ADMIN_EMAIL: Row = row("", "ADMIN_EMAIL", "", false);
pub(crate) const ADMIN_PASSWORD_FILE: Row = row("", "ADMIN_PASSWORD_FILE", "", false);

/// All of the above.
pub(crate) const TABLE: [&Row; 49] = [
    &API_KEY,
    &API_KEY_FILE,
    &BASE_URL,
    &MODEL,
    &TEMPERATURE,
    &MAX_TOKENS,
    &CONTEXT_TOKENS,
    &CA_FILE,
    &DB_BACKEND,
    &DATABASE_URL,
    &DB_CONNECTIONS,
    &DB_CONNECT,
    &DB_STATEMENT,
    &MAX_CALLS,
    &TIME_WINDOW,
    &LIMIT_TOKENS,
    &OVERALL_CALLS,
    &OVERALL_TOKENS,
    &MESSAGE_CHARS,
    &CACHE_SECONDS,
    &LOG_LEVEL,
    &LOG_FORMAT,
    &LOG_FILE,
    &LOG_BYTES,
    &LOG_GENERATIONS,
    &TIMEOUT_CONNECT,
    &TIMEOUT_FIRST_BYTE,
    &TIMEOUT_IDLE,
    &TIMEOUT_TOTAL,
    &TOKEN_EXPIRY,
    &PLUGIN_DIR,
    &PLUGIN_LOCK,
    &JWT_SECRET_KEY,
    &JWT_SECRET_KEY_FILE,
    &AUDIT_KEY,
    &AUDIT_KEY_FILE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CHECKPOINTS_FILE,
    &SAVED_TOKEN,
    &REDIS_URL,
    &REDIS_HOST,
    &REDIS_PORT,
    &REDIS_PASSWORD,
    &REDIS_CA_FILE,
    &REDIS_REQUIRED,
    &ADMIN_USERNAME,
    &ADMIN_EMAIL,
    &ADMIN_PASSWORD_FILE,
];
