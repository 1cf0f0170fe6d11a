//! How much of a conversation a model can take.
//!
//! Counting needs an encoder that takes a tenth of a second and tens of megabytes to build, so it is the
//! exception: a text of n bytes has at most n tokens in any byte-level encoding, and while that bound fits
//! nothing is counted. [`Counter`] builds an encoder once, on a blocking thread, when a bound does not fit
//! or a turn is over and nobody waits. For models whose encoding is unknown the bound is all there is.

mod counter;
mod cut;
mod models;
mod recall;

pub use counter::Counter;
pub use cut::{Budget, Cut, Limit, cut_history, fit_prompt};
pub use models::{Context, Counted, Encoding};
pub use recall::{HistoryCut, Recall};

/// What a message takes beside its text: the marks around it, its author, and the one token that some
/// encodings put before a text.
pub const MESSAGE_TOKENS: u64 = 6;

/// Tokens of a text, at most.
#[must_use]
pub fn bound(text: &str) -> u64 {
    text.len() as u64
}
