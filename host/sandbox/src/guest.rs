//! An instance of a component: made under limits, called under limits, gone after the first fault.
//!
//! One store is one failure domain. After a trap, a timeout or a nonsensical answer nothing in it is
//! trusted any more: the store is dropped, and the next call gets a new one from the pre-instantiated
//! component, which costs microseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store, Trap};

use crate::component::{Admitted, Meta};
use crate::contract::{Entry, Plugin, PluginKind, PluginState, Value};
use crate::deadline::{self, Deadline};
use crate::fault::{Fault, FaultCause};
use crate::limits::{self, Ceilings};
use crate::meter::{Data, Meter, Run};
use crate::names::Kind;
use crate::settings;

/// An exported function: its name, and a number of its own for "was it called before".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Export {
    pub(crate) name: &'static str,
    pub(crate) bit: u8,
}

/// Making the instance is a call too: `start` functions run in it.
pub(crate) const START: &str = "start";

/// What all instances of one component share.
pub(crate) struct Blueprint {
    engine: Engine,
    meta: Arc<Meta>,
    kind: Kind,
    ceilings: Ceilings,
    settings: Arc<[Entry]>,
    faults: AtomicU64,
    faults_in_a_row: AtomicU32,
}

impl Blueprint {
    pub(crate) fn new(engine: &Engine, admitted: &Admitted, ceilings: Ceilings) -> Self {
        Self {
            engine: engine.clone(),
            meta: Arc::new(admitted.meta().clone()),
            kind: admitted.kind(),
            ceilings,
            settings: admitted
                .meta()
                .settings
                .entries()
                .iter()
                .map(entry)
                .collect(),
            faults: AtomicU64::new(0),
            faults_in_a_row: AtomicU32::new(0),
        }
    }

    pub(crate) fn meta(&self) -> &Meta {
        &self.meta
    }

    pub(crate) const fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    /// A store with every limit set, before anything runs in it.
    pub(crate) fn store(&self, run: Option<Run>) -> Store<Data> {
        let data = Data {
            meter: Meter::new(self.ceilings),
            deadline: Deadline::new(&self.ceilings),
            meta: Arc::clone(&self.meta),
            settings: Arc::clone(&self.settings),
            run,
            table: resource_table(self.ceilings.handles),
            wasi: None,
        };
        let mut store = Store::new(&self.engine, data);
        store.limiter(|data| &mut data.meter);
        store.set_hostcall_fuel(self.ceilings.hostcall_bytes);
        store.set_max_component_handles(self.ceilings.handles);
        store.epoch_deadline_callback(deadline::on_tick);
        store.set_epoch_deadline(1);
        store
    }

    /// Makes a fault of the error that ended a call. What the guest said is not looked at.
    pub(crate) fn fault(&self, call: &'static str, error: &wasmtime::Error, data: &Data) -> Fault {
        let cause = data.meter.tripped().unwrap_or_else(|| self.cause(error));
        self.blame(call, cause)
    }

    /// Counts and builds a fault.
    pub(crate) fn blame(&self, call: &'static str, cause: FaultCause) -> Fault {
        self.faults.fetch_add(1, Ordering::Relaxed);
        self.faults_in_a_row.fetch_add(1, Ordering::Relaxed);
        self.describe(call, cause)
    }

    /// A fault that is not this plugin's doing, or was counted before.
    pub(crate) fn describe(&self, call: &'static str, cause: FaultCause) -> Fault {
        Fault {
            plugin: self.meta.name.clone(),
            digest: self.meta.digest,
            call,
            cause,
        }
    }

