//! The config file: TOML, every key known, the place of each error named.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mini_llm_chat_sandbox::{OperatorPlugin, PluginName};
use serde::Deserialize;

use super::models::ModelRule;
use super::owned;
use super::source::Row;
use crate::cli::Options;
use crate::error::{Failure, Result};
use crate::paths::Paths;

/// A larger file is no configuration.
const MAX_BYTES: u64 = 1024 * 1024;

/// The config file as it was read; empty where there is none.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// Where it is; none where there is none.
    pub(crate) path: Option<Arc<Path>>,
    table: toml::Table,
    /// Levels of the program's own log targets.
    pub(crate) log_targets: BTreeMap<String, String>,
    /// Whether a plugin directory without a lock is refused.
    pub(crate) plugin_lock_required: bool,
    /// Models to ask where the first one does not answer.
    pub(crate) fallbacks: Vec<String>,
    /// `[models.NAME]`.
    pub(crate) models: BTreeMap<String, ModelRule>,
    /// `[plugins.NAME]`.
    pub(crate) plugins: BTreeMap<PluginName, OperatorPlugin>,
}

/// The shape of the file. Values are checked where all sources come together; this is for their types and
/// for names that do not exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[allow(
    dead_code,
    reason = "most fields are read from the table, by the names in `source`"
)]
struct Shape {
    plugin_dir: Option<PathBuf>,
    plugin_lock: Option<PathBuf>,
    plugin_lock_required: bool,
    model: ModelShape,
    database: DatabaseShape,
    limits: LimitsShape,
    cache: CacheShape,
    log: LogShape,
    timeouts: TimeoutsShape,
    auth: AuthShape,
    keys: KeysShape,
    audit: AuditShape,
    redis: RedisShape,
    models: BTreeMap<String, ModelRule>,
    plugins: BTreeMap<String, toml::Table>,
}

macro_rules! shape {
    ($name:ident { $($field:ident: $type:ty,)* }) => {
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        #[allow(dead_code, reason = "most fields are read from the table, by the names in `source`")]
        struct $name { $($field: $type,)* }
    };
}

shape! { ModelShape {
    api_key: Option<String>,
    api_key_file: Option<PathBuf>,
    base_url: Option<String>,
    name: Option<String>,
    temperature: Option<f64>,
    max_tokens: Option<i64>,
    context_tokens: Option<i64>,
    fallbacks: Vec<String>,
    ca_file: Option<PathBuf>,
} }
shape! { DatabaseShape {
    backend: Option<String>,
    url: Option<String>,
    connections: Option<i64>,
    connect_timeout: Option<f64>,
    statement_timeout: Option<f64>,
} }
shape! { LimitsShape {
    max_calls: Option<i64>,
    time_window: Option<i64>,
    tokens: Option<i64>,
    overall_calls: Option<i64>,
    overall_tokens: Option<i64>,
    message_chars: Option<i64>,
} }
shape! { CacheShape { seconds: Option<i64>, } }
shape! { LogShape {
    level: Option<String>,
    format: Option<String>,
    file: Option<String>,
    max_bytes: Option<i64>,
    generations: Option<i64>,
    targets: BTreeMap<String, String>,
} }
shape! { TimeoutsShape { connect: Option<f64>, first_byte: Option<f64>, idle: Option<f64>, total: Option<f64>, } }
shape! { AuthShape { token_expiry: Option<String>, } }
shape! { AuditShape { checkpoints_file: Option<PathBuf>, } }
shape! { RedisShape {
    url: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    password: Option<String>,
    ca_file: Option<PathBuf>,
    required: Option<bool>,
} }
shape! { KeysShape {
    token_file: Option<PathBuf>,
    audit_file: Option<PathBuf>,
    cache_file: Option<PathBuf>,
} }

/// Where `[plugins.NAME]` is read from, at start and again at each reload.
#[derive(Clone, Debug)]
pub(crate) struct PluginSections {
    chosen: Option<PathBuf>,
    paths: Paths,
}

impl PluginSections {
    pub(super) fn new(options: &Options, paths: &Paths) -> Self {
        Self {
            chosen: options.config.clone(),
            paths: paths.clone(),
        }
    }

