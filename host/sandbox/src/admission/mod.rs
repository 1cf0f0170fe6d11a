//! Admission: the one way by which a component gets in, at start, at reload and in `plugins check`.
//!
//! The order is by cost and by danger: first bytes are recognised, then the structure is counted, then imports
//! and exports are compared with the contract and the grants, and only what passed all that is compiled. Last
//! the component is run for the first time, under limits, to read the tables that the host keeps.

mod compile;
mod format;
mod interfaces;
mod structure;

use std::sync::Arc;

use wasmtime::Engine;

use crate::cache::CompileCache;
use crate::commands::CommandsPre;
use crate::component::{Admitted, Component, Meta, Plugin};
use crate::engine::{self, SandboxConfig};
use crate::error::{Problem, Refusal, SandboxError};
use crate::limits;
use crate::names::{Digest, Kind, Origin, PluginName};
use crate::policy::PolicyPre;
use crate::redactor::RedactorPre;

pub(crate) use format::MAX_BYTES;

/// The track of the contract that this host speaks. Versions of one track fit each other.
pub(crate) const CONTRACT: &str = "0.1";

/// The engine and the cache of compiled components: what admits, and what every plugin runs in.
pub struct Sandbox {
    engine: Engine,
    cache: CompileCache,
}

impl Sandbox {
    /// Starts the engine and opens the cache. A cache that cannot be used is no error: see [`Self::notices`].
    ///
    /// # Errors
    /// When this machine cannot run components.
    pub fn new(config: SandboxConfig) -> Result<Arc<Self>, SandboxError> {
        let engine = engine::start()?;
        let cache = CompileCache::open(config.cache_dir, &engine);
        Ok(Arc::new(Self { engine, cache }))
    }

    /// The engine that every plugin runs in.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What the operator should know, such as a cache directory that is not used and why. Each one line.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.cache.notices()
    }

    /// Checks a component in every respect, compiles it, reads its tables and lets it work once, under limits.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn admit(&self, component: Component) -> Result<Plugin, Refusal> {
        let subject = subject(&component.name, &component.origin);
        self.check(component)
            .and_then(|admitted| self.prepare(&admitted))
            .map_err(|problems| Refusal::new(subject, problems))
    }

    fn prepare(&self, admitted: &Admitted) -> Result<Plugin, Vec<Problem>> {
        Ok(match admitted.kind {
            Kind::Redactor => Plugin::Redactor(Arc::new(RedactorPre::new(&self.engine, admitted)?)),
            Kind::PromptPolicy => {
                Plugin::PromptPolicy(Arc::new(PolicyPre::new(&self.engine, admitted)?))
            }
            Kind::Commands => Plugin::Commands(Arc::new(CommandsPre::new(&self.engine, admitted)?)),
        })
    }

    /// Makes every check that needs no call into the component, and compiles it.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn examine(&self, component: Component) -> Result<Admitted, Refusal> {
        let subject = subject(&component.name, &component.origin);
        self.check(component)
            .map_err(|problems| Refusal::new(subject, problems))
    }

    fn check(&self, component: Component) -> Result<Admitted, Vec<Problem>> {
        format::recognise(&component.bytes).map_err(|reason| vec![reason.into()])?;
        let structure = structure::examine(&component.bytes)?;
        let role = interfaces::check(&structure, &component)?;
        check_start(&structure, role.kind)?;
        let Component {
            name,
            order,
            origin,
            bytes,
            settings,
            grants,
        } = component;
        let meta = Meta {
            digest: Digest::of(&bytes),
            name,
            order,
            origin,
            settings,
            grants,
        };
        let component = self
            .compile(meta.digest, bytes)
            .map_err(|problem| vec![problem])?;
        Ok(Admitted {
            component,
            kind: role.kind,
            configurable: role.configurable,
            meta,
        })
    }

    fn compile(
        &self,
        digest: Digest,
        bytes: Vec<u8>,
    ) -> Result<wasmtime::component::Component, Problem> {
        if let Some(component) = self.cache.load(&self.engine, digest) {
            return Ok(component);
        }
        let engine = self.engine.clone();
        let component = compile::within(compile::LIMIT, move || {
            wasmtime::component::Component::from_binary(&engine, &bytes).map_err(|error| {
                Problem::Compile(crate::printable::line(&format!("{error:#}"), 400))
            })
        })?;
        self.cache.store(digest, &component);
        Ok(component)
    }
}

/// What a running instance of the kind may use: a component that starts with more is refused before it is compiled.
const fn ceilings(kind: Kind) -> &'static limits::Ceilings {
    match kind {
        Kind::Redactor => &limits::REDACTOR,
        Kind::PromptPolicy => &limits::POLICY,
        Kind::Commands => &limits::COMMANDS,
    }
}

fn check_start(structure: &structure::Structure, kind: Kind) -> Result<(), Vec<Problem>> {
    let ceilings = ceilings(kind);
    let table = [
        (
            "bytes of memory at its start",
            structure.memory_bytes,
            ceilings.memory_bytes,
        ),
        (
            "table elements at its start",
            structure.table_elements,
            ceilings.table_entries,
        ),
    ];
    let over = table
        .into_iter()
        .filter(|&(_, found, limit)| found > limit as u64);
    let problems: Vec<_> = over
        .map(|(what, found, limit)| Problem::TooMuch {
            what,
            found,
            limit: limit as u64,
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// How a plugin is called in a refusal.
pub(crate) fn subject(name: &PluginName, origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => format!("built-in plugin {name}"),
        Origin::File(path) => path.display().to_string(),
    }
}
