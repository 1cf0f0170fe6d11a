//! What a store has used of its limits, and the data that its imports see.
//!
//! wasmtime's own `StoreLimits` looks at each memory alone, so that eight small ones get eight times the
//! limit; here growth is counted over all of them. The limit that was hit is remembered, so that the
//! fault can name it whatever the guest makes of the refusal.

use std::sync::Arc;

use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;

use crate::component::Meta;
use crate::contract::{Caller, Entry};
use crate::deadline::{Deadline, PersonClock};
use crate::fault::FaultCause;
use crate::limits::{self, Ceilings};
use crate::services::Services;

/// The error with which a limit ends a call. What it was is in [`Meter::tripped`].
#[derive(Debug, thiserror::Error)]
#[error("a limit of the host ended the call")]
pub(crate) struct LimitHit;

/// Counts what a store uses.
#[derive(Debug)]
pub(crate) struct Meter {
    ceilings: Ceilings,
    memory_bytes: usize,
    table_entries: usize,
    host_calls: u32,
    output_bytes: usize,
    model_calls: u32,
    tripped: Option<FaultCause>,
}

impl Meter {
    pub(crate) const fn new(ceilings: Ceilings) -> Self {
        Self {
            ceilings,
            memory_bytes: 0,
            table_entries: 0,
            host_calls: 0,
            output_bytes: 0,
            model_calls: 0,
            tripped: None,
        }
    }

    /// Remembers the limit that ends the call.
    pub(crate) fn trip(&mut self, cause: FaultCause) -> wasmtime::Error {
        self.tripped.get_or_insert(cause);
        wasmtime::Error::new(LimitHit)
    }

    pub(crate) const fn tripped(&self) -> Option<FaultCause> {
        self.tripped
    }

    /// Lets a long-lived instance begin a new call with a new count.
    pub(crate) const fn forgive_host_calls(&mut self) {
        self.host_calls = 0;
    }

    /// Counts a call of the host.
    pub(crate) fn host_call(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        let limit = self.ceilings.host_calls;
        if self.host_calls > limit {
            return Err(self.trip(FaultCause::HostCalls { limit }));
        }
        Ok(())
    }

    /// Counts text for the screen.
    pub(crate) fn output(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.output_bytes = self.output_bytes.saturating_add(bytes);
        let limit_bytes = limits::OUTPUT_BYTES;
        if self.output_bytes > limit_bytes {
            return Err(self.trip(FaultCause::Output { limit_bytes }));
        }
        Ok(())
    }

    /// Counts a question to the model.
    pub(crate) fn model_call(&mut self) -> wasmtime::Result<()> {
        self.model_calls += 1;
        let limit = limits::MODEL_CALLS;
        if self.model_calls > limit {
            return Err(self.trip(FaultCause::ModelCalls { limit }));
        }
        Ok(())
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // A memory never shrinks. Growth that fails later stays counted: too much, never too little.
        let total = self
            .memory_bytes
            .saturating_add(desired.saturating_sub(current));
        let limit_bytes = self.ceilings.memory_bytes;
        if total > limit_bytes {
            return Err(self.trip(FaultCause::Memory { limit_bytes }));
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self
            .table_entries
            .saturating_add(desired.saturating_sub(current));
        let limit_entries = self.ceilings.table_entries;
        if total > limit_entries {
            return Err(self.trip(FaultCause::Tables { limit_entries }));
        }
        self.table_entries = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.ceilings.instances
    }

    fn tables(&self) -> usize {
        self.ceilings.instances
    }

    fn memories(&self) -> usize {
        self.ceilings.instances
    }
}

/// What a store holds: its meters, and what its imports act with.
pub(crate) struct Data {
    pub(crate) meter: Meter,
    pub(crate) deadline: Deadline,
    pub(crate) meta: Arc<Meta>,
    /// The plugin's settings in the contract's types.
    pub(crate) settings: Arc<[Entry]>,
    /// Only while a command runs.
    pub(crate) run: Option<Run>,
    /// Resources that the guest holds.
    pub(crate) table: ResourceTable,
    /// Made when the first function of WASI is called.
    pub(crate) wasi: Option<Box<wasmtime_wasi::WasiCtx>>,
}

/// In whose name a command runs, and with what.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) caller: Caller,
    pub(crate) services: Services,
    pub(crate) person: Arc<PersonClock>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn memory_counts_all_memories_together() {
        let mut meter = Meter::new(limits::REDACTOR);
        let share = limits::REDACTOR.memory_bytes / 4;
        for _ in 0..4 {
            assert!(meter.memory_growing(0, share, None).unwrap());
        }
        assert!(meter.memory_growing(share, share + 1, None).is_err());
        assert!(matches!(meter.tripped(), Some(FaultCause::Memory { .. })));
    }

    #[test]
    fn tables_count_all_tables_together() {
        let mut meter = Meter::new(limits::POLICY);
        let half = limits::POLICY.table_entries / 2;
        assert!(meter.table_growing(0, half, None).unwrap());
        assert!(meter.table_growing(0, half, None).unwrap());
        assert!(meter.table_growing(0, 1, None).is_err());
    }

    #[test]
    fn the_first_limit_that_was_hit_is_the_one_that_is_named() {
        let mut meter = Meter::new(limits::COMMANDS);
        for _ in 0..limits::COMMANDS.host_calls {
            meter.host_call().unwrap();
        }
        assert!(meter.host_call().is_err());
        assert!(meter.output(limits::OUTPUT_BYTES + 1).is_err());
        assert!(matches!(
            meter.tripped(),
            Some(FaultCause::HostCalls { .. })
        ));
    }
}
