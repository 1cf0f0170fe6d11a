//! Which files a plugin directory holds, and their bytes, read once.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::admission::MAX_BYTES;
use crate::error::{FileProblem, Problem, Refusal};
use crate::names::PluginName;
use crate::trust;

/// The name of the lock inside a plugin directory.
pub(super) const LOCK_NAME: &str = "plugins.lock";

/// The largest TOML file, in bytes.
const MAX_TOML_BYTES: usize = 1 << 20;

/// More files than any honest plugin directory holds; keeps the reading bounded.
const MAX_FILES: usize = 1_000;

/// What a file is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Component(PluginName),
    Settings(PluginName),
    Lock,
}

/// A file of the directory, as it was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) role: Role,
    pub(super) file_name: String,
    /// As it is named to the operator.
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// Reads every file that has a place in the directory, sorted by name; the others are problems.
pub(super) fn read(dir: &Path) -> Result<Vec<File>, Vec<Refusal>> {
    let refuse = |problem: FileProblem| {
        vec![Refusal::new(
            dir.display().to_string(),
            vec![problem.into()],
        )]
    };
    let inside = open_directory(dir).map_err(refuse)?;
    let names = list(&inside).map_err(refuse)?;
    let (mut files, mut refusals) = (Vec::new(), Vec::new());
    for name in names {
        match read_named(&inside, dir, &name) {
            Ok(Some(file)) => files.push(file),
            Ok(None) => {}
            Err(problem) => {
                let path = dir.join(&name).display().to_string();
                refusals.push(Refusal::new(path, vec![Problem::File(problem)]));
            }
        }
    }
    if refusals.is_empty() {
        Ok(files)
    } else {
        Err(refusals)
    }
}

/// Reads one component and the settings beside it. Who can write to their directory does not matter here: the
/// bytes are looked at, not taken into use.
pub(super) fn read_one(path: &Path) -> Result<Vec<File>, Vec<Refusal>> {
    let refuse = |path: &Path, problem: FileProblem| {
        vec![Refusal::new(
            path.display().to_string(),
            vec![problem.into()],
        )]
    };
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let inside = dir
        .canonicalize()
        .map_err(|error| refuse(path, unreadable(&error)))?;
    let name = path
        .file_name()
        .ok_or_else(|| refuse(path, FileProblem::Missing("file")))?;
    let mut files = Vec::new();
    let settings = Path::new(name).with_extension("toml");
    for (name, optional) in [(Path::new(name), false), (&settings, true)] {
        match read_named(&inside, dir, name.as_os_str()) {
            Ok(file) => files.extend(file),
            Err(FileProblem::Missing(_)) if optional => {}
            Err(problem) => return Err(refuse(&dir.join(name), problem)),
        }
    }
    Ok(files)
}

fn open_directory(dir: &Path) -> Result<PathBuf, FileProblem> {
    let inside = dir.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing("directory"),
        _ => unreadable(&error),
    })?;
    let metadata = inside.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_dir() {
        return Err(FileProblem::NotADirectory);
    }
    trust::check(&inside, &metadata)?;
    trust::check_path(&inside)?;
    Ok(inside)
}

fn list(dir: &Path) -> Result<Vec<std::ffi::OsString>, FileProblem> {
    let entries = std::fs::read_dir(dir).map_err(|error| unreadable(&error))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|error| unreadable(&error))?.file_name());
        if names.len() > MAX_FILES {
            return Err(FileProblem::TooManyFiles(MAX_FILES));
        }
    }
    names.sort();
    Ok(names)
}

fn read_named(
    inside: &Path,
    dir: &Path,
    name: &std::ffi::OsStr,
) -> Result<Option<File>, FileProblem> {
    let file_name = name.to_str().ok_or(FileProblem::Stray)?;
    let Some(role) = role(file_name)? else {
        return Ok(None);
    };
    let limit = if matches!(role, Role::Component(_)) {
        MAX_BYTES
    } else {
        MAX_TOML_BYTES
    };
    let bytes = read_bytes(&resolve(inside, name)?, limit)?;
    Ok(Some(File {
        role,
        file_name: file_name.to_owned(),
        path: dir.join(name),
        bytes,
    }))
}

