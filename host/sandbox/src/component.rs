//! A component on its way in: as it was read, as it was checked, and ready to run.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::commands::CommandsPre;
use crate::names::{Digest, Grant, Kind, Origin, PluginName};
use crate::policy::PolicyPre;
use crate::redactor::RedactorPre;
use crate::settings::Settings;

/// A component as it was read, with what the operator says about it. Nothing of it is checked yet.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name, without the order prefix.
    pub name: PluginName,
    /// The file name; plugins of one kind are ordered by it.
    pub order: String,
    /// Where it came from.
    pub origin: Origin,
    /// The bytes that were read, once. What is checked is what runs.
    pub bytes: Vec<u8>,
    /// Its settings, those of the operator over those of its own file.
    pub settings: Settings,
    /// What the operator lets it call.
    pub grants: BTreeSet<Grant>,
}

/// What is known of a component once its bytes are no longer needed.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Its name, without the order prefix.
    pub name: PluginName,
    /// The file name; plugins of one kind are ordered by it.
    pub order: String,
    /// Where it came from.
    pub origin: Origin,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its settings.
    pub settings: Settings,
    /// What the operator lets it call.
    pub grants: BTreeSet<Grant>,
}

/// A component that passed every check which needs no call into it, compiled.
///
/// Only admission makes one, so whoever holds it need not check again.
#[derive(Clone)]
pub struct Admitted {
    pub(crate) component: wasmtime::component::Component,
    pub(crate) kind: Kind,
    /// Whether it exports `configurable`, to be asked about its settings.
    pub(crate) configurable: bool,
    pub(crate) meta: Meta,
}

impl Admitted {
    /// What kind of plugin it is. Exactly one: a component with two kinds is refused.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Name, digest, settings and grants.
    #[must_use]
    pub const fn meta(&self) -> &Meta {
        &self.meta
    }
}

/// An admitted plugin, ready to run.
#[derive(Clone)]
pub enum Plugin {
    /// Finds what must not be seen in a text that goes to a log.
    Redactor(Arc<RedactorPre>),
    /// Reviews prompts and answers.
    PromptPolicy(Arc<PolicyPre>),
    /// Brings chat commands.
    Commands(Arc<CommandsPre>),
}

impl Plugin {
    /// What kind of plugin it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Redactor(_) => Kind::Redactor,
            Self::PromptPolicy(_) => Kind::PromptPolicy,
            Self::Commands(_) => Kind::Commands,
        }
    }

    /// Name, digest, settings and grants.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Redactor(redactor) => redactor.meta(),
            Self::PromptPolicy(policy) => policy.meta(),
            Self::Commands(commands) => commands.meta(),
        }
    }
}
