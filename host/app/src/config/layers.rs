//! All sources of one run, and the strongest value of each setting.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mini_llm_chat_engine::secrets::Secrets;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::dotenv::EnvFile;
use super::file::{ConfigFile, read_regular};
use super::source::{self, Place, Row, Source, Sourced};
use super::value::Checked;
use crate::cli::Options;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::paths::Paths;

/// Every source, in the order of their precedence.
pub(super) struct Layers<'a> {
    options: &'a Options,
    env_file: EnvFile,
    dot_env: EnvFile,
    file: ConfigFile,
    secrets: &'a Secrets,
}

/// What a wrong value from that source ends with.
pub(super) const fn exit_for(source: &Source) -> Exit {
    match source {
        Source::Flag => Exit::Usage,
        _ => Exit::Config,
    }
}

impl<'a> Layers<'a> {
    /// Reads the files and registers every secret that is set anywhere, also those that are not used.
    pub(super) fn read(options: &'a Options, paths: &Paths, secrets: &'a Secrets) -> Result<Self> {
        let env_file = match &options.env_file {
            Some(path) => EnvFile::chosen(path)?,
            None => EnvFile::default(),
        };
        let dot_env = EnvFile::dot_env()?;
        let file = ConfigFile::find(options.config.as_deref(), paths)?;
        let layers = Self {
            options,
            env_file,
            dot_env,
            file,
            secrets,
        };
        for row in [
            &source::API_KEY,
            &source::JWT_SECRET_KEY,
            &source::AUDIT_KEY,
            &source::CACHE_KEY,
            &source::SAVED_TOKEN,
            &source::REDIS_PASSWORD,
        ] {
            for value in layers.all(row)? {
                secrets.add(value.value.expose_secret());
            }
        }
        for row in [&source::DATABASE_URL, &source::REDIS_URL] {
            for value in layers.all(row)? {
                add_password(value.value.expose_secret(), secrets);
            }
        }
        Ok(layers)
    }

    pub(super) const fn file(&self) -> &ConfigFile {
        &self.file
    }

    /// Every value of that row, strongest first.
    fn all(&self, row: &Row) -> Result<Vec<Sourced<SecretString>>> {
        let mut found = Vec::new();
        if let Some(text) = flag(self.options, row)? {
            found.push(Sourced {
                value: text,
                source: Source::Flag,
            });
        }
        if let Some(text) = variable(row)? {
            found.push(Sourced {
                value: text,
                source: Source::Environment,
            });
        }
        for file in [&self.env_file, &self.dot_env] {
            found.extend(file.get(row).map(|(value, source)| Sourced {
                value: value.clone(),
                source,
            }));
        }
        if let (false, Some(path), Some(text)) =
            (row.file.is_empty(), &self.file.path, self.file.get(row))
        {
            found.push(Sourced {
                value: SecretString::from(text),
                source: Source::ConfigFile(Arc::clone(path)),
            });
        }
        Ok(found)
    }

    /// The strongest value as it was written.
    pub(super) fn text(&self, row: &Row) -> Result<Option<Sourced<SecretString>>> {
        Ok(self.all(row)?.into_iter().next())
    }

    /// The strongest value, checked. Weaker ones are not looked at.
    pub(super) fn get<T>(
        &self,
        row: &Row,
        check: impl FnOnce(&str) -> Checked<T>,
    ) -> Result<Option<Sourced<T>>> {
        let Some(Sourced { value, source }) = self.text(row)? else {
            return Ok(None);
        };
        match check(value.expose_secret()) {
            Ok(value) => Ok(Some(Sourced { value, source })),
            Err(reason) => {
                let shown = shown(value.expose_secret());
                let reason = format!("`{shown}`: {reason}");
                Err(self.wrong(row, &source, &reason))
            }
        }
    }

    /// The strongest value as a path. In the config file a relative one counts from that file: what it means
    /// must not depend on where the program is started.
    pub(super) fn path(&self, row: &Row) -> Result<Option<Sourced<PathBuf>>> {
        let found = self.get(row, |text| Ok(PathBuf::from(text)))?;
        Ok(found.map(|mut found| {
            if let Source::ConfigFile(file) = &found.source
                && let Some(dir) = file.parent()
            {
                found.value = dir.join(&found.value);
            }
            found
        }))
    }

    pub(super) fn get_or<T>(
        &self,
        row: &Row,
        default: T,
        check: impl FnOnce(&str) -> Checked<T>,
    ) -> Result<Sourced<T>> {
        Ok(self.get(row, check)?.unwrap_or(Sourced {
            value: default,
            source: Source::Default,
        }))
    }

    /// That a value is wrong, and where it stands.
    pub(super) fn wrong(&self, row: &Row, source: &Source, reason: &str) -> Failure {
        let reason = self.secrets.mask(reason);
        Failure::new(
            exit_for(source),
            format_args!("{}: {reason}", row.place(source)),
        )
    }

    /// That a key of the config file is wrong.
    pub(super) fn wrong_in_file(&self, key: &str, reason: &str) -> Failure {
        let path = self.file.path.as_deref().unwrap_or(Path::new(""));
        Failure::config(format_args!("{key} ({}): {reason}", path.display()))
    }

    /// The key itself, or the content of the file that holds it.
    pub(super) fn api_key(&self) -> Result<Option<(Sourced<SecretString>, Place)>> {
        self.secret(&source::API_KEY, &source::API_KEY_FILE, |path| {
            read_regular(path).map_err(|error| error.to_string())
        })
    }

