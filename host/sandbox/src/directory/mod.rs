//! Reads a plugin directory: every file once, and only files that nobody else could have written.
//!
//! A plugin directory decides what is hidden from logs and what reaches the model, so it is read with suspicion.
//! A file that has no place in it is refused, because it may be a policy whose name was mistyped. Owner and mode
//! are checked on what was opened, links may not leave the directory, and what a FIFO or device would do is never
//! found out, because they are not opened. The bytes that were checked are the bytes that run.

mod files;
mod lock;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::component::Component;
use crate::error::{FileProblem, Problem, Refusal};
use crate::names::{Grant, Origin, PluginName};
use crate::operator::{Operator, OperatorPlugin, overlay};
use crate::settings::Settings;
use files::{File, Role};

pub use lock::lock;

/// A component of the directory, and what it would like to be granted.
#[derive(Clone, Debug)]
pub struct Found {
    /// With the settings and grants that hold for it.
    pub component: Component,
    /// The `grants` of its own NAME.toml: shown to the operator, never applied.
    pub requested: BTreeSet<Grant>,
}

/// Reads all plugins of a directory, in the order of their file names.
///
/// # Errors
/// Every problem of every file: a file that has no place, is a link out, a FIFO or device, can be written by
/// others or belongs to someone else, is too large, is broken TOML, or is not what the lock says.
pub fn read(dir: &Path, operator: &Operator) -> Result<Vec<Found>, Vec<Refusal>> {
    let files = files::read(dir)?;
    let locked = lock::check(dir, &files, operator)?;
    let mut refusals = Vec::new();
    let mut settings = own_settings(&files, &mut refusals);
    let mut found = BTreeMap::new();
    for file in files {
        let Role::Component(name) = file.role else {
            continue;
        };
        let own = settings
            .remove(&name)
            .map(|(_, own)| own)
            .unwrap_or_default();
        let plugin = assemble(
            &name,
            file.file_name,
            &file.path,
            file.bytes,
            own,
            operator,
            &locked,
        );
        if found.insert(name.clone(), plugin).is_some() {
            refusals.push(Refusal::new(
                file.path.display().to_string(),
                vec![Problem::DuplicateName(name)],
            ));
        }
    }
    for (name, (path, _)) in settings {
        refusals.push(Refusal::new(
            path.display().to_string(),
            vec![FileProblem::Orphan(name).into()],
        ));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort_by(|a, b| a.component.order.cmp(&b.component.order));
    Ok(found)
}

/// Reads one component alone, as `plugins check FILE` does, with the NAME.toml beside it and no lock.
///
/// # Errors
/// As [`read`].
pub fn read_file(path: &Path, operator: &Operator) -> Result<Found, Vec<Refusal>> {
    let files = files::read_one(path)?;
    let mut refusals = Vec::new();
    let mut settings = own_settings(&files, &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let component = files.into_iter().find_map(|file| match file.role {
        Role::Component(name) => Some((name, file.file_name, file.path, file.bytes)),
        _ => None,
    });
    let Some((name, file_name, path, bytes)) = component else {
        return Err(vec![Refusal::new(
            path.display().to_string(),
            vec![FileProblem::Stray.into()],
        )]);
    };
    let own = settings
        .remove(&name)
        .map(|(_, own)| own)
        .unwrap_or_default();
    Ok(assemble(
        &name,
        file_name,
        &path,
        bytes,
        own,
        operator,
        &BTreeMap::new(),
    ))
}

fn assemble(
    name: &PluginName,
    order: String,
    path: &Path,
    bytes: Vec<u8>,
    mut own: OperatorPlugin,
    operator: &Operator,
    locked: &BTreeMap<PluginName, BTreeSet<Grant>>,
) -> Found {
    let mut grants = locked.get(name).cloned().unwrap_or_default();
    if let Some(word) = operator.plugins.get(name) {
        overlay(&mut own.settings, &word.settings);
        grants.extend(&word.grants);
    }
    let settings = Settings::from_toml(&own.settings);
    let origin = Origin::File(path.to_owned());
    let component = Component {
        name: name.clone(),
        order,
        origin,
        bytes,
        settings,
        grants,
    };
    Found {
        component,
        requested: own.grants,
    }
}

fn own_settings(
    files: &[File],
    refusals: &mut Vec<Refusal>,
) -> BTreeMap<PluginName, (PathBuf, OperatorPlugin)> {
    let mut settings = BTreeMap::new();
    for file in files {
        let Role::Settings(name) = &file.role else {
            continue;
        };
        let parsed = text(&file.bytes)
            .and_then(parse)
            .and_then(OperatorPlugin::from_toml);
        let (own, mut problems) = match parsed {
            Ok(own) => (own, Vec::new()),
            // What is broken is still no orphan.
            Err(problems) => (OperatorPlugin::default(), problems),
        };
        if settings
            .insert(name.clone(), (file.path.clone(), own))
            .is_some()
        {
            problems.push(Problem::DuplicateName(name.clone()));
        }
        if !problems.is_empty() {
            refusals.push(Refusal::new(file.path.display().to_string(), problems));
        }
    }
    settings
}

fn text(bytes: &[u8]) -> Result<&str, Vec<Problem>> {
    std::str::from_utf8(bytes).map_err(|_| vec![FileProblem::NotText.into()])
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Vec<Problem>> {
    toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        vec![Problem::Toml {
            line,
            column,
            message: crate::printable::line(error.message(), 200),
        }]
    })
}
