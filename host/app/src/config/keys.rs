//! Where the keys for tokens, audit and cache come from.

use mini_llm_chat_engine::keys::{KeySource, KeySources, Purpose};

use super::Database;
use super::layers::Layers;
use super::owned;
use super::source::{self, Row};
use crate::error::Result;
use crate::paths::Paths;

/// The operator's keys; where there are none, files of this program's own, or keys for one run where nothing is
/// kept.
pub(super) fn sources(
    layers: &Layers<'_>,
    paths: &Paths,
    database: &Database,
) -> Result<KeySources> {
    let of = |purpose: Purpose, row: &Row, file: &Row| -> Result<KeySource> {
        let given = layers.secret(row, file, |path| {
            owned::read_secret(path)
                .map_err(|failure| failure.message)?
                .ok_or_else(|| "there is no such file".to_owned())
        })?;
        Ok(match (given, database) {
            (Some((text, place)), _) => KeySource::Given {
                text: text.value,
                place: place.to_string(),
            },
            (None, Database::Memory) => KeySource::Random,
            (None, _) => KeySource::File(paths.key(purpose.name())),
        })
    };
    Ok(KeySources {
        token: of(
            Purpose::Token,
            &source::JWT_SECRET_KEY,
            &source::JWT_SECRET_KEY_FILE,
        )?,
        audit: of(Purpose::Audit, &source::AUDIT_KEY, &source::AUDIT_KEY_FILE)?,
        cache: of(Purpose::Cache, &source::CACHE_KEY, &source::CACHE_KEY_FILE)?,
    })
}
