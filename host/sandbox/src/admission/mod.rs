//! Admission.
use std::sync::Arc;

use crate::engine::{self, SandboxConfig};
use crate::error::SandboxError;

/// Holds the engine.
pub struct Sandbox {
    engine: wasmtime::Engine,
}

impl Sandbox {
    /// Starts the engine.
    ///
    /// # Errors
    /// When this machine cannot run components.
    pub fn new(_config: SandboxConfig) -> Result<Arc<Self>, SandboxError> {
        Ok(Arc::new(Self {
            engine: engine::start()?,
        }))
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &wasmtime::Engine {
        &self.engine
    }
}
