//! The one wasmtime engine: what guests may use, how their time is cut, how their memory is laid out.

use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, Engine};

use crate::error::SandboxError;

/// How often a running guest is looked at. Every time limit is a multiple of it, rounded up.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Wasm frames of one guest may use this much of the host's stack, in bytes.
const WASM_STACK_BYTES: usize = 512 << 10;

/// The stack of a call that can be suspended, in bytes: the guest's share and the host's own.
const ASYNC_STACK_BYTES: usize = 2 << 20;

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Where compiled components are kept; `None` compiles at each start.
    pub cache_dir: Option<PathBuf>,
}

/// Makes the engine and starts the thread that ticks its epoch; the thread ends with the engine.
pub(crate) fn start() -> Result<Engine, SandboxError> {
    let engine = Engine::new(&configuration())
        .map_err(|error| SandboxError::Engine(format!("{error:#}")))?;
    let weak = engine.weak();
    let tick = move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("plugin-ticks".into())
        .spawn(tick)
        .map_err(SandboxError::Ticker)?;
    Ok(engine)
}

fn configuration() -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(ASYNC_STACK_BYTES)
        .wasm_simd(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false);
    config
}
