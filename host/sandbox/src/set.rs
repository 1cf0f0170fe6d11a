//! The plugins that are active together: the built-in ones with what the operator's directory changes.
//!
//! Prompt policies of the directory replace the built-in one; redactors and commands add to the built-in ones,
//! and a file with a built-in's name replaces that one. So a redactor that is dropped in never switches the secret
//! rules off, and no kind is ever without a plugin. A set is whole or it is not: a reload assembles a new one and
//! the old one stays until that has worked; a turn keeps the set it began with.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::admission::Sandbox;
use crate::commands::{CommandTable, CommandsPre};
use crate::component::{Component, Meta, Plugin};
use crate::contract::{self, Caller};
use crate::directory;
use crate::error::{Problem, Refusal};
use crate::fault::Fault;
use crate::names::{Digest, Digester, Kind};
use crate::operator::Operator;
use crate::policy::PolicyPre;
use crate::redactor::{Redactor, RedactorPre};
use crate::settings::Settings;
use crate::turn::PolicyTurn;

/// All active plugins.
pub struct PluginSet {
    redactors: Vec<Arc<RedactorPre>>,
    policies: Vec<Arc<PolicyPre>>,
    commands: CommandTable,
    summary: Vec<String>,
    notices: Vec<String>,
    digest: Digest,
    policy_digest: Digest,
}

impl PluginSet {
    /// Admits the built-in components and those of `dir`, at the same time, and puts them in their order: the
    /// built-in ones first, then by file name.
    ///
    /// # Errors
    /// Every refusal of every component; nothing of the set is used then.
    pub fn assemble(
        sandbox: &Sandbox,
        built_in: Vec<Component>,
        dir: Option<&Path>,
        operator: &Operator,
    ) -> Result<Self, Vec<Refusal>> {
        let mut notices = Vec::new();
        let mut components = match dir {
            Some(dir) => {
                let found = directory::read(dir, operator)?;
                if found.is_empty() {
                    let dir = dir.display().to_string();
                    notices.push(format!(
                        "{} holds no plugin: the built-in ones are active",
                        crate::printable::inline(&dir)
                    ));
                }
                found.into_iter().map(|found| found.component).collect()
            }
            None => Vec::new(),
        };
        let replaced: BTreeSet<_> = components
            .iter()
            .map(|component: &Component| component.name.clone())
            .collect();
        let kept = built_in
            .into_iter()
            .filter(|component| !replaced.contains(&component.name));
        components.splice(
            ..0,
            kept.map(|component| with_settings(component, operator)),
        );
        let unknown = operator
            .plugins
            .keys()
            .filter(|name| components.iter().all(|component| component.name != **name));
        notices.extend(unknown.map(|name| {
            format!("[plugins.{name}] of the config file is for no plugin that is loaded")
        }));
        let mut plugins = admit_all(sandbox, components)?;
        if plugins.iter().any(|plugin| {
            plugin.kind() == Kind::PromptPolicy && !plugin.meta().origin.is_built_in()
        }) {
            plugins.retain(|plugin| {
                plugin.kind() != Kind::PromptPolicy || !plugin.meta().origin.is_built_in()
            });
        }
        check(&plugins)?;
        Self::of(plugins, notices)
    }

    fn of(plugins: Vec<Plugin>, notices: Vec<String>) -> Result<Self, Vec<Refusal>> {
        let summary = Kind::ALL.map(|kind| line(kind, &plugins)).to_vec();
        let digest = digest(plugins.iter());
        let policy_digest = digest_of_kind(&plugins, Kind::PromptPolicy);
        let (mut redactors, mut policies, mut commands) =
            (Vec::new(), Vec::new(), Vec::<Arc<CommandsPre>>::new());
        for plugin in plugins {
            match plugin {
                Plugin::Redactor(redactor) => redactors.push(redactor),
                Plugin::PromptPolicy(policy) => policies.push(policy),
                Plugin::Commands(plugin) => commands.push(plugin),
            }
        }
        let commands = CommandTable::new(commands)?;
        Ok(Self {
            redactors,
            policies,
            commands,
            summary,
            notices,
            digest,
            policy_digest,
        })
    }

    /// Changes with any component, its settings, its grants, or the order.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Changes with any prompt policy, its settings, or their order: what an answer was judged by.
    #[must_use]
    pub const fn policy_digest(&self) -> Digest {
        self.policy_digest
    }

