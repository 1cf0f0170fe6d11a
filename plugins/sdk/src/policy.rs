//! The kind of plugin that judges prompts before they are sent and answers before they are shown.
//!
//! A turn gets a fresh instance, and so does each further output channel: nothing of one user's turn
//! can be seen in another's. Calls come in this order: `system_prompt`, `review_prompt`,
//! `begin_output`, any number of `review_delta`, `review_end`.
//!
//! # Holding back
//!
//! The host keeps the bytes of the answer that were not released yet. Offsets in a [`Step`] count from
//! the first of them, the current delta included. Hold back only what can still become a match, so
//! that a plain answer is not delayed; more than 4 KiB held after a step ends the answer. The same text
//! must show the same bytes however it was cut into deltas.

use crate::settings::{Problem, Settings};

pub use crate::bindings::commands::mini_llm_chat::plugin::types::{
    Access, Author, Caller, Finding, Message, Rule, Span,
};
pub use crate::bindings::policy::exports::mini_llm_chat::plugin::prompt_policy::{
    Judgement, Step, Verdict,
};
pub use crate::redactor::normalise;

/// Judges prompts and answers. Any policy's deny denies; masks are united; the first cut wins.
pub trait PromptPolicy: Sized + 'static {
    /// Builds the value from the operator's settings, once an instance.
    ///
    /// # Errors
    /// What is wrong with the settings. It refuses the plugin at admission, as do keys that were
    /// set but never read, and values of another type than was asked for.
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>>;

    /// The rules that verdicts, cuts and findings point to by index. Ids are `[a-z0-9-]`, 1 to 40
    /// characters; explanations at most 200 printable ones, shown to the person. Read once, at
    /// admission.
    fn rules(&self) -> Vec<Rule>;

    /// Names of what can be masked: `[a-z0-9-]`, 1 to 40 characters each. Read once, at admission.
    fn kinds(&self) -> Vec<String> {
        Vec::new()
    }

    /// The system prompt, at most 16 KiB; those of all active policies are joined. `canary` is a word
    /// to put into it so that a leak is certain to be seen in the answer.
    fn system_prompt(&mut self, caller: &Caller, canary: &str) -> String;

    /// Judges a prompt. `history` is the part of the conversation that will be sent, oldest first.
    fn review_prompt(&mut self, caller: &Caller, history: &[Message], prompt: &str) -> Judgement;

    /// An answer begins. `system` is the whole system text that was sent.
    fn begin_output(&mut self, system: &str) {
        let _ = system;
    }

    /// A piece of the answer arrived. By default all of it is shown at once.
    fn review_delta(&mut self, delta: &str) -> Step {
        Step::show(delta.len())
    }

    /// The answer ended; `complete` is false when it was cut, cancelled or broken off. What is still
    /// held must be released here to be seen, and must not be where it could become a match.
    /// By default nothing was held.
    fn review_end(&mut self, complete: bool) -> Step {
        let _ = complete;
        Step::show(0)
    }
}

impl Judgement {
    /// Lets the prompt pass.
    #[must_use]
    pub fn allow() -> Self {
        Self {
            verdict: Verdict::Allow,
            findings: Vec::new(),
        }
    }

    /// Refuses the prompt by the rule at this index of `rules`, and records that as a finding of 100.
    #[must_use]
    pub fn deny(rule: u16) -> Self {
        Self {
            verdict: Verdict::Deny(rule),
            findings: vec![Finding { rule, score: 100 }],
        }
    }

    /// Hides these ranges of the prompt before it is stored or sent; allows it when there are none.
    #[must_use]
    pub fn mask(mut spans: Vec<Span>) -> Self {
        normalise(&mut spans);
        let verdict = if spans.is_empty() {
            Verdict::Allow
        } else {
            Verdict::Mask(spans)
        };
        Self {
            verdict,
            findings: Vec::new(),
        }
    }
}

impl Step {
    /// Shows this many bytes of what is not released yet, unchanged.
    #[must_use]
    pub fn show(bytes: usize) -> Self {
        // Deltas are bounded far below 4 GiB by the host; saturating keeps a mistake a refused answer.
        let release = u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            release,
            mask: Vec::new(),
            cut: None,
            findings: Vec::new(),
        }
    }

    /// Shows this many bytes and then ends the answer by the rule at this index of `rules`.
    #[must_use]
    pub fn cut(bytes: usize, rule: u16) -> Self {
        Self {
            cut: Some(rule),
            findings: vec![Finding { rule, score: 100 }],
            ..Self::show(bytes)
        }
    }
}

/// Exports a type that implements [`policy::PromptPolicy`](crate::policy::PromptPolicy) as the component.
///
/// Once in a crate of type `cdylib`. See the crate's page for an example.
#[macro_export]
macro_rules! export_policy {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::std::string::String;
            use ::std::vec::Vec;
            use $crate::bindings::configurable::exports::mini_llm_chat::plugin::configurable;
            use $crate::bindings::policy::exports::mini_llm_chat::plugin::prompt_policy as policy;
            use $crate::policy::PromptPolicy as _;

            ::std::thread_local! {
                static PLUGIN: $crate::private::Slot<$plugin> = const { $crate::private::Slot::new() };
            }

            fn with<R>(call: impl FnOnce(&mut $plugin) -> R) -> R {
                $crate::private::report_to_log();
                PLUGIN.with(|slot| slot.with(<$plugin>::configure, call))
            }

            struct Exported;

            impl policy::Guest for Exported {
                fn rules() -> Vec<policy::Rule> {
                    with(|plugin| plugin.rules())
                }

                fn kinds() -> Vec<String> {
                    with(|plugin| plugin.kinds())
                }

                fn system_prompt(caller: policy::Caller, canary: String) -> String {
                    with(|plugin| plugin.system_prompt(&caller, &canary))
                }

                fn review_prompt(
                    caller: policy::Caller,
                    history: Vec<policy::Message>,
                    prompt: String,
                ) -> policy::Judgement {
                    with(|plugin| plugin.review_prompt(&caller, &history, &prompt))
                }

                fn begin_output(system: String) {
                    with(|plugin| plugin.begin_output(&system));
                }

                fn review_delta(delta: String) -> policy::Step {
                    with(|plugin| plugin.review_delta(&delta))
                }

                fn review_end(complete: bool) -> policy::Step {
                    with(|plugin| plugin.review_end(complete))
                }
            }

            impl configurable::Guest for Exported {
                fn check() -> Vec<configurable::Problem> {
                    $crate::private::report_to_log();
                    $crate::settings::check(<$plugin>::configure)
                }
            }

            $crate::bindings::policy::export_policy_world!(
                Exported with_types_in $crate::bindings::policy
            );
            $crate::bindings::configurable::export_configurable_world!(
                Exported with_types_in $crate::bindings::configurable
            );
        };
    };
}
