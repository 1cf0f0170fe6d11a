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

mod judge;
mod leak;
mod lexicon;
mod model;
mod normalise;
mod options;
mod output;
mod policy;
mod prompt;
mod rules;
mod types;

pub use options::{Mode, OptionProblem, Options, Value};
pub use policy::Policy;
pub use types::{Access, Author, Caller, Finding, Judgement, Message, Rule, Span, Step, Verdict};

/// What training needs of this crate: the same feature extraction, never a copy of it.
#[doc(hidden)]
pub mod training {
    /// Number of weights.
    pub const BUCKETS: usize = crate::model::BUCKETS;

    /// Buckets that a text fills, each once.
    #[must_use]
    pub fn features(text: &str) -> Vec<u16> {
        crate::judge::features(text).buckets().to_vec()
    }

    /// Score of the rules alone and what the current model adds.
    #[must_use]
    pub fn evidence(text: &str) -> (f32, f32) {
        let evidence = crate::judge::judge(text);
        (evidence.score(|_| true, false), evidence.logit)
    }
}
