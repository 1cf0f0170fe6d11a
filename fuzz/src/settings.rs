//! The readers of settings, for any bytes.
#![no_main]

// The files name what they use by the crates that it comes from; here all of it is in one.
extern crate self as aws_lc_rs;
extern crate self as mini_llm_chat_engine;
extern crate self as mini_llm_chat_sandbox;

pub use names::PluginName;
pub use operator::OperatorPlugin;

/// The front end's refusals, and of the sandbox's those that a section of the config can have.
#[path = "../../host/app/src"]
mod error {
    #[path = "error.rs"]
    mod front_end;

    pub(crate) use front_end::{Failure, Result};

    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum Problem {
        #[error("`grants` is no list of names")]
        GrantsShape,
        #[error("`{0}` is no grant")]
        UnknownGrant(String),
    }
}

#[path = "../../host/engine/src/cost.rs"]
pub mod cost;
pub mod digest;
#[path = "../../host/app/src/exit.rs"]
mod exit;
#[path = "../../host/sandbox/src/names.rs"]
mod names;
#[path = "../../host/sandbox/src/operator.rs"]
mod operator;
#[path = "../../host/sandbox/src/printable.rs"]
pub mod printable;

/// What a section on a model settles.
#[path = "../../host/engine/src/upstream"]
pub mod upstream {
    mod base_url;
    mod detail;
    mod dialect;
    mod error;
    mod key;
    mod request;

    pub use dialect::{MaxTokensField, Settled, SystemRole};
}

/// The readers themselves.
#[path = "../../host/app/src/config"]
mod config {
    mod dotenv;
    mod file;
    mod models;
    mod owned;
    mod source;
    mod target;
    mod value;

    pub(crate) fn any(data: &[u8]) {
        target::settings(data);
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| config::any(data));
