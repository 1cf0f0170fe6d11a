//! The host's side of every import: counts, checks, then the service.
//!
//! Each function counts as a host call, checks sizes and the caller's role, and only then reaches
//! the [`Services`](crate::services::Services) of the run. A limit traps; a wrong argument or a missing
//! right is an ordinary failure that the guest can show.

mod accounts;
mod chat;
mod model;
mod screen;
mod stores;

use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::contract::imports::mini_llm_chat::host::{log, settings};
use crate::contract::imports::mini_llm_chat::plugin::types;
use crate::contract::{Access, Entry, Failure, Level};
use crate::fault::FaultCause;
use crate::limits;
use crate::meter::{Data, Run};

impl Data {
    /// Counts a call and hands out the run. At admission there is none, and no service can be reached.
    fn run(&mut self) -> wasmtime::Result<Result<Run, Failure>> {
        self.meter.host_call()?;
        let why = "the plugin is only being checked";
        Ok(self
            .run
            .clone()
            .ok_or_else(|| Failure::Unavailable(why.to_owned())))
    }

    /// For functions that cannot fail in the contract.
    fn run_or_trap(&mut self) -> wasmtime::Result<Run> {
        match self.run()? {
            Ok(run) => Ok(run),
            Err(_) => Err(self.meter.trip(FaultCause::Host)),
        }
    }

    /// For what only administrators may do, whatever the plugin was granted.
    fn admin_run(&mut self) -> wasmtime::Result<Result<Run, Failure>> {
        Ok(self.run()?.and_then(|run| match run.caller.access {
            Access::Admin => Ok(run),
            Access::User => Err(Failure::Denied("this needs the role admin".to_owned())),
        }))
    }
}

/// Unwraps a run, or returns its failure to the guest.
macro_rules! granted {
    ($run:expr) => {
        match $run {
            Ok(run) => run,
            Err(failure) => return Ok(Err(failure)),
        }
    };
}
use granted;

fn page(limit: u32) -> u32 {
    limit.clamp(1, limits::PAGE)
}

/// The longest beginning of `text` that fits, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    text.split_at(text.floor_char_boundary(bytes)).0
}

impl types::Host for Data {}

impl settings::Host for Data {
    fn entries(&mut self) -> wasmtime::Result<Vec<Entry>> {
        self.meter.host_call()?;
        Ok(self.settings.to_vec())
    }
}

impl log::Host for Data {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.meter.host_call()?;
        let message = cut(&message, limits::LOG_RECORD_BYTES);
        let plugin = self.meta.name.as_str();
        match level {
            Level::Debug => tracing::debug!(target: LOG_TARGET, plugin, "{message}"),
            Level::Info => tracing::info!(target: LOG_TARGET, plugin, "{message}"),
            Level::Warn => tracing::warn!(target: LOG_TARGET, plugin, "{message}"),
            Level::Error => tracing::error!(target: LOG_TARGET, plugin, "{message}"),
        }
        Ok(())
    }
}

/// Target of the records that plugins write. Their text is foreign: it must pass the redactors.
const LOG_TARGET: &str = "mini_llm_chat::plugin";

impl WasiView for Data {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: self.wasi.get_or_insert_with(|| Box::new(inert_wasi())),
            table: &mut self.table,
        }
    }
}

/// No files, no sockets, no environment, no arguments; standard input is at its end, output goes nowhere.
fn inert_wasi() -> WasiCtx {
    let mut wasi = WasiCtxBuilder::new();
    wasi.allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false);
    wasi.build()
}
