//! `mini-llm-chat plugins`: look at, check and write plugins.

use std::fmt::{self, Write as _};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use mini_llm_chat_sandbox::contract::{PluginKind, PluginState};
use mini_llm_chat_sandbox::{
    Grant, Operator, PluginSet, Sandbox, SandboxConfig, directory, printable,
};

use crate::built_in;
use crate::cli::PluginsCommand;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::terminal;

/// Runs one of the commands. None needs a key, a database or a login.
///
/// # Errors
/// When a plugin is refused, or a file cannot be written.
pub(crate) fn run(settings: &Settings, command: &PluginsCommand) -> Result<Exit> {
    let text = match command {
        PluginsCommand::List => list(settings)?,
        PluginsCommand::Check { path } => check(settings, path)?,
        PluginsCommand::Eject { dir } => eject(dir)?,
        PluginsCommand::Lock { dir } => lock(settings, dir)?,
        PluginsCommand::Inspect { name } => inspect(settings, name)?,
    };
    terminal::print(&text).map_or(Ok(Exit::OutputClosed), |()| Ok(Exit::Done))
}

fn list(settings: &Settings) -> Result<String> {
    let set = active(settings, sandbox(Some(settings))?.as_ref())?;
    set.notices().iter().for_each(terminal::notice);
    Ok(table(&set))
}

fn active(settings: &Settings, sandbox: &Sandbox) -> Result<PluginSet> {
    let dir = settings.plugins.dir.as_ref().map(|dir| dir.as_path());
    let operator = &settings.plugins.operator;
    PluginSet::assemble(sandbox, built_in::components()?, dir, operator)
        .map_err(|refusals| refused(&refusals))
}

/// What a plugin declares. A setting that names an unknown kind or rule sends people here, so the built-in
/// plugins are shown also where the set is refused.
fn inspect(settings: &Settings, name: &str) -> Result<String> {
    let sandbox = sandbox(Some(settings))?;
    let set = match active(settings, &sandbox) {
        Ok(set) => set,
        Err(failure) => {
            terminal::notice(format_args!(
                "{failure}; the built-in plugins are shown without settings"
            ));
            let operator = Operator::default();
            PluginSet::assemble(&sandbox, built_in::components()?, None, &operator)
                .map_err(|refusals| refused(&refusals))?
        }
    };
    let mut text = String::new();
    let named = |plugin: &str| plugin == name;
    for policy in set
        .policies()
        .iter()
        .filter(|policy| named(policy.meta().name.as_str()))
    {
        for rule in policy.rules() {
            let _ = writeln!(
                text,
                "rule     {:<24}  {}",
                rule.id,
                printable::inline(&rule.explanation)
            );
        }
        kinds(&mut text, policy.kinds());
    }
    for redactor in set
        .redactors()
        .iter()
        .filter(|redactor| named(redactor.meta().name.as_str()))
    {
        kinds(&mut text, redactor.kinds());
    }
    for (_, command) in set
        .commands()
        .all()
        .filter(|(meta, _)| named(meta.name.as_str()))
    {
        let (usage, summary) = (&command.usage, &command.summary);
        let _ = writeln!(
            text,
            "command  {:<24}  {}",
            printable::inline(usage),
            printable::inline(summary)
        );
    }
    if text.is_empty() {
        return Err(Failure::usage(format_args!(
            "no plugin `{}` is active; `plugins list` shows them",
            printable::inline(name)
        )));
    }
    Ok(text)
}

fn kinds<'k>(text: &mut String, kinds: impl Iterator<Item = &'k str>) {
    for kind in kinds {
        let _ = writeln!(text, "kind     {kind}");
    }
}

fn table(set: &PluginSet) -> String {
    let mut text = String::new();
    for plugin in set.plugins() {
        let kind = match plugin.kind {
            PluginKind::Redactor => "redactor",
            PluginKind::PromptPolicy => "prompt policy",
            PluginKind::Commands => "commands",
        };
        let origin = if plugin.built_in {
            "built-in"
        } else {
            "directory"
        };
        let state = match plugin.state {
            PluginState::Ready => "ready",
            PluginState::Faulted => "faulted",
            PluginState::Isolated => "isolated",
        };
        let (name, digest) = (&plugin.name, &plugin.digest);
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{kind:<13}  {name:<24}  {origin:<9}  {digest}  {state}"
        );
    }
    text
}

