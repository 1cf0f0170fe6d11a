//! The lock: which bytes the operator has looked at, and what he granted them.
//!
//! Every .wasm and .toml by its SHA-256. Where a lock holds, a file that changed, is missing or is not listed
//! refuses the whole directory. It is kept in the directory, or outside where whoever copies plugins in cannot
//! reach it; the one outside wins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::{self, File, LOCK_NAME, Role};
use super::{parse, text};
use crate::error::{FileProblem, LockProblem, Problem, Refusal};
use crate::names::{Digest, Grant, PluginName};
use crate::operator::Operator;
use crate::trust;

const VERSION: i64 = 1;

const HEAD: &str = "\
# The plugin files that were looked at, by SHA-256, and what each plugin may call.
# Written by `mini-llm-chat plugins lock`. Any other content of this directory is refused.
";

type Grants = BTreeMap<PluginName, BTreeSet<Grant>>;

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    version: i64,
    files: BTreeMap<String, Digest>,
    #[serde(default)]
    grants: Grants,
}

/// Compares the files with the lock, where there is one. Returns what the lock grants.
pub(super) fn check(
    dir: &Path,
    files: &[File],
    operator: &Operator,
) -> Result<Grants, Vec<Refusal>> {
    let Some((path, bytes)) = find(dir, files, operator)? else {
        return Ok(Grants::new());
    };
    let lock = read(&bytes)
        .map_err(|problems| vec![Refusal::new(path.display().to_string(), problems)])?;
    let refuse = |name: &str, problem: LockProblem| {
        Refusal::new(dir.join(name).display().to_string(), vec![problem.into()])
    };
    let mut refusals = Vec::new();
    let present = digests(files);
    for (name, digest) in &present {
        match lock.files.get(name) {
            Some(locked) if locked == digest => {}
            Some(_) => refusals.push(refuse(name, LockProblem::Changed)),
            None => refusals.push(refuse(name, LockProblem::Unlisted)),
        }
    }
    let missing = lock
        .files
        .keys()
        .filter(|name| !present.contains_key(*name));
    refusals.extend(missing.map(|name| refuse(name, LockProblem::Missing)));
    if refusals.is_empty() {
        Ok(lock.grants)
    } else {
        Err(refusals)
    }
}

/// Writes the lock for what the directory holds now, and returns its path. Grants are those of the operator and of
/// the lock before; what a plugin requests is not granted by locking it.
///
/// # Errors
/// When a file of the directory is refused, the lock before is broken, or the lock cannot be written.
pub fn lock(dir: &Path, operator: &Operator) -> Result<PathBuf, Vec<Refusal>> {
    let files = files::read(dir)?;
    let path = operator
        .lock_file
        .clone()
        .unwrap_or_else(|| dir.join(LOCK_NAME));
    let refuse = |problems: Vec<Problem>| vec![Refusal::new(path.display().to_string(), problems)];
    let before = Operator {
        require_lock: false,
        ..operator.clone()
    };
    let mut grants = match find(dir, &files, &before) {
        Ok(Some((_, bytes))) => read(&bytes).map_err(refuse)?.grants,
        Ok(None) => Grants::new(),
        // The lock outside is about to be written for the first time.
        Err(_) if !path.exists() => Grants::new(),
        Err(refusals) => return Err(refusals),
    };
    let names: BTreeSet<_> = files
        .iter()
        .filter_map(|file| match &file.role {
            Role::Component(name) => Some(name),
            _ => None,
        })
        .collect();
    for name in &names {
        let word = operator
            .plugins
            .get(*name)
            .map(|plugin| plugin.grants.clone())
            .unwrap_or_default();
        grants.entry((*name).clone()).or_default().extend(word);
    }
    grants.retain(|name, list| names.contains(name) && !list.is_empty());
    let lock = Lock {
        version: VERSION,
        files: digests(&files),
        grants,
    };
    let unwritable = |reason: String| refuse(vec![FileProblem::Unwritable(reason).into()]);
    let body = toml::to_string(&lock).map_err(|error| unwritable(error.to_string()))?;
    let content = format!("{HEAD}{body}");
    trust::replace(&path, content.as_bytes(), trust::Readers::Everyone)
        .map_err(|error| unwritable(error.to_string()))?;
    Ok(path)
}

/// The lock that holds, and where it is.
fn find(
    dir: &Path,
    files: &[File],
    operator: &Operator,
) -> Result<Option<(PathBuf, Vec<u8>)>, Vec<Refusal>> {
    if let Some(path) = &operator.lock_file {
        let bytes = files::read_elsewhere(path).map_err(|problem| {
            vec![Refusal::new(
                path.display().to_string(),
                vec![problem.into()],
            )]
        })?;
        return Ok(Some((path.clone(), bytes)));
    }
    match files.iter().find(|file| file.role == Role::Lock) {
        Some(file) => Ok(Some((file.path.clone(), file.bytes.clone()))),
        None if operator.require_lock => Err(vec![Refusal::new(
            dir.display().to_string(),
            vec![LockProblem::Required.into()],
        )]),
        None => Ok(None),
    }
}

fn read(bytes: &[u8]) -> Result<Lock, Vec<Problem>> {
    let text = text(bytes)?;
    // The version first: a later format need not have this one's fields.
    let table: toml::Table = parse(text)?;
    match table.get("version").and_then(toml::Value::as_integer) {
        Some(version) if version != VERSION => Err(vec![LockProblem::Version(version).into()]),
        _ => parse(text),
    }
}

fn digests(files: &[File]) -> BTreeMap<String, Digest> {
    let locked = files.iter().filter(|file| file.role != Role::Lock);
    locked
        .map(|file| (file.file_name.clone(), Digest::of(&file.bytes)))
        .collect()
}
