//! One turn under every active prompt policy.
//!
//! Each policy gets a fresh instance for each turn and each channel, so nothing of one turn is visible in
//! another. All see the same original prompt: any deny denies, what any masks is masked, the system
//! prompts are joined in order. A policy that fails fails the turn; the next turn starts anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::Engine;

use crate::component::{Admitted, Meta};
use crate::contract::policy as bindings;
use crate::contract::{Caller, Channel, Message, Plugin, PolicyJudgement, Rule, Step, Verdict};
use crate::error::Problem;
use crate::fault::{Fault, FaultCause, Nonsense};
use crate::guest::{Blueprint, Export, Guest};
use crate::limits;
use crate::linker;
use crate::meter::Data;
use crate::names::{Digest, PluginName};
use crate::output::{Review, Reviewer, Shown, check_findings};
use crate::span::{self, Mask};
use crate::tables;

const RULES: Export = Export {
    name: "rules",
    bit: 0,
};
const KINDS: Export = Export {
    name: "kinds",
    bit: 1,
};
const SYSTEM_PROMPT: Export = Export {
    name: "system-prompt",
    bit: 2,
};
const REVIEW_PROMPT: Export = Export {
    name: "review-prompt",
    bit: 3,
};
const BEGIN_OUTPUT: Export = Export {
    name: "begin-output",
    bit: 4,
};
const REVIEW_DELTA: Export = Export {
    name: "review-delta",
    bit: 5,
};
const REVIEW_END: Export = Export {
    name: "review-end",
    bit: 6,
};

/// An admitted prompt policy, ready to be instantiated for each turn.
pub struct PolicyPre {
    blueprint: Blueprint,
    pre: bindings::PolicyPre<Data>,
    rules: Vec<Rule>,
    kinds: Vec<Arc<str>>,
}

impl PolicyPre {
    /// Links the component, reads and checks its tables, asks it about its settings, and lets it judge a
    /// harmless turn.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn new(engine: &Engine, admitted: &Admitted) -> Result<Self, Vec<Problem>> {
        let instance_pre = linker::link(engine, admitted)?;
        let pre = bindings::PolicyPre::new(instance_pre).map_err(tables::not_this_kind)?;
        let mut policy = Self {
            blueprint: Blueprint::new(engine, admitted, limits::POLICY),
            pre,
            rules: Vec::new(),
            kinds: Vec::new(),
        };
        tables::check_settings(&policy.blueprint, admitted, policy.pre.instance_pre())?;
        policy.read_tables()?;
        policy.probe().map_err(tables::failed_call)?;
        Ok(policy)
    }

    fn read_tables(&mut self) -> Result<(), Vec<Problem>> {
        let cpu = self.blueprint.ceilings().cpu;
        let mut guest = self.start().map_err(tables::failed_call)?;
        let rules = guest
            .call(&self.blueprint, RULES, cpu, |policy, store| {
                policy
                    .mini_llm_chat_plugin_prompt_policy()
                    .call_rules(store)
            })
            .map_err(tables::failed_call)?;
        let kinds = guest
            .call(&self.blueprint, KINDS, cpu, |policy, store| {
                policy
                    .mini_llm_chat_plugin_prompt_policy()
                    .call_kinds(store)
            })
            .map_err(tables::failed_call)?;
        self.rules = tables::rules(rules)?;
        self.kinds = tables::kinds(kinds)?;
        Ok(())
    }

    fn probe(self: &Self) -> Result<(), Fault> {
        let caller = Caller {
            user_id: "probe".to_owned(),
            access: crate::contract::Access::User,
            conversation: "probe".to_owned(),
        };
        let mut instance = Instance::start(self)?;
        let system = instance.system_prompt(self, &caller, "probe")?;
        instance.review_prompt(self, &caller, &[], "Hello.")?;
        instance.begin_output(self, &system)?;
        let mut holdback = crate::holdback::Holdback::new(1);
        holdback.push("Hello.");
        for (call, step) in [
            (REVIEW_DELTA, instance.review_delta(self, "Hello.")?),
            (REVIEW_END, instance.review_end(self, true)?),
        ] {
            holdback
                .step(0, &step, &self.kinds, self.rules.len())
                .map_err(|nonsense| self.blueprint.blame(call.name, nonsense.into()))?;
        }
        Ok(())
    }

    fn start(&self) -> Result<Guest<bindings::Policy>, Fault> {
        Guest::start(&self.blueprint, |store| self.pre.instantiate(store))
    }

    /// Name, digest, settings and grants.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        self.blueprint.meta()
    }

    /// The plugin with its live state and fault count.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        self.blueprint.plugin()
    }

    /// Its rules, as it declared them.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Names of what it can mask.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = &str> {
        self.kinds.iter().map(AsRef::as_ref)
    }

    fn judgement(&self, status: Status, findings: Vec<(String, u8)>) -> Judgement {
        Judgement {
            plugin: self.meta().name.clone(),
            digest: self.meta().digest,
            findings,
            status,
        }
    }
}

