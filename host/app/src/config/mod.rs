//! From options, environment, files and defaults to checked [`Settings`].
//!
//! Which names a value has and which source beats which is in `source`; what a value must look like is in
//! `value`; this file only joins them, and keeps the two rules that look at several values at once: where a
//! key may go, and which database is meant.

mod database;
mod dotenv;
mod file;
mod keys;
mod layers;
mod models;
mod owned;
mod redis;
mod settings;
mod source;
#[cfg(test)]
mod target;
mod value;

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use mini_llm_chat_engine::limit::Quotas;
use mini_llm_chat_engine::log::{Destination, Format, Level, LogConfig};
use mini_llm_chat_engine::secrets::Secrets;
use mini_llm_chat_sandbox::Operator;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub(crate) use file::PluginSections;
pub(crate) use settings::{
    Admin, Database, FilterSettings, Limits, Model, Plugins, Postgres, Redis, Settings, Timeouts,
};
pub(crate) use source::{Source, Sourced};
pub(crate) use value::age;

use crate::cli::{Options, PROGRAM};
use crate::error::{Failure, Result};
use crate::paths::Paths;
use layers::Layers;

const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";
const DEFAULT_MODEL: &str = "gpt-4o";
const DEFAULT_MAX_CALLS: NonZeroU32 = NonZeroU32::new(3).unwrap();
const DEFAULT_WINDOW: Duration = Duration::from_secs(60);
const DEFAULT_MESSAGE_CHARS: NonZeroUsize = NonZeroUsize::new(32_000).unwrap();
const DEFAULT_CACHE_LIFETIME: Duration = Duration::from_secs(300);
const DEFAULT_TOKEN_EXPIRY: Duration = Duration::from_secs(24 * 3600);
const DEFAULT_LOG_BYTES: NonZeroU32 = NonZeroU32::new(8 * 1024 * 1024).unwrap();
const DEFAULT_LOG_GENERATIONS: u32 = 4;
const DEFAULT_TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    // Reasoning models think before their first byte.
    first_byte: Duration::from_secs(180),
    idle: Duration::from_secs(60),
    total: Duration::from_secs(900),
};

impl Settings {
    /// Reads every source and checks every value. Secrets go into the registry as soon as they are known.
    /// Reads files only; makes none.
    ///
    /// # Errors
    /// When a source cannot be read or a value is wrong: 2 for an option, 78 for all else.
    pub(crate) fn resolve(options: &Options, secrets: &Secrets) -> Result<Self> {
        let paths = Paths::find()?;
        let layers = Layers::read(options, &paths, secrets)?;
        let log_level = layers.get_or(&source::LOG_LEVEL, Level::Info, |text| {
            text.parse()
                .map_err(|error: mini_llm_chat_engine::log::UnknownLevel| error.to_string())
        })?;
        let database = database::database(&layers, &paths)?;
        let mut settings = Self {
            model: model(&layers)?,
            keys: keys::sources(&layers, &paths, &database)?,
            database,
            token: layers.text(&source::SAVED_TOKEN)?.map(|token| token.value),
            token_expiry: layers
                .get_or(&source::TOKEN_EXPIRY, DEFAULT_TOKEN_EXPIRY, value::expiry)?
                .value,
            admin: Admin {
                name: plain(&layers, &source::ADMIN_USERNAME)?,
                email: plain(&layers, &source::ADMIN_EMAIL)?,
                password_file: layers
                    .path(&source::ADMIN_PASSWORD_FILE)?
                    .map(|file| file.value),
            },
            checkpoints: layers
                .path(&source::CHECKPOINTS_FILE)?
                .map_or_else(|| paths.checkpoints_file(), |file| file.value),
            limits: Limits {
                max_calls: layers.get_or(
                    &source::MAX_CALLS,
                    DEFAULT_MAX_CALLS,
                    value::at_least_one,
                )?,
                window: layers.get_or(&source::TIME_WINDOW, DEFAULT_WINDOW, value::seconds)?,
                quotas: quotas(&layers)?,
                message_chars: layers
                    .get_or(
                        &source::MESSAGE_CHARS,
                        DEFAULT_MESSAGE_CHARS,
                        value::characters,
                    )?
                    .value,
            },
            cache_lifetime: layers
                .get_or(
                    &source::CACHE_SECONDS,
                    DEFAULT_CACHE_LIFETIME,
                    value::seconds_or_zero,
                )?
                .value,
            redis: redis::redis(&layers)?,
            timeouts: timeouts(&layers)?,
            plugins: plugins(&layers, PluginSections::new(options, &paths))?,
            log: log(&layers, &paths, log_level.value)?,
            paths,
            notices: Vec::new(),
        };
        settings.notices = notices(&layers, &settings);
        Ok(settings)
    }
}

