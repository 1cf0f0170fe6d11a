//! The review of one channel of an answer: first the process's own secrets, which no policy can know, then the policies.

use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{Fault, Judgement, OutputReview, Shown};

use crate::secrets::{Secrets, Stream};

/// One channel's review, made when its first delta comes.
pub(super) struct ChannelReview {
    pub(super) channel: Channel,
    own: Stream,
    output: OutputReview,
}

impl ChannelReview {
    pub(super) fn new(channel: Channel, secrets: &Secrets, output: OutputReview) -> Self {
        Self {
            channel,
            own: Stream::new(secrets),
            output,
        }
    }

    /// Takes one delta.
    ///
    /// # Errors
    /// A policy's fault.
    pub(super) fn push(&mut self, delta: &str) -> Result<Shown, Fault> {
        let passed = self.own.push(delta);
        let mut shown = self.output.push(&passed.text)?;
        shown.masked += passed.masked;
        Ok(shown)
    }

    /// Takes the end: what is still held back, as far as it may be shown.
    ///
    /// # Errors
    /// A policy's fault.
    pub(super) fn end(&mut self, complete: bool) -> Result<Shown, Fault> {
        let passed = self.own.end(complete);
        let mut shown = self.output.push(&passed.text)?;
        shown.masked += passed.masked;
        if shown.cut.is_some() {
            return Ok(shown);
        }
        let last = self.output.end(complete)?;
        shown.text.push_str(&last.text);
        shown.masked += last.masked;
        shown.cut = last.cut;
        shown.withheld = passed.withheld || last.withheld;
        Ok(shown)
    }

    pub(super) fn judgements(&self) -> Vec<Judgement> {
        self.output.judgements()
    }
}