/// What a file is there for by its name; nothing where it is to be left alone.
fn role(file_name: &str) -> Result<Option<Role>, FileProblem> {
    if file_name.starts_with('.') || file_name.starts_with("README") {
        return Ok(None);
    }
    if file_name == LOCK_NAME {
        return Ok(Some(Role::Lock));
    }
    let (stem, make): (_, fn(PluginName) -> Role) = match file_name.rsplit_once('.') {
        Some((stem, "wasm")) => (stem, Role::Component),
        Some((stem, "toml")) => (stem, Role::Settings),
        _ => return Err(FileProblem::Stray),
    };
    let name = PluginName::new(without_order(stem)).map_err(|_| FileProblem::BadName)?;
    Ok(Some(make(name)))
}

/// A name without what only orders it: digits and a dash, such as `10-`.
fn without_order(stem: &str) -> &str {
    let rest = stem.trim_start_matches(|character: char| character.is_ascii_digit());
    match rest.strip_prefix('-') {
        Some(name) if rest.len() < stem.len() && !name.is_empty() => name,
        _ => stem,
    }
}

/// Where the file really is: links are followed as long as they stay inside, through directories that others
/// cannot write to, as mounted configuration in containers is laid out.
fn resolve(inside: &Path, name: &std::ffi::OsStr) -> Result<PathBuf, FileProblem> {
    let path = inside.join(name);
    let metadata = std::fs::symlink_metadata(&path).map_err(|error| unreadable(&error))?;
    if !metadata.is_symlink() {
        return Ok(path);
    }
    let target = path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::LinkBroken,
        _ => unreadable(&error),
    })?;
    if !target.starts_with(inside) {
        return Err(FileProblem::LinkLeaves);
    }
    for between in target
        .ancestors()
        .skip(1)
        .take_while(|path| *path != inside)
    {
        let metadata = between.metadata().map_err(|error| unreadable(&error))?;
        trust::check(between, &metadata)?;
    }
    Ok(target)
}

/// Opens, checks what was opened, and reads at most `limit` bytes of it.
pub(super) fn read_bytes(path: &Path, limit: usize) -> Result<Vec<u8>, FileProblem> {
    let (file, metadata) = trust::open(path)?;
    trust::check(path, &metadata)?;
    let too_large = FileProblem::TooLarge(limit as u64);
    if metadata.len() > limit as u64 {
        return Err(too_large);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // It may have grown since it was opened.
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() > limit {
        Err(too_large)
    } else {
        Ok(bytes)
    }
}

/// Reads a TOML file that the operator named, wherever it is.
pub(super) fn read_elsewhere(path: &Path) -> Result<Vec<u8>, FileProblem> {
    let path = path.canonicalize().map_err(|error| unreadable(&error))?;
    trust::check_path(&path)?;
    read_bytes(&path, MAX_TOML_BYTES)
}

fn unreadable(error: &std::io::Error) -> FileProblem {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing("file"),
        _ => FileProblem::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_no_part_of_the_name() {
        for (stem, name) in [
            ("10-terms", "terms"),
            ("terms", "terms"),
            ("7-10-x", "10-x"),
            ("10-", "10-"),
            ("2fa", "2fa"),
        ] {
            assert_eq!(without_order(stem), name);
        }
    }

    #[test]
    fn notes_and_dot_files_are_left_alone() {
        for name in ["README", "README.md", ".gitignore", ".data"] {
            assert_eq!(role(name), Ok(None), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_right_have_no_place() {
        for name in [
            "policy.wsam",
            "policy.wasm.bak",
            "policy",
            "policy.WASM",
            "plugins.lock~",
        ] {
            assert_eq!(role(name), Err(FileProblem::Stray), "{name}");
        }
        for name in ["Policy.wasm", "a b.wasm", "10-ü.toml"] {
            assert_eq!(role(name), Err(FileProblem::BadName), "{name}");
        }
    }
}
