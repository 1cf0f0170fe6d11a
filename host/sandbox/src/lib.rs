//! Admits, limits, runs and swaps the WebAssembly components; knows nothing of databases or terminals.
//!
//! The way of a component: [`directory`] reads it once, `Sandbox::admit` checks and compiles it, and a
//! `PluginSet` puts all admitted ones in their order. Only then is any of it called.

mod admission;
mod cache;
mod clock;
mod component;
pub mod contract;
mod deadline;
pub mod directory;
mod engine;
mod error;
mod fault;
pub mod limits;
mod meter;
mod names;
mod operator;
pub mod printable;
pub mod services;
mod settings;
mod trust;

pub use admission::Sandbox;
pub use component::{Admitted, Component, Meta};
pub use engine::SandboxConfig;
pub use error::{FileProblem, LockProblem, NotAComponent, Problem, Refusal, SandboxError};
pub use fault::{Fault, FaultCause, Nonsense};
pub use names::{Digest, Grant, InvalidName, Kind, Origin, PluginName};
pub use operator::{Operator, OperatorPlugin};
pub use settings::{Entry, Settings, Value};
