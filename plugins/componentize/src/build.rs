//! One cargo run over a workspace, and a component of each plugin in it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::{BuildError, componentize, environment};

const TARGET: &str = "wasm32-unknown-unknown";

/// A workspace of plugin crates and where to build it.
#[derive(Debug, Clone)]
pub struct Build {
    workspace: PathBuf,
    root: PathBuf,
    target_dir: PathBuf,
    only: Option<String>,
}

/// A finished component.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Built {
    /// The crate's library name with `-` for `_`, such as `prompt-policy`.
    pub name: String,
    /// The component's bytes.
    pub component: Vec<u8>,
    /// Where its crate lies.
    pub directory: PathBuf,
}

/// What this crate reads of cargo's messages.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    target: Option<Target>,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Build {
    /// Builds the workspace whose Cargo.toml and Cargo.lock lie in `workspace`, with intermediate files in
    /// `target_dir`. That must not be the directory of a cargo that waits for this one, or both wait
    /// for ever. No path below `root`, which holds the workspace and its path dependencies, ends in a
    /// component.
    pub fn new(
        workspace: impl Into<PathBuf>,
        root: impl Into<PathBuf>,
        target_dir: impl Into<PathBuf>,
    ) -> Self {
        Self {
            workspace: workspace.into(),
            root: root.into(),
            target_dir: target_dir.into(),
            only: None,
        }
    }

    /// Builds only the crate of this package.
    #[must_use]
    pub fn only(mut self, package: Option<&str>) -> Self {
        self.only = package.map(str::to_owned);
        self
    }

    /// Builds every crate of type `cdylib`, in release mode and by the lock file, sorted by name. A workspace without
    /// a lock file gets one.
    ///
    /// # Errors
    /// The target is missing, cargo fails, or a crate is no plugin of the contract.
    pub fn run(&self) -> Result<Vec<Built>, BuildError> {
        require_target()?;
        let mut built = Vec::new();
        for Module {
            name,
            file,
            directory,
        } in self.modules()?
        {
            let module =
                fs::read(&file).map_err(|reason| BuildError::Read { path: file, reason })?;
            built.push(Built {
                name: name.replace('_', "-"),
                component: componentize(&module)?,
                directory,
            });
        }
        if built.is_empty() {
            return Err(BuildError::NoPlugins {
                workspace: self.workspace.clone(),
            });
        }
        built.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(built)
    }

    /// The core modules that cargo makes.
    fn modules(&self) -> Result<Vec<Module>, BuildError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(&cargo);
        environment::isolate(&mut command, &self.flags());
        let output = command
            .current_dir(&self.workspace)
            .args(["build", "--lib", "--release", "--target", TARGET])
            .args(match &self.only {
                Some(package) => vec!["--package", package],
                None => vec!["--workspace"],
            })
            .args(
                self.workspace
                    .join("Cargo.lock")
                    .exists()
                    .then_some("--locked"),
            )
            .args([
                "--message-format",
                "json-render-diagnostics",
                "--target-dir",
            ])
            .arg(&self.target_dir)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|reason| BuildError::Run {
                program: cargo.display().to_string(),
                reason,
            })?;
        if !output.status.success() {
            return Err(BuildError::Cargo {
                workspace: self.workspace.clone(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(module)
            .collect())
    }

    fn flags(&self) -> Vec<OsString> {
        let mut flags = vec![OsString::from("-Ctarget-feature=+simd128")];
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        // The last prefix that fits wins, so the widest comes first.
        flags.extend(home.map(|home| remap(&home, "/cargo")));
        flags.push(remap(&self.root, "/src"));
        flags.push(remap(&self.target_dir, "/target"));
        flags
    }
}

fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

/// A core module: its library's name, its file, and where its crate lies.
#[derive(Debug, PartialEq, Eq)]
struct Module {
    name: String,
    file: PathBuf,
    directory: PathBuf,
}

/// The module that a line of cargo's output speaks of, when it is a plugin's.
fn module(line: &str) -> Option<Module> {
    let artifact: Artifact = serde_json::from_str(line).ok()?;
    let target = artifact
        .target
        .filter(|_| artifact.reason == "compiler-artifact")?;
    let plugin = target.kind.iter().any(|kind| kind == "cdylib");
    let is_module = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "wasm")
    };
    let file = artifact
        .filenames
        .into_iter()
        .find(is_module)
        .filter(|_| plugin)?;
    Some(Module {
        name: target.name,
        file,
        directory: artifact.manifest_path.parent()?.to_owned(),
    })
}

/// Refuses early, and in one line, what rustc would say in fifty.
fn require_target() -> Result<(), BuildError> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|reason| BuildError::Run {
            program: rustc.display().to_string(),
            reason,
        })?;
    let directory = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && directory.is_dir() {
        Ok(())
    } else {
        Err(BuildError::MissingTarget { target: TARGET })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::*;

    #[test]
    fn line_of_a_plugin_gives_its_module() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"prompt_policy","kind":["cdylib"]},
            "manifest_path":"/w/policy/Cargo.toml","filenames":["/t/prompt_policy.wasm"]}"#;
        let expected = Module {
            name: "prompt_policy".to_owned(),
            file: "/t/prompt_policy.wasm".into(),
            directory: "/w/policy".into(),
        };
        assert_eq!(module(line).unwrap(), expected);
    }

    #[test]
    fn other_lines_give_nothing() {
        let library = r#"{"reason":"compiler-artifact","target":{"name":"sdk","kind":["lib"]},
            "filenames":["/t/libsdk.rlib"]}"#;
        for line in [
            library,
            r#"{"reason":"build-finished","success":true}"#,
            "text",
        ] {
            assert!(module(line).is_none(), "{line}");
        }
    }
}
