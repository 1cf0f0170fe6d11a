//! The three jobs behind one type, in the contract's order of calls.

use crate::{Caller, Judgement, Message, Mode, OptionProblem, Options, Rule, Step, Verdict};

/// The policy of one turn or one output channel.
#[derive(Debug)]
pub struct Policy {
    mode: Mode,
}

impl Policy {
    /// A policy with checked options.
    ///
    /// # Errors
    ///
    /// Options that contradict each other.
    pub fn new(options: &Options) -> Result<Self, Vec<OptionProblem>> {
        Ok(Self { mode: options.mode })
    }

    /// All rules; a rule's index is its number in findings and verdicts.
    pub fn rules(&self) -> &[Rule] {
        &[]
    }

    /// Names of what can be masked; a span's `kind` is an index into them.
    pub fn kinds(&self) -> Vec<String> {
        Vec::new()
    }

    /// The system prompt, at most 16 KiB, with `canary` in it.
    pub fn system_prompt(&mut self, _caller: &Caller<'_>, canary: &str) -> String {
        format!("Reference: {canary}")
    }

    /// Judges a prompt and what of the history will be sent with it.
    pub fn review_prompt(
        &mut self,
        _caller: &Caller<'_>,
        _history: &[Message<'_>],
        _prompt: &str,
    ) -> Judgement {
        debug_assert!(matches!(self.mode, Mode::Deny | Mode::Flag | Mode::Off));
        Judgement {
            verdict: Verdict::Allow,
            findings: Vec::new(),
        }
    }

    /// Starts an answer. `system` is the whole system text that is sent.
    pub fn begin_output(&mut self, _system: &str) {}

    /// Judges the next piece of the answer.
    pub fn review_delta(&mut self, delta: &str) -> Step {
        Step {
            release: u32::try_from(delta.len()).unwrap_or(u32::MAX),
            ..Step::default()
        }
    }

    /// Judges what is still held. `complete` is false when the answer was cut, cancelled or broken off.
    pub fn review_end(&mut self, _complete: bool) -> Step {
        Step::default()
    }
}
