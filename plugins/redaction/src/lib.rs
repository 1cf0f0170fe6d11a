//! The built-in redaction rules as a plain library, tested natively.
//!
//! The rules look for what must not be seen in a log, a prompt or an answer: some 550 kinds of keys, tokens
//! and passwords, and personal data. One pass from left to right (`scan`) stops at words and at a few
//! punctuation marks; a table made at compile time says which token formats can begin there (`anchor`),
//! and a validator decides by structure, checksum or the name beside the value. Nothing is compiled at run
//! time, so that a rule set costs next to nothing to make, and every rule looks a bounded number of bytes
//! ahead, so that the whole is linear.
//!
//! The trade-off: rules are functions and tables instead of regular expressions. That is more code, but each
//! can say *not decided yet*, which lets [`Stream`] hold back exactly what can still become a secret.

mod anchor;
mod checksum;
mod class;
mod count;
#[cfg(test)]
mod equivalence;
mod header;
mod keyed;
mod kinds;
mod manifest;
mod name;
mod options;
mod own;
mod pem;
mod pii;
mod quote;
mod rules;
mod scan;
mod shape;
mod stream;
mod token;
mod url;
mod value;
mod word;

pub use options::{OptionProblem, Options, OwnPattern};
pub use rules::{Match, Rules, SourceState};
pub use stream::Stream;
