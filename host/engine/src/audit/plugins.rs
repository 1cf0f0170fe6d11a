//! Events about plugins, from what the sandbox knows of them.

use mini_llm_chat_sandbox::contract::{Plugin, PluginKind};
use mini_llm_chat_sandbox::{Fault, Refusal};

use super::{AuditEvent, FreeText, PluginRef};

impl AuditEvent {
    /// A plugin is active from now on.
    pub(crate) fn loaded(plugin: Plugin) -> Self {
        let kind = match plugin.kind {
            PluginKind::Redactor => "redactor",
            PluginKind::PromptPolicy => "prompt policy",
            PluginKind::Commands => "commands",
        };
        Self::PluginLoaded {
            plugin: PluginRef {
                name: plugin.name,
                digest: plugin.digest,
            },
            kind: kind.to_owned(),
            built_in: plugin.built_in,
        }
    }

    /// A plugin, a file or a directory cannot be used.
    #[must_use]
    pub fn refused(refusal: &Refusal) -> Self {
        Self::PluginRefused {
            plugin: FreeText::new(refusal.subject.as_str()),
            reason: FreeText::new(refusal.to_string()),
        }
    }

    /// A call of a plugin failed.
    pub(crate) fn faulted(fault: &Fault) -> Self {
        Self::PluginFaulted {
            plugin: PluginRef {
                name: fault.plugin.to_string(),
                digest: fault.digest.to_string(),
            },
            call: fault.call.to_owned(),
            reason: FreeText::new(fault.to_string()),
        }
    }
}