/// The admission itself. Compiles anew and keeps nothing, so that a check leaves no trace.
fn check(settings: &Settings, path: &Path) -> Result<String> {
    let sandbox = sandbox(None)?;
    let operator = &settings.plugins.operator;
    let mut text = String::new();
    if let Err(error) = path.metadata() {
        return Err(Failure::config(format_args!(
            "cannot look at the plugin {}: {error}",
            path.display()
        )));
    }
    if path.is_dir() {
        let found = directory::read(path, operator).map_err(|refusals| refused(&refusals))?;
        for found in &found {
            text.push_str(&requests(found));
        }
        let set = PluginSet::assemble(&sandbox, built_in::components()?, Some(path), operator)
            .map_err(|refusals| refused(&refusals))?;
        set.notices().iter().for_each(terminal::notice);
        text.push_str(&table(&set));
    } else {
        let found = directory::read_file(path, operator).map_err(|refusals| refused(&refusals))?;
        text.push_str(&requests(&found));
        let plugin = sandbox
            .admit(found.component)
            .map_err(|refusal| refused(&[refusal]))?;
        let (name, digest) = (&plugin.meta().name, plugin.meta().digest);
        let _ = writeln!(text, "{} {name} {digest} can be used", plugin.kind());
    }
    Ok(text)
}

/// What a plugin asks for and has not: the line that would grant it.
fn requests(found: &directory::Found) -> String {
    let missing = found
        .requested
        .difference(&found.component.grants)
        .copied()
        .collect::<Vec<_>>();
    if missing.is_empty() {
        return String::new();
    }
    let name = &found.component.name;
    let all = found.component.grants.union(&found.requested).copied();
    format!(
        "{name} requests {}; to grant it, in the config file:\n{}\n",
        names(missing),
        section(name.as_str(), all)
    )
}

fn section(name: &str, grants: impl IntoIterator<Item = Grant>) -> String {
    let grants = grants
        .into_iter()
        .map(|grant| format!("\"{grant}\""))
        .collect::<Vec<_>>()
        .join(", ");
    format!("    [plugins.{name}]\n    grants = [{grants}]")
}

fn names(grants: impl IntoIterator<Item = Grant>) -> String {
    grants
        .into_iter()
        .map(|grant| grant.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Writes all or nothing that is there already.
fn eject(dir: &Path) -> Result<String> {
    let failed = |path: &Path, error: &dyn fmt::Display| {
        Failure::new(
            Exit::CannotCreate,
            format_args!("cannot write {}: {error}", path.display()),
        )
    };
    let files = mini_llm_chat_builtin::all()
        .map(|(name, bytes)| (name, dir.join(format!("{name}.wasm")), bytes));
    for (_, path, _) in &files {
        if fs::symlink_metadata(path).is_ok() {
            return Err(failed(
                path,
                &"the file exists and is not overwritten; choose an empty directory",
            ));
        }
    }
    mini_llm_chat_engine::private_file::ensure_dir(dir)
        .map_err(|error| Failure::new(Exit::CannotCreate, error))?;
    let mut text = String::new();
    for (name, path, bytes) in files {
        write_new(&path, bytes).map_err(|error| failed(&path, &error))?;
        let _ = writeln!(text, "{}", printable::inline(&path.display().to_string()));
        let grants = built_in::grants(name);
        if !grants.is_empty() {
            let _ = writeln!(
                text,
                "  in a plugin directory it needs, in the config file:\n{}",
                section(name, grants)
            );
        }
    }
    Ok(text)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Readable for a service that runs the set, writable for nobody else: else the set would be refused.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)?.write_all(bytes)
}

fn lock(settings: &Settings, dir: &Path) -> Result<String> {
    let path =
        directory::lock(dir, &settings.plugins.operator).map_err(|refusals| refused(&refusals))?;
    Ok(format!(
        "{}\n",
        printable::inline(&path.display().to_string())
    ))
}

fn sandbox(settings: Option<&Settings>) -> Result<Arc<Sandbox>> {
    let cache_dir = settings.map(|settings| settings.paths.compiled());
    Sandbox::new(SandboxConfig { cache_dir }).map_err(|error| Failure::new(Exit::Internal, error))
}

/// Every refusal, each on lines of its own.
pub(crate) fn refused(refusals: &[mini_llm_chat_sandbox::Refusal]) -> Failure {
    let lines = refusals.iter().map(ToString::to_string).collect::<Vec<_>>();
    match lines.as_slice() {
        [line] => Failure::config(format_args!("plugin refused: {line}")),
        lines => Failure::config(format_args!("plugins refused:\n{}", lines.join("\n"))),
    }
}
