//! A prompt policy: its tables, one instance of it, and what it says of a prompt, checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::Engine;

use crate::component::{Admitted, Meta};
use crate::contract::policy as bindings;
use crate::contract::{Caller, Message, Plugin, PolicyJudgement, Rule, Step, Verdict};
use crate::error::Problem;
use crate::fault::{Fault, FaultCause, Nonsense};
use crate::guest::{Blueprint, Export, Guest};
use crate::limits;
use crate::linker;
use crate::meter::Data;
use crate::names::{Digest, PluginName};
use crate::output::check_findings;
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
pub(crate) const REVIEW_PROMPT: Export = Export {
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
    pub(crate) blueprint: Blueprint,
    pre: bindings::PolicyPre<Data>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) kinds: Vec<Arc<str>>,
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

    fn probe(&self) -> Result<(), Fault> {
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

    pub(crate) fn judgement(&self, status: Status, findings: Vec<(String, u8)>) -> Judgement {
        Judgement {
            plugin: self.meta().name.clone(),
            digest: self.meta().digest,
            findings,
            status,
        }
    }
}

/// One instance, for one turn and one channel.
pub(crate) struct Instance {
    pub(crate) guest: Guest<bindings::Policy>,
}

impl Instance {
    pub(crate) fn start(pre: &PolicyPre) -> Result<Self, Fault> {
        Ok(Self {
            guest: pre.start()?,
        })
    }

    pub(crate) fn system_prompt(
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

    pub(crate) fn review_prompt(
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

    pub(crate) fn begin_output(&mut self, pre: &PolicyPre, system: &str) -> Result<(), Fault> {
        let cpu = pre.blueprint.ceilings().cpu;
        self.guest
            .call(&pre.blueprint, BEGIN_OUTPUT, cpu, |policy, store| {
                let exports = policy.mini_llm_chat_plugin_prompt_policy();
                exports.call_begin_output(store, system)
            })
    }

    pub(crate) fn review_delta(&mut self, pre: &PolicyPre, delta: &str) -> Result<Step, Fault> {
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

    pub(crate) fn review_end(&mut self, pre: &PolicyPre, complete: bool) -> Result<Step, Fault> {
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
pub(crate) struct Reviewed {
    pub(crate) masks: Vec<Mask>,
    pub(crate) deny: Option<Rule>,
    pub(crate) findings: Vec<(String, u8)>,
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
