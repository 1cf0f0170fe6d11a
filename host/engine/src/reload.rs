//! Which plugins are active: at start, after a reload, and what the audit trail is told of it.
//!
//! The next set is assembled whole while turns go on under the old one; then one pointer changes. A reload
//! runs as a task of its own: whoever asked may stop waiting, but there is never half of a swap.

use std::sync::Arc;

use mini_llm_chat_sandbox::{Fault, PluginSet, Refusal};

use crate::audit::{self, AuditEvent};
use crate::engine::Engine;

impl Engine {
    /// Records which plugins are active, and from now on what redactors fail at. To be called once, when the
    /// engine goes to work.
    pub async fn begin(&self) {
        self.note_loaded(&self.plugins()).await;
        let recorder = self.take_recorder();
        if let Some(recorder) = recorder {
            tokio::spawn(recorder.run(Arc::clone(&self.audit)));
        }
    }

    /// Activates a whole new plugin set, or leaves the old one. Returns what is active, one line a kind.
    ///
    /// # Errors
    /// Every problem of the new set, in words for the user.
    pub async fn reload(self: &Arc<Self>) -> Result<Vec<String>, String> {
        let engine = Arc::clone(self);
        let reloaded = tokio::spawn(async move { engine.reload_whole().await }).await;
        reloaded.unwrap_or_else(|_| Err("loading the plugins ended early".to_owned()))
    }

    async fn reload_whole(&self) -> Result<Vec<String>, String> {
        // One at a time, so that each swap in the audit begins where the last one ended.
        let _one = self.reloading.lock().await;
        let reload = Arc::clone(&self.reload);
        let assembled = tokio::task::spawn_blocking(move || reload()).await;
        let next = match assembled {
            Ok(Ok(next)) => Arc::new(next),
            Ok(Err(refusals)) => return Err(self.refused(&refusals).await),
            Err(_) => return Err("loading the plugins ended early".to_owned()),
        };
        let before = self.activate(Arc::clone(&next));
        tracing::info!(before = %before.digest(), after = %next.digest(), "the plugins are reloaded");
        self.note_loaded(&next).await;
        let swapped = AuditEvent::PluginsSwapped {
            before: before.digest().to_string(),
            after: next.digest().to_string(),
        };
        audit::note(&*self.audit, swapped).await;
        Ok(next.summary())
    }

    async fn refused(&self, refusals: &[Refusal]) -> String {
        for refusal in refusals {
            tracing::error!("a plugin is refused, the old set stays: {refusal}");
            audit::note(&*self.audit, AuditEvent::refused(refusal)).await;
        }
        let lines = refusals.iter().map(ToString::to_string);
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn note_loaded(&self, set: &PluginSet) {
        let loaded = set.plugins().into_iter().map(AuditEvent::loaded);
        audit::note_all(&*self.audit, loaded.collect()).await;
    }

    /// Reports a component's fault.
    pub async fn note_fault(&self, fault: &Fault) {
        tracing::error!(plugin = %fault.plugin, digest = %fault.digest, "{fault}");
        audit::note(&*self.audit, AuditEvent::faulted(fault)).await;
    }
}
