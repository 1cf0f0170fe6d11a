//! One turn under every active prompt policy.
//!
//! Each policy gets a fresh instance for each turn and each channel, so nothing of one turn is visible in
//! another. All see the same original prompt: any deny denies, what any masks is masked, the system
//! prompts are joined in order. A policy that fails fails the turn; the next turn starts anew.

use std::sync::Arc;

use crate::contract::{Caller, Channel, Message, Rule, Step};
use crate::fault::{Fault, FaultCause};
use crate::limits;
use crate::names::PluginName;
use crate::output::{Review, Reviewer, Shown};
use crate::policy::{
    Decision, Instance, Judgement, PolicyPre, PromptReview, REVIEW_PROMPT, Status,
};
use crate::span::{self, Mask};

/// One turn under every active policy.
pub struct PolicyTurn {
    policies: Vec<Arc<PolicyPre>>,
    /// Those of the first channel; taken by its output review.
    instances: Vec<Instance>,
    caller: Caller,
    canary: String,
    system: String,
    /// What was reviewed, for the instances of further channels.
    reviewed: Option<(Vec<Message>, String)>,
    failed: Option<Fault>,
}

impl PolicyTurn {
    /// Makes an instance of every policy and asks for its system prompt.
    ///
    /// # Errors
    /// The first policy's fault.
    pub fn begin(
        policies: &[Arc<PolicyPre>],
        caller: &Caller,
        canary: &str,
    ) -> Result<Self, Fault> {
        let mut instances = Vec::with_capacity(policies.len());
        let mut prompts = Vec::with_capacity(policies.len());
        for policy in policies {
            let mut instance = Instance::start(policy)?;
            prompts.push(instance.system_prompt(policy, caller, canary)?);
            instances.push(instance);
        }
        prompts.retain(|prompt| !prompt.is_empty());
        Ok(Self {
            policies: policies.to_vec(),
            instances,
            caller: caller.clone(),
            canary: canary.to_owned(),
            system: prompts.join("\n\n"),
            reviewed: None,
            failed: None,
        })
    }

    /// The system prompts of all policies, in order, with an empty line between them.
    #[must_use]
    pub fn system_prompt(&self) -> &str {
        &self.system
    }

    /// Lets the output reviews of this turn look out for another system prompt than the policies' own: for
    /// judging answers that were given elsewhere.
    #[must_use]
    pub fn under(mut self, system_prompt: &str) -> Self {
        system_prompt.clone_into(&mut self.system);
        self
    }

    /// Lets every policy judge the prompt together with the history that will be sent.
    ///
    /// # Errors
    /// A policy's fault: the prompt is refused, and so is everything else in this turn.
    pub fn review_prompt(
        &mut self,
        history: &[Message],
        prompt: &str,
    ) -> Result<PromptReview, Fault> {
        self.still_works()?;
        let review = self.ask_all(history, prompt);
        self.keep_failure(review)
    }

    fn ask_all(&mut self, history: &[Message], prompt: &str) -> Result<PromptReview, Fault> {
        let mut judgements = Vec::with_capacity(self.policies.len());
        let mut masks = Vec::new();
        let mut denied = None;
        let bytes: usize = history.iter().map(|message| message.content.len()).sum();
        for (policy, instance) in self.policies.iter().zip(&mut self.instances) {
            if bytes + prompt.len() > limits::HISTORY_BYTES {
                let limit_bytes = limits::HISTORY_BYTES;
                let cause = FaultCause::History { limit_bytes };
                return Err(policy.blueprint.describe(REVIEW_PROMPT.name, cause));
            }
            let reviewed = instance.review_prompt(policy, &self.caller, history, prompt)?;
            policy.blueprint.succeeded();
            judgements.push(policy.judgement(Status::Evaluated, reviewed.findings));
            masks.extend(reviewed.masks);
            if let (None, Some(rule)) = (&denied, reviewed.deny) {
                denied = Some(Decision::Deny {
                    plugin: policy.meta().name.clone(),
                    rule: rule.id,
                    explanation: rule.explanation,
                });
            }
        }
        self.reviewed = Some((history.to_vec(), prompt.to_owned()));
        let decision = denied.unwrap_or_else(|| mask(prompt, masks));
        Ok(PromptReview {
            decision,
            judgements,
        })
    }

