//! Admits, limits, runs and swaps the WebAssembly components; knows nothing of databases or terminals.
//!
//! The way of a component: [`directory`] reads it once, [`Sandbox::admit`] checks and compiles it, and a
//! [`PluginSet`] puts all admitted ones in their order. Only then is any of it called.

mod admission;
mod cache;
mod clock;
mod commands;
mod component;
pub mod contract;
mod deadline;
pub mod directory;
mod engine;
mod error;
mod fault;
mod guest;
mod holdback;
mod imports;
pub mod limits;
mod linker;
mod meter;
mod names;
mod operator;
mod output;
mod pieces;
mod policy;
pub mod printable;
mod redactor;
pub mod services;
mod set;
mod settings;
mod sources;
mod span;
mod tables;
#[cfg(test)]
mod target;
mod trust;
mod turn;

pub use admission::Sandbox;
pub use commands::{CommandError, CommandTable, CommandsPre};
pub use component::{Admitted, Component, Meta, Plugin};
pub use engine::SandboxConfig;
pub use error::{FileProblem, LockProblem, NotAComponent, Problem, Refusal, SandboxError};
pub use fault::{Fault, FaultCause, Nonsense};
pub use names::{Digest, Grant, InvalidName, Kind, Origin, PluginName};
pub use operator::{Operator, OperatorPlugin};
pub use output::{Cut, HOLD_OVERFLOW, Shown};
pub use policy::{Decision, Judgement, PolicyPre, PromptReview, Status};
pub use redactor::{
    DENSE_KIND, FAULT_KIND, Hidden, Masked, Redaction, Redactor, RedactorPre, Text,
};
pub use set::PluginSet;
pub use settings::{Entry, Settings, Value};
pub use turn::{OutputReview, PolicyTurn};
