//! The built-in prompt policy as a plain library, tested natively.
//!
//! It does three jobs. It writes the system prompt. It judges what a person sends: normalised text
//! runs through phrase rules and a small linear model, and the strongest evidence decides. It reviews
//! what the model answers, delta by delta: secrets are masked, and an answer that repeats the system
//! prompt is cut.
//!
//! A fresh instance lives for one turn, so every table is a constant: nothing is compiled, parsed or
//! allocated before the first prompt is there. The price is rules as code and tables, not as patterns
//! in settings; an operator who needs other rules adds a policy component.

mod options;
mod policy;
mod types;

pub use options::{Mode, OptionProblem, Options, Value};
pub use policy::Policy;
pub use types::{Access, Author, Caller, Finding, Judgement, Message, Rule, Span, Step, Verdict};