    fn cause(&self, error: &wasmtime::Error) -> FaultCause {
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return match trap {
                Trap::StackOverflow => FaultCause::Stack,
                _ => FaultCause::Crash,
            };
        }
        // wasmtime has no types for these; the tests hold the words.
        let said = format!("{error:#}");
        if said.contains("fuel allocated for hostcalls") {
            let limit_bytes = self.ceilings.hostcall_bytes;
            return FaultCause::HostData { limit_bytes };
        }
        if said.contains("handle limit exceeded") {
            let limit = self.ceilings.handles;
            return FaultCause::Handles { limit };
        }
        if said.contains("resource limit exceeded") {
            return FaultCause::Instances;
        }
        FaultCause::Crash
    }

    pub(crate) fn succeeded(&self) {
        // A load is cheaper than a store that other threads must see.
        if self.faults_in_a_row.load(Ordering::Relaxed) != 0 {
            self.faults_in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Whether a redactor has failed so often that it is not called any more.
    pub(crate) fn is_isolated(&self) -> bool {
        self.kind == Kind::Redactor
            && self.faults_in_a_row.load(Ordering::Relaxed) >= limits::ISOLATE_AFTER_FAULTS
    }

    /// The plugin as commands and `status` see it.
    pub(crate) fn plugin(&self) -> Plugin {
        let faults = self.faults.load(Ordering::Relaxed);
        Plugin {
            name: self.meta.name.to_string(),
            kind: match self.kind {
                Kind::Redactor => PluginKind::Redactor,
                Kind::PromptPolicy => PluginKind::PromptPolicy,
                Kind::Commands => PluginKind::Commands,
            },
            built_in: self.meta.origin.is_built_in(),
            digest: self.meta.digest.to_string(),
            state: match faults {
                _ if self.is_isolated() => PluginState::Isolated,
                0 => PluginState::Ready,
                _ => PluginState::Faulted,
            },
            faults,
        }
    }
}

fn resource_table(handles: usize) -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(handles);
    table
}

fn entry(entry: &settings::Entry) -> Entry {
    Entry {
        key: entry.key.clone(),
        value: match &entry.value {
            settings::Value::Text(text) => Value::Text(text.clone()),
            settings::Value::Integer(number) => Value::Integer(*number),
            settings::Value::Number(number) => Value::Number(*number),
            settings::Value::Boolean(flag) => Value::Boolean(*flag),
        },
    }
}

/// An instance that is called without an executor: a redactor or a policy.
pub(crate) struct Guest<B> {
    /// Gone after a fault.
    alive: Option<Alive<B>>,
    called: u8,
}

struct Alive<B> {
    store: Store<Data>,
    bindings: B,
}

impl<B> Guest<B> {
    /// Makes an instance with `instantiate`.
    pub(crate) fn start(
        blueprint: &Blueprint,
        instantiate: impl FnOnce(&mut Store<Data>) -> wasmtime::Result<B>,
    ) -> Result<Self, Fault> {
        let mut store = blueprint.store(None);
        match instantiate(&mut store) {
            Ok(bindings) => {
                store.data_mut().deadline.end();
                Ok(Self {
                    alive: Some(Alive { store, bindings }),
                    called: 0,
                })
            }
            Err(error) => Err(blueprint.fault(START, &error, store.data())),
        }
    }

    /// Calls an exported function within `cpu` of processor time.
    pub(crate) fn call<R>(
        &mut self,
        blueprint: &Blueprint,
        export: Export,
        cpu: Duration,
        function: impl FnOnce(&B, &mut Store<Data>) -> wasmtime::Result<R>,
    ) -> Result<R, Fault> {
        let Some(Alive { store, bindings }) = &mut self.alive else {
            return Err(blueprint.describe(export.name, FaultCause::Gone));
        };
        let first = self.called & (1 << export.bit) == 0;
        self.called |= 1 << export.bit;
        let wall = blueprint.ceilings.wall;
        store.data_mut().deadline.begin(cpu, wall, first);
        store.set_epoch_deadline(1);
        match function(bindings, store) {
            Ok(answer) => {
                store.data_mut().deadline.end();
                Ok(answer)
            }
            Err(error) => {
                let fault = blueprint.fault(export.name, &error, store.data());
                self.alive = None;
                Err(fault)
            }
        }
    }

    /// Ends the instance because its answer to `call` was nonsense.
    pub(crate) fn condemn(
        &mut self,
        blueprint: &Blueprint,
        call: &'static str,
        cause: FaultCause,
    ) -> Fault {
        self.alive = None;
        blueprint.blame(call, cause)
    }

    /// Gives a long-lived instance its host calls anew.
    pub(crate) fn forgive_host_calls(&mut self) {
        if let Some(alive) = &mut self.alive {
            alive.store.data_mut().meter.forgive_host_calls();
        }
    }
}