    /// What is active, one line a kind, such as `redaction: built-in + company-terms`.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        self.summary.clone()
    }

    /// What the operator should know, such as that the directory is empty. Each one line.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Every plugin with its live state and its number of faults: policies, redactors, commands.
    #[must_use]
    pub fn plugins(&self) -> Vec<contract::Plugin> {
        let policies = self.policies.iter().map(|policy| policy.plugin());
        let redactors = self.redactors.iter().map(|redactor| redactor.plugin());
        policies
            .chain(redactors)
            .chain(self.commands.plugins())
            .collect()
    }

    /// The redactors, to look at what they find.
    #[must_use]
    pub fn redactors(&self) -> &[Arc<RedactorPre>] {
        &self.redactors
    }

    /// The prompt policies, to look at their rules.
    #[must_use]
    pub fn policies(&self) -> &[Arc<PolicyPre>] {
        &self.policies
    }

    /// A redactor with instances of its own. The log writer keeps one, what is shown to people another.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        Redactor::new(&self.redactors)
    }

    /// Begins a turn under every policy.
    ///
    /// # Errors
    /// When a policy does not start or give its system prompt; there is no turn then.
    pub fn begin_turn(&self, caller: &Caller, canary: &str) -> Result<PolicyTurn, Fault> {
        PolicyTurn::begin(&self.policies, caller, canary)
    }

    /// All commands of all plugins.
    #[must_use]
    pub const fn commands(&self) -> &CommandTable {
        &self.commands
    }
}

/// A built-in component has no file of settings: what the operator says is all there is.
fn with_settings(mut component: Component, operator: &Operator) -> Component {
    if let Some(word) = operator.plugins.get(&component.name) {
        component.settings = Settings::from_toml(&word.settings);
        component.grants.extend(&word.grants);
    }
    component
}

/// Each on a thread of its own: what remains of admission with a warm cache is the plugins' first calls.
fn admit_all(sandbox: &Sandbox, components: Vec<Component>) -> Result<Vec<Plugin>, Vec<Refusal>> {
    let results: Vec<_> = std::thread::scope(|scope| {
        let admit = |component: Component| {
            let subject = crate::admission::subject(&component.name, &component.origin);
            (subject, scope.spawn(move || sandbox.admit(component)))
        };
        let running: Vec<_> = components.into_iter().map(admit).collect();
        let lost = |subject| {
            Refusal::new(
                subject,
                vec![Problem::Start("admission ended early".into())],
            )
        };
        running
            .into_iter()
            .map(|(subject, thread)| thread.join().unwrap_or_else(|_| Err(lost(subject))))
            .collect()
    });
    let (mut plugins, mut refusals) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(plugin) => plugins.push(plugin),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() {
        Ok(plugins)
    } else {
        Err(refusals)
    }
}

/// A built-in's name stands for its kind, and every kind is there.
fn check(plugins: &[Plugin]) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    for plugin in plugins {
        let (found, meta) = (plugin.kind(), plugin.meta());
        let expected = Kind::ALL
            .into_iter()
            .find(|kind| kind.built_in_name() == meta.name.as_str());
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            let subject = crate::admission::subject(&meta.name, &meta.origin);
            refusals.push(Refusal::new(
                subject,
                vec![Problem::WrongKind { found, expected }],
            ));
        }
    }
    for kind in Kind::ALL {
        if !plugins.iter().any(|plugin| plugin.kind() == kind) {
            refusals.push(Refusal::new("plugins", vec![Problem::NoPlugin(kind)]));
        }
    }
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals)
    }
}

fn line(kind: Kind, plugins: &[Plugin]) -> String {
    let shown = |meta: &Meta| match (
        meta.origin.is_built_in(),
        meta.name.as_str() == kind.built_in_name(),
    ) {
        (true, _) => "built-in".to_owned(),
        // The file that took the built-in's place is told from it.
        (false, true) => meta.order.clone(),
        (false, false) => meta.name.to_string(),
    };
    let names: Vec<_> = plugins
        .iter()
        .filter(|plugin| plugin.kind() == kind)
        .map(|plugin| shown(plugin.meta()))
        .collect();
    let title = if kind == Kind::Redactor {
        "redaction".to_owned()
    } else {
        kind.to_string()
    };
    let replaced = kind == Kind::PromptPolicy
        && !plugins
            .iter()
            .any(|plugin| plugin.kind() == kind && plugin.meta().origin.is_built_in());
    let instead = if replaced {
        " (the built-in one is off)"
    } else {
        ""
    };
    format!("{title}: {}{instead}", names.join(" + "))
}

fn digest_of_kind(plugins: &[Plugin], kind: Kind) -> Digest {
    digest(plugins.iter().filter(|plugin| plugin.kind() == kind))
}

fn digest<'a>(plugins: impl Iterator<Item = &'a Plugin>) -> Digest {
    let mut digester = Digester::new();
    for plugin in plugins {
        let meta = plugin.meta();
        digester
            .part(plugin.kind().interface().as_bytes())
            .part(meta.name.as_str().as_bytes());
        digester.part(meta.digest.as_bytes());
        meta.settings.digest_into(&mut digester);
        digester.part(&(meta.grants.len() as u64).to_le_bytes());
        for grant in &meta.grants {
            digester.part(grant.name().as_bytes());
        }
    }
    digester.finish()
}