fn quotas(layers: &Layers<'_>) -> Result<Quotas> {
    let get = |row| Ok(layers.get(row, value::quota)?.map(|set| set.value));
    Ok(Quotas {
        tokens: get(&source::LIMIT_TOKENS)?,
        overall_calls: get(&source::OVERALL_CALLS)?,
        overall_tokens: get(&source::OVERALL_TOKENS)?,
    })
}

fn plain(layers: &Layers<'_>, row: &source::Row) -> Result<Option<String>> {
    let text = layers.text(row)?;
    Ok(text.map(|text| text.value.expose_secret().to_owned()))
}

/// A password from a file that others cannot read, without the end of its line.
///
/// # Errors
/// When it is missing or others can read it.
pub(crate) fn read_secret_file(path: &std::path::Path) -> Result<SecretString> {
    let text = owned::read_secret(path)?.ok_or_else(|| {
        Failure::config(format_args!("{}: there is no such file", path.display()))
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(SecretString::from(line.to_owned()))
}

impl FilterSettings {
    /// Reads every source, but takes of it only what a filter needs. Reads files only; makes none.
    ///
    /// # Errors
    /// When a source cannot be read or a value is wrong: 2 for an option, 78 for all else.
    pub(crate) fn resolve(options: &Options, secrets: &Secrets) -> Result<Self> {
        let paths = Paths::find()?;
        let file = PluginSections::new(options, &paths);
        let plugins = plugins(&Layers::read(options, &paths, secrets)?, file)?;
        Ok(Self { plugins, paths })
    }
}

impl Model {
    /// The key, where the server needs one or one is set.
    ///
    /// # Errors
    /// When OpenAI's own server is to be asked and there is no key.
    pub(crate) fn require_key(&self) -> Result<Option<&SecretString>> {
        if self.api_key.is_none() && value::is_openai(&self.base_url) {
            return Err(Failure::config(format_args!(
                "no API key: set OPENAI_API_KEY, or OPENAI_API_KEY_FILE to a file that holds it; for a server \
                 that needs none set OPENAI_BASE_URL (`{PROGRAM} --help`)"
            )));
        }
        Ok(self.api_key.as_ref().map(|key| &key.value))
    }
}

fn model(layers: &Layers<'_>) -> Result<Model> {
    let base_url = match layers.get(&source::BASE_URL, value::base_url)? {
        Some(url) => url,
        None => Sourced {
            value: Url::parse(DEFAULT_BASE_URL)
                .map_err(|error| Failure::new(crate::exit::Exit::Internal, error))?,
            source: Source::Default,
        },
    };
    let name = layers.get_or(&source::MODEL, DEFAULT_MODEL.to_owned(), value::model_name)?;
    let rules = &layers.file().models;
    let context_tokens = layers.get(&source::CONTEXT_TOKENS, value::at_least_one)?;
    let fallbacks = layers.file().fallbacks.clone();
    for fallback in &fallbacks {
        value::model_name(fallback)
            .map_err(|reason| layers.wrong_in_file("model.fallbacks", &reason))?;
    }
    let prices = models::prices(rules, value::is_openai(&base_url)).map_err(|name| {
        layers.wrong_in_file(
            &format!("models.{name}"),
            "set both prompt_price and completion_price, or neither",
        )
    })?;
    Ok(Model {
        api_key: api_key(layers, &base_url)?,
        base_url,
        temperature: layers
            .get(&source::TEMPERATURE, value::temperature)?
            .map(|set| set.value),
        max_tokens: layers
            .get(&source::MAX_TOKENS, value::at_least_one)?
            .map(|set| set.value),
        context_tokens: models::context_tokens(rules, &name.value)
            .or_else(|| context_tokens.map(|set| set.value)),
        fallbacks,
        dialects: models::dialects(rules),
        prices,
        ca_file: layers.path(&source::CA_FILE)?,
        name,
    })
}

/// The key, if it may go to that address: the address is at least as trusted as the key, and nobody on the
/// way can read it.
fn api_key(layers: &Layers<'_>, base_url: &Sourced<Url>) -> Result<Option<Sourced<SecretString>>> {
    let Some((key, place)) = layers.api_key()? else {
        return Ok(None);
    };
    let exit = layers::exit_for(&key.source);
    value::check_key(key.expose_secret(), base_url).map_err(|reason| {
        Failure::new(
            exit,
            format_args!("the API key of {place} is refused: {reason}"),
        )
    })?;
    let server = base_url.host_str().unwrap_or_default();
    if base_url.source.trust() < key.source.trust() {
        return Err(Failure::config(format_args!(
            "the API key of {place} is not sent to {server}: the address came from {}, which is less trusted",
            source::BASE_URL.place(&base_url.source)
        )));
    }
    if base_url.scheme() == "http" && !value::is_loopback(base_url) {
        return Err(Failure::new(
            layers::exit_for(&base_url.source),
            format_args!(
                "the API key of {place} is not sent to {server} over plain http, where others can read it: write \
                 https:// in {}, or unset the key",
                source::BASE_URL.place(&base_url.source)
            ),
        ));
    }
    Ok(Some(key))
}

fn timeouts(layers: &Layers<'_>) -> Result<Timeouts> {
    let get = |row, default| Ok(layers.get_or(row, default, value::timeout)?.value);
    Ok(Timeouts {
        connect: get(&source::TIMEOUT_CONNECT, DEFAULT_TIMEOUTS.connect)?,
        first_byte: get(&source::TIMEOUT_FIRST_BYTE, DEFAULT_TIMEOUTS.first_byte)?,
        idle: get(&source::TIMEOUT_IDLE, DEFAULT_TIMEOUTS.idle)?,
        total: get(&source::TIMEOUT_TOTAL, DEFAULT_TIMEOUTS.total)?,
    })
}

fn plugins(layers: &Layers<'_>, file: PluginSections) -> Result<Plugins> {
    let dir = layers.path(&source::PLUGIN_DIR)?;
    let lock = layers.path(&source::PLUGIN_LOCK)?;
    if let (None, Some(lock)) = (&dir, &lock) {
        return Err(layers.wrong(
            &source::PLUGIN_LOCK,
            &lock.source,
            "it pins the files of a plugin directory, and none is named: add --plugin-dir DIR",
        ));
    }
    let operator = Operator {
        plugins: layers.file().plugins.clone(),
        require_lock: layers.file().plugin_lock_required,
        lock_file: lock.map(|lock| lock.value),
    };
    Ok(Plugins {
        dir,
        file,
        operator,
    })
}

fn log(layers: &Layers<'_>, paths: &Paths, level: Level) -> Result<LogConfig> {
    let mut targets = Vec::new();
    for (target, name) in &layers.file().log_targets {
        let wrong = |reason: &str| layers.wrong_in_file(&format!("log.targets.{target}"), reason);
        if !target.starts_with("mini_llm_chat") {
            return Err(wrong(
                "only targets that begin with mini_llm_chat have levels; those of libraries are logged from WARNING on",
            ));
        }
        let level = name
            .parse()
            .map_err(|error: mini_llm_chat_engine::log::UnknownLevel| wrong(&error.to_string()))?;
        targets.push((target.clone(), level));
    }
    let format = layers.get_or(&source::LOG_FORMAT, Format::Text, |text| match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        _ => Err("use text or json".to_owned()),
    })?;
    let generations = layers.get_or(&source::LOG_GENERATIONS, DEFAULT_LOG_GENERATIONS, |text| {
        text.parse()
            .ok()
            .filter(|number| *number <= 100)
            .ok_or_else(|| "write a whole number, 0 to 100".to_owned())
    })?;
    let max_bytes = layers.get_or(&source::LOG_BYTES, DEFAULT_LOG_BYTES, value::at_least_one)?;
    let stderr = layers
        .text(&source::LOG_FILE)?
        .is_some_and(|file| file.value.expose_secret() == "stderr");
    let destination = match layers.path(&source::LOG_FILE)? {
        _ if stderr => Destination::StandardError,
        file => Destination::File {
            path: match file {
                None => paths.log_file(),
                Some(file) => file.value,
            },
            max_bytes: u64::from(max_bytes.get()),
            generations: generations.value,
        },
    };
    Ok(LogConfig {
        level,
        targets,
        format: format.value,
        destination,
    })
}

fn notices(layers: &Layers<'_>, settings: &Settings) -> Vec<String> {
    let mut notices: Vec<String> = settings.redis.iter().flat_map(redis::notices).collect();
    if let Some(Sourced {
        source: Source::Flag,
        ..
    }) = settings.model.api_key
    {
        notices.push(
            "warning: other users of this machine can see --api-key in the process list, and the shell may keep it; \
             use OPENAI_API_KEY or OPENAI_API_KEY_FILE"
                .to_owned(),
        );
    }
    if layers.flag_holds_password() {
        notices.push(
            "warning: other users of this machine can see the password in --database-url; use DATABASE_URL".to_owned(),
        );
    }
    notices.extend(database::notices(layers, &settings.database));
    if settings.model.api_key.is_none()
        && settings.model.base_url.scheme() == "http"
        && !value::is_loopback(&settings.model.base_url)
    {
        notices.push("warning: messages to the model server can be read on the way: its address is plain http".to_owned());
    }
    notices
}
