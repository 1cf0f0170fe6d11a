//! The one wasmtime engine: what guests may use, how their time is cut, how their memory is laid out.
//!
//! Instances are allocated on demand. Measured with a component of 1.2 MB: a fresh instance with one empty call
//! takes 15 µs on demand and 4 µs from a pool, but setting the pool up costs 2.9 ms of every start (the engine
//! alone: 0.1 ms), and it fixes the layout of all memories beforehand. A policy's fresh instance has 300 µs, so the
//! pool would pay where nothing is short. What does cost is a guest's first use of its automata, above 1 ms
//! where it builds them then; only the guest can change that.
//!
//! Each memory reserves 4 GiB of addresses, wasmtime's default: then the hardware checks bounds. Reserving little
//! was no faster to instantiate and makes the guest check each access.

use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, Engine, EngineWeak};

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
    std::thread::Builder::new()
        .name("plugin-ticks".into())
        .spawn(move || tick(&weak))
        .map_err(SandboxError::Ticker)?;
    Ok(engine)
}

/// Holds the engine only while it ticks, so that the last owner's drop ends the thread.
fn tick(engine: &EngineWeak) {
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        std::thread::sleep(TICK);
    }
}

fn configuration() -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(ASYNC_STACK_BYTES)
        .parallel_compilation(true)
        // A guest's frames are of no use to the person who reads the error, and their names are foreign text.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .wasm_simd(true)
        // What no plugin needs is not there to be got wrong.
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false);
    config
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn the_ticking_ends_with_the_engine() {
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let engine = Engine::new(&configuration()).unwrap();
        let weak = engine.weak();
        let ticks = std::thread::spawn(move || {
            tick(&weak);
            drop(ended);
        });
        drop(engine);
        // Returns when the ticking has ended and its end of the channel is gone.
        assert!(end.recv().is_err());
        ticks.join().unwrap();
    }
}