    /// Begins the review of one channel of the answer. The first channel goes on with the instances that
    /// reviewed the prompt; each further one gets fresh ones, told the same.
    ///
    /// # Errors
    /// A policy's fault.
    pub fn output(&mut self, channel: Channel) -> Result<OutputReview, Fault> {
        self.still_works()?;
        let begun = self.begin_output(channel);
        self.keep_failure(begun)
    }

    fn begin_output(&mut self, channel: Channel) -> Result<OutputReview, Fault> {
        let mut instances = std::mem::take(&mut self.instances);
        if instances.is_empty() {
            instances = self.fresh_instances()?;
        }
        let mut lanes = Vec::with_capacity(instances.len());
        for (policy, mut instance) in self.policies.iter().zip(instances) {
            instance.begin_output(policy, &self.system)?;
            lanes.push(Lane {
                pre: Arc::clone(policy),
                instance,
            });
        }
        Ok(OutputReview {
            review: Review::new(lanes),
            channel,
        })
    }

    fn fresh_instances(&self) -> Result<Vec<Instance>, Fault> {
        let fresh = |policy: &Arc<PolicyPre>| {
            let mut instance = Instance::start(policy)?;
            instance.system_prompt(policy, &self.caller, &self.canary)?;
            if let Some((history, prompt)) = &self.reviewed {
                instance.review_prompt(policy, &self.caller, history, prompt)?;
            }
            Ok(instance)
        };
        self.policies.iter().map(fresh).collect()
    }

    fn still_works(&self) -> Result<(), Fault> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn keep_failure<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(fault) = &result {
            self.failed = Some(fault.clone());
        }
        result
    }
}

fn mask(prompt: &str, masks: Vec<Mask>) -> Decision {
    if masks.is_empty() {
        return Decision::Allow;
    }
    let masks = span::union(masks);
    let mut kinds: Vec<String> = masks.iter().map(|mask| mask.kind.to_string()).collect();
    kinds.sort();
    kinds.dedup();
    Decision::Mask {
        text: span::apply(prompt, &masks),
        kinds,
    }
}

/// The review of one channel of an answer.
pub struct OutputReview {
    review: Review<Lane>,
    channel: Channel,
}

impl OutputReview {
    /// Reviews what the model sent; returns what may be shown of it and of what was held back before.
    ///
    /// # Errors
    /// A policy's fault: what was held back is dropped, and nothing more is shown.
    pub fn push(&mut self, delta: &str) -> Result<Shown, Fault> {
        self.review.push(delta)
    }

    /// Ends the review. `complete` is false when the answer was cancelled or broken off: what could still
    /// become something to hide is then not shown.
    ///
    /// # Errors
    /// As for [`Self::push`].
    pub fn end(&mut self, complete: bool) -> Result<Shown, Fault> {
        self.review.end(complete)
    }

    /// The channel that is reviewed.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// What every policy found in this channel so far.
    #[must_use]
    pub fn judgements(&self) -> Vec<Judgement> {
        self.review.judgements()
    }
}

/// One policy's part in an output review.
struct Lane {
    pre: Arc<PolicyPre>,
    instance: Instance,
}

impl Reviewer for Lane {
    fn plugin(&self) -> &PluginName {
        &self.pre.meta().name
    }

    fn judgement(&self, status: Status, findings: Vec<(String, u8)>) -> Judgement {
        self.pre.judgement(status, findings)
    }

    fn rules(&self) -> &[Rule] {
        &self.pre.rules
    }

    fn kinds(&self) -> &[Arc<str>] {
        &self.pre.kinds
    }

    fn review_delta(&mut self, delta: &str) -> Result<Step, Fault> {
        self.instance.review_delta(&self.pre, delta)
    }

    fn review_end(&mut self, complete: bool) -> Result<Step, Fault> {
        self.instance.review_end(&self.pre, complete)
    }

    fn condemn(&mut self, call: &'static str, cause: FaultCause) -> Fault {
        self.instance
            .guest
            .condemn(&self.pre.blueprint, call, cause)
    }
}
