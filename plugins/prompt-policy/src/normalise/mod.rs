//! Makes texts that look alike be alike, for judging only.
//!
//! What a person sends is never changed: the folded text carries, for each of its bytes, the offset
//! in the original, so that a range found in it can be hidden in the original. Folding is lossy on
//! purpose (case, accents, look-alike letters, invisible characters); decoding goes further and reads
//! what the text only carries ([`decode`]).

mod confusable;
pub(crate) mod decode;
mod fold;
mod token;

pub(crate) use confusable::{latin_look_alike, plain_latin};
pub(crate) use fold::{Folded, fold, is_invisible, is_mark, visible};
pub(crate) use token::{Token, tokenise};