/// One instance, for one turn and one channel.
struct Instance {
    guest: Guest<bindings::Policy>,
}

impl Instance {
    fn start(pre: &PolicyPre) -> Result<Self, Fault> {
        Ok(Self {
            guest: pre.start()?,
        })
    }

    fn system_prompt(
        &mut self,
        pre: &PolicyPre,
        caller: &Caller,
        canary: &str,
    ) -> Result<String, Fault> {
        let cpu = pre.blueprint.ceilings().cpu;
        let text = self
            .guest
            .call(&pre.blueprint, SYSTEM_PROMPT, cpu, |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_system_prompt(store, caller, canary)
            })?;
        let limit_bytes = limits::SYSTEM_PROMPT_BYTES;
        if text.len() > limit_bytes {
            let cause = FaultCause::SystemPrompt { limit_bytes };
            return Err(self
                .guest
                .condemn(&pre.blueprint, SYSTEM_PROMPT.name, cause));
        }
        Ok(text)
    }

    fn review_prompt(
        &mut self,
        pre: &PolicyPre,
        caller: &Caller,
        history: &[Message],
        prompt: &str,
    ) -> Result<Reviewed, Fault> {
        let cpu = pre.blueprint.ceilings().cpu;
        let judgement = self
            .guest
            .call(&pre.blueprint, REVIEW_PROMPT, cpu, |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_review_prompt(store, caller, history, prompt)
            })?;
        Reviewed::check(pre, &judgement, prompt).map_err(|nonsense| {
            self.guest
                .condemn(&pre.blueprint, REVIEW_PROMPT.name, nonsense.into())
        })
    }

    fn begin_output(&mut self, pre: &PolicyPre, system: &str) -> Result<(), Fault> {
        let cpu = pre.blueprint.ceilings().cpu;
        self.guest
            .call(&pre.blueprint, BEGIN_OUTPUT, cpu, |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_begin_output(store, system)
            })
    }

    fn review_delta(&mut self, pre: &PolicyPre, delta: &str) -> Result<Step, Fault> {
        self.guest.call(
            &pre.blueprint,
            REVIEW_DELTA,
            limits::DELTA_CPU,
            |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_review_delta(store, delta)
            },
        )
    }

    fn review_end(&mut self, pre: &PolicyPre, complete: bool) -> Result<Step, Fault> {
        self.guest.call(
            &pre.blueprint,
            REVIEW_END,
            limits::DELTA_CPU,
            |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_review_end(store, complete)
            },
        )
    }
}

/// What one policy said of a prompt, checked.
struct Reviewed {
    masks: Vec<Mask>,
    deny: Option<Rule>,
    findings: Vec<(String, u8)>,
}

impl Reviewed {
    fn check(pre: &PolicyPre, judgement: &PolicyJudgement, prompt: &str) -> Result<Self, Nonsense> {
        check_findings(&judgement.findings, pre.rules.len())?;
        let (masks, deny) = match &judgement.verdict {
            Verdict::Allow => (Vec::new(), None),
            Verdict::Mask(spans) if spans.len() > limits::SPANS_PER_REVIEW => {
                return Err(Nonsense::TooManySpans);
            }
            Verdict::Mask(spans) => (span::check(prompt, spans, &pre.kinds)?, None),
            Verdict::Deny(rule) => {
                let rule = pre.rules.get(usize::from(*rule)).ok_or(Nonsense::Index)?;
                (Vec::new(), Some(rule.clone()))
            }
        };
        // Each rule once, with its highest score, as for an answer.
        let mut scores = BTreeMap::<u16, u8>::new();
        for finding in &judgement.findings {
            let score = scores.entry(finding.rule).or_default();
            *score = finding.score.max(*score);
        }
        let name =
            |(rule, score): (u16, u8)| Some((pre.rules.get(usize::from(rule))?.id.clone(), score));
        Ok(Self {
            masks,
            deny,
            findings: scores.into_iter().filter_map(name).collect(),
        })
    }
}

/// Whether a policy's word on something was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It judged.
    Evaluated,
    /// It, or another one, failed: there is no judgement.
    Failed,
    /// It was not asked.
    Skipped,
}

/// What one policy found, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The policy.
    pub plugin: PluginName,
    /// Which version of it.
    pub digest: Digest,
    /// Rule ids with scores of 0 to 100, each rule once.
    pub findings: Vec<(String, u8)>,
    /// Whether it judged at all.
    pub status: Status,
}

/// What is to happen with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is sent as it is.
    Allow,
    /// It is stored, sent and shown with parts hidden.
    Mask {
        /// The prompt with a marker in the place of each hidden part.
        text: String,
        /// What was hidden, each kind once.
        kinds: Vec<String>,
    },
    /// It is refused.
    Deny {
        /// The policy that refuses; the first one, if several do.
        plugin: PluginName,
        /// Its rule.
        rule: String,
        /// Shown to the caller.
        explanation: String,
    },
}

/// The policies' word on a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptReview {
    /// What is to happen.
    pub decision: Decision,
    /// One for each policy, in order.
    pub judgements: Vec<Judgement>,
}

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
