//! What an author of a redactor, a prompt policy or a chat command builds on.
//!
//! A plugin is one WebAssembly component of one kind. The author implements that kind's trait on a
//! type of their own and names it in one export line; the SDK brings the bindings, reads the
//! operator's settings, reports what is wrong with them at admission, and keeps one value of the
//! type for the life of the instance.
//!
//! | kind | trait | export |
//! |---|---|---|
//! | redactor | [`redactor::Redactor`] | [`export_redactor!`] |
//! | prompt policy | [`policy::PromptPolicy`] | [`export_policy!`] |
//! | commands | [`commands::Commands`] | [`export_commands!`] |
//!
//! # A redactor
//!
//! ```
//! use mini_llm_chat_plugin_sdk::redactor::{Found, Redactor, Span, Text};
//! use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};
//!
//! struct Terms(Vec<String>);
//!
//! impl Redactor for Terms {
//!     fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
//!         Ok(Self(settings.texts("terms")))
//!     }
//!
//!     fn kinds(&self) -> Vec<String> {
//!         vec!["company-term".to_owned()]
//!     }
//!
//!     fn find(&mut self, text: &Text) -> Found {
//!         let mut spans: Vec<Span> = self.0.iter()
//!             .flat_map(|term| text.content.match_indices(term.as_str()))
//!             .map(|(at, term)| Span { start: at as u32, end: (at + term.len()) as u32, kind: 0 })
//!             .collect();
//!         mini_llm_chat_plugin_sdk::redactor::normalise(&mut spans);
//!         Found { spans, open: None }
//!     }
//! }
//!
//! mini_llm_chat_plugin_sdk::export_redactor!(Terms);
//! # fn main() {}
//! ```
//!
//! # A prompt policy
//!
//! Reviews the prompt; the answer streams through unchanged, because `review_delta` has a default.
//!
//! ```
//! use mini_llm_chat_plugin_sdk::policy::{Caller, Judgement, Message, PromptPolicy, Rule};
//! use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};
//!
//! struct NoShouting;
//!
//! impl PromptPolicy for NoShouting {
//!     fn configure(_: &mut Settings) -> Result<Self, Vec<Problem>> {
//!         Ok(Self)
//!     }
//!
//!     fn rules(&self) -> Vec<Rule> {
//!         vec![Rule { id: "no-shouting".into(), explanation: "Please do not shout.".into() }]
//!     }
//!
//!     fn system_prompt(&mut self, _: &Caller, _: &str) -> String {
//!         "Answer calmly.".to_owned()
//!     }
//!
//!     fn review_prompt(&mut self, _: &Caller, _: &[Message], prompt: &str) -> Judgement {
//!         if prompt.ends_with("!!!") { Judgement::deny(0) } else { Judgement::allow() }
//!     }
//! }
//!
//! mini_llm_chat_plugin_sdk::export_policy!(NoShouting);
//! # fn main() {}
//! ```
//!
//! # A command
//!
//! ```
//! use mini_llm_chat_plugin_sdk::commands::{Access, Command, Commands, Outcome};
//! use mini_llm_chat_plugin_sdk::host::output;
//! use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};
//!
//! struct Hello;
//!
//! impl Commands for Hello {
//!     fn configure(_: &mut Settings) -> Result<Self, Vec<Problem>> {
//!         Ok(Self)
//!     }
//!
//!     fn describe(&self) -> Vec<Command> {
//!         vec![Command {
//!             name: "hello".into(),
//!             aliases: vec![],
//!             usage: "/hello NAME".into(),
//!             summary: "Greets somebody".into(),
//!             needs: Access::User,
//!         }]
//!     }
//!
//!     fn run(&mut self, _name: &str, rest: &str) -> Result<Outcome, String> {
//!         output::text(&format!("Hello, {rest}!\n"))?;
//!         Ok(Outcome::Done)
//!     }
//! }
//!
//! mini_llm_chat_plugin_sdk::export_commands!(Hello);
//! # fn main() {}
//! ```
//!
//! # Off WebAssembly
//!
//! The crate compiles for the machine at hand too, so that an author's logic is tested with plain
//! `cargo test`: build the value with `configure(&mut Settings::of(…))` and call its methods. The
//! export lines are then empty and [`log`] is silent; a function of [`host`] panics, because there is no
//! host to call.
#![deny(rustdoc::broken_intra_doc_links)]

// Lets the generated code name the crate by the same path here and in a plugin.
extern crate self as mini_llm_chat_plugin_sdk;

pub mod commands;
pub mod host;
pub mod log;
pub mod policy;
pub mod redactor;
pub mod settings;

#[doc(hidden)]
pub mod bindings;
mod export;
mod panic;

/// What the export macros need to reach from a plugin's crate. Not part of the interface.
#[doc(hidden)]
pub mod private {
    pub use crate::export::Slot;
    pub use crate::panic::report_to_log;
    pub use wit_bindgen;
}