    /// What the file says now.
    ///
    /// # Errors
    /// As for [`ConfigFile::read`].
    pub(crate) fn read(&self) -> Result<BTreeMap<PluginName, OperatorPlugin>> {
        Ok(ConfigFile::find(self.chosen.as_deref(), &self.paths)?.plugins)
    }
}

impl ConfigFile {
    /// Reads the file that was chosen, or the one in the usual place if it is there.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(super) fn find(chosen: Option<&Path>, paths: &Paths) -> Result<Self> {
        match chosen {
            Some(path) => Self::read(path, true),
            None => Self::read(&paths.config_file(), false),
        }
    }

    /// Reads the file. A missing one is empty, unless the user `chose` it.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has an unknown key or a value of the wrong type.
    pub(crate) fn read(path: &Path, chosen: bool) -> Result<Self> {
        let Some(text) = owned::read(path)? else {
            if !chosen {
                return Ok(Self::default());
            }
            return Err(Failure::config(format_args!(
                "the config file {} does not exist",
                path.display()
            )));
        };
        Self::parse(path, &text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self> {
        // The error's own rendering repeats the line, which may hold a secret.
        let broken = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| {
                1 + text[..span.start.min(text.len())].matches('\n').count()
            });
            Failure::config(format_args!(
                "{} line {line}: {}",
                path.display(),
                error.message().replace('\n', " ")
            ))
        };
        let table: toml::Table = text.parse().map_err(broken)?;
        let shape: Shape = toml::from_str(text).map_err(broken)?;
        let mut plugins = BTreeMap::new();
        for (name, table) in shape.plugins {
            let refuse = |problem: &dyn fmt::Display| {
                Failure::config(format_args!(
                    "{}: [plugins.{name}]: {problem}",
                    path.display()
                ))
            };
            let section = OperatorPlugin::from_toml(table).map_err(|problems| {
                refuse(
                    &problems
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; "),
                )
            })?;
            plugins.insert(
                PluginName::new(&name).map_err(|error| refuse(&error))?,
                section,
            );
        }
        Ok(Self {
            path: Some(Arc::from(path)),
            table,
            log_targets: shape.log.targets,
            fallbacks: shape.model.fallbacks,
            models: shape.models,
            plugin_lock_required: shape.plugin_lock_required,
            plugins,
        })
    }

    /// The value of that row, as text.
    pub(crate) fn get(&self, row: &Row) -> Option<String> {
        let (section, key) = row.file.split_once('.').unwrap_or(("", row.file));
        let table = if section.is_empty() {
            &self.table
        } else {
            self.table.get(section)?.as_table()?
        };
        match table.get(key)? {
            toml::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// Reads a file of text, never waiting for a FIFO.
pub(super) fn read_regular(path: &Path) -> io::Result<String> {
    use std::io::Read;

    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(MAX_BYTES)
        .read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed parse fails the test")]

    use super::super::source::TABLE;
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile> {
        ConfigFile::parse(Path::new("c.toml"), text)
    }

    #[test]
    fn every_key_of_the_table_exists_in_the_file() {
        for row in TABLE.iter().filter(|row| !row.file.is_empty()) {
            let unknown = ["1", "1.5", "'x'"].into_iter().all(|value| {
                parse(&format!("{} = {value}", row.file))
                    .is_err_and(|failure| failure.message.contains("unknown"))
            });
            assert!(!unknown, "{}", row.file);
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let message = parse("[model]\nname = 'x'\n[log]\nlevle = 'x'")
            .unwrap_err()
            .message;
        assert!(
            message.starts_with("c.toml line 4: ") && message.contains("levle"),
            "{message}"
        );
    }

    #[test]
    fn an_error_never_repeats_the_line() {
        let message = parse("[model]\napi_key = 'planted-words")
            .unwrap_err()
            .message;
        assert!(
            message.contains("line 2") && !message.contains("planted"),
            "{message}"
        );
    }

    #[test]
    fn a_plugin_section_is_grants_and_settings() {
        let file =
            parse("[plugins.redaction]\ngrants = ['log']\npatterns = [{ name = 'a' }]").unwrap();
        let section = &file.plugins[&PluginName::new("redaction").unwrap()];
        assert_eq!(section.settings.keys().collect::<Vec<_>>(), ["patterns"]);
        assert!(
            parse("[plugins.x]\ngrants = 'log'")
                .unwrap_err()
                .message
                .contains("plugins.x")
        );
    }
}