    /// A secret of the row itself, or the content of the file that the other row names: of two in one source
    /// neither counts.
    pub(super) fn secret(
        &self,
        row: &Row,
        file_row: &Row,
        read: impl FnOnce(&Path) -> std::result::Result<String, String>,
    ) -> Result<Option<(Sourced<SecretString>, Place)>> {
        let (secret, file) = (self.text(row)?, self.path(file_row)?);
        match (secret, file) {
            (Some(secret), Some(file)) if rank(&secret.source) == rank(&file.source) => {
                Err(Failure::config(format_args!(
                    "both {} and {} are set: unset one of them",
                    row.place(&secret.source),
                    file_row.place(&file.source)
                )))
            }
            (Some(secret), file)
                if file
                    .as_ref()
                    .is_none_or(|file| rank(&secret.source) < rank(&file.source)) =>
            {
                let place = row.place(&secret.source);
                Ok(Some((secret, place)))
            }
            (_, Some(file)) => {
                let place = file_row.place(&file.source);
                let text = read(&file.value).map_err(|error| {
                    Failure::new(
                        exit_for(&file.source),
                        format_args!(
                            "{place}: cannot read the key from {}: {error}",
                            file.value.display()
                        ),
                    )
                })?;
                let secret = SecretString::from(text.trim().to_owned());
                self.secrets.add(secret.expose_secret());
                let source = file.source;
                let value = secret;
                Ok(Some((Sourced { value, source }, place)))
            }
            (_, None) => Ok(None),
        }
    }

    /// The database's address, if it names a database that this program knows.
    pub(super) fn database_url(&self) -> Result<Option<Sourced<SecretString>>> {
        let Some(url) = self.text(&source::DATABASE_URL)? else {
            return Ok(None);
        };
        let known = ["postgresql://", "postgres://", "sqlite:"];
        if !known
            .iter()
            .any(|scheme| url.expose_secret().starts_with(scheme))
        {
            let reason = "write postgresql://…, postgres://… or sqlite:///path/to/file";
            return Err(self.wrong(&source::DATABASE_URL, &url.source, reason));
        }
        Ok(Some(url))
    }

    /// Whether a chat without its server goes on in memory.
    pub(super) const fn falls_back_to_memory(&self) -> bool {
        self.options.fallback_to_memory
    }

    /// Whether a password stands in an address on the command line.
    pub(super) fn flag_holds_password(&self) -> bool {
        let url = self
            .options
            .database_url
            .as_deref()
            .and_then(|url| Url::parse(url).ok());
        url.is_some_and(|url| url.password().is_some() || parameter(&url).is_some())
    }
}

/// The place of a source in the precedence; the smaller the stronger.
const fn rank(source: &Source) -> u8 {
    match source {
        Source::Flag => 0,
        Source::Environment => 1,
        Source::EnvFile(..) => 2,
        Source::DotEnv(_) => 3,
        Source::ConfigFile(_) => 4,
        Source::Default => 5,
    }
}

fn flag(options: &Options, row: &Row) -> Result<Option<SecretString>> {
    let text = match row.flag {
        "api-key" => &options.api_key,
        "base-url" => &options.base_url,
        "model" => &options.model,
        "temperature" => &options.temperature,
        "max-tokens" => &options.max_tokens,
        "db-backend" => &options.db_backend,
        "database-url" => &options.database_url,
        "max-calls" => &options.max_calls,
        "time-window" => &options.time_window,
        "log-level" => &options.log_level,
        "token-expiry" => &options.token_expiry,
        "plugin-dir" => return path(row, options.plugin_dir.as_deref()),
        "plugin-lock" => return path(row, options.plugin_lock.as_deref()),
        _ => return Ok(None),
    };
    Ok(text.clone().map(SecretString::from))
}

fn path(row: &Row, path: Option<&Path>) -> Result<Option<SecretString>> {
    let Some(path) = path else { return Ok(None) };
    match path.to_str() {
        Some(text) => Ok(Some(SecretString::from(text.to_owned()))),
        None => Err(Failure::usage(format_args!(
            "--{}: the path is not UTF-8",
            row.flag
        ))),
    }
}

/// A variable that is set to nothing counts as not set: container tools pass all names on.
fn variable(row: &Row) -> Result<Option<SecretString>> {
    if row.env.is_empty() {
        return Ok(None);
    }
    match env::var(row.env) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Failure::config(format_args!(
            "{} (environment): the value is not UTF-8",
            row.env
        ))),
    }
}

/// The password of an address that stands after its `?`, decoded.
fn parameter(url: &Url) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, password) = pairs.find(|(key, _)| key == "password")?;
    Some(password.into_owned())
}

/// The password of an address, as it stands there and decoded.
fn add_password(url: &str, secrets: &Secrets) {
    if let Some(password) = Url::parse(url).ok().as_ref().and_then(parameter) {
        secrets.add(&password);
    }
    if let Some(password) = Url::parse(url).ok().as_ref().and_then(Url::password) {
        secrets.add(password);
        secrets.add(&decoded(password));
        return;
    }
    // No address that a parser takes: what stands between the first colon of the user part and the last `@`.
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    if let Some((_, password)) = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
    {
        secrets.add(password);
        secrets.add(&decoded(password));
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// A wrong value for a message: short, and nothing of it where it could be an address with a password.
fn shown(text: &str) -> String {
    if text.contains('@') {
        return "…".to_owned();
    }
    mini_llm_chat_sandbox::printable::line(text, 60)
}
