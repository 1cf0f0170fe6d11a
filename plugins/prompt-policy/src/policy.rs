//! The three jobs behind one type, in the contract's order of calls.

use mini_llm_chat_redaction_rules::{Match, Rules, SourceState};

use crate::judge::{Evidence, judge};
use crate::leak::LeakDetector;
use crate::normalise::visible;
use crate::options::{Mode, OptionProblem, Options, of_secrets};
use crate::output::Output;
use crate::prompt;
use crate::rules::{CANARY, LEAK, MODEL, RULES, SCORED, SECRET};
use crate::types::{Caller, Finding, Judgement, Message, Rule, Span, Step, Verdict};

/// Kinds that are contact data rather than secrets. In an answer they are hidden, in a prompt only on
/// request: a person who asks for a letter to an address means that address.
const CONTACT: [&str; 3] = ["email", "phone-number", "ip-address"];

/// The policy of one turn or one output channel.
#[derive(Debug)]
pub struct Policy {
    options: Options,
    secrets: Rules,
    canary: String,
    output: Option<Output>,
}

impl Policy {
    /// A policy with checked options.
    ///
    /// # Errors
    ///
    /// Options that name unknown kinds of secrets.
    pub fn new(options: &Options) -> Result<Self, Vec<OptionProblem>> {
        let mut kinds = options.secrets.clone();
        if options.mask_personal_data == Some(false) {
            kinds.off.extend(CONTACT.map(str::to_owned));
        }
        let secrets = Rules::new(&kinds)
            .map_err(|problems| problems.into_iter().map(of_secrets).collect::<Vec<_>>())?;
        Ok(Self {
            options: options.clone(),
            secrets,
            canary: String::new(),
            output: None,
        })
    }

    /// All rules; a rule's index is its number in findings and verdicts.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &RULES
    }

    /// Names of what can be masked; a span's `kind` is an index into them.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        let kinds = self.secrets.kinds().iter();
        kinds.map(|kind| kind.clone().into_owned()).collect()
    }

    /// The system prompt, at most 16 KiB, with `canary` in it.
    pub fn system_prompt(&mut self, _caller: &Caller<'_>, canary: &str) -> String {
        canary.clone_into(&mut self.canary);
        prompt::write(
            self.options.system_text.as_deref(),
            self.options.system_append.as_deref(),
            canary,
        )
    }

    /// Judges a prompt. Of the history each message was judged when it was a prompt or an answer; it is
    /// not judged again with every turn.
    #[must_use]
    pub fn review_prompt(
        &self,
        _caller: &Caller<'_>,
        _history: &[Message<'_>],
        prompt: &str,
    ) -> Judgement {
        let evidence = judge(prompt);
        let mut findings = self.findings(&evidence);
        if let Some(rule) = self.denial(&evidence) {
            return Judgement {
                verdict: Verdict::Deny(rule),
                findings,
            };
        }
        let masks = self.secrets_in(prompt);
        if !masks.is_empty() {
            findings.push(Finding {
                rule: SECRET,
                score: 100,
            });
        }
        let masked = !masks.is_empty() && self.options.mode(SECRET) == Mode::Deny;
        Judgement {
            verdict: if masked {
                Verdict::Mask(masks)
            } else {
                Verdict::Allow
            },
            findings,
        }
    }

    /// The score that decides, 0 to 100, and the rule that has most of it. For figures and filters.
    #[must_use]
    pub fn score(&self, prompt: &str) -> (u8, &'static str) {
        let evidence = judge(prompt);
        let counts = |rule| self.options.mode(rule) == Mode::Deny;
        let score = evidence.score(counts, counts(MODEL));
        (
            score.round() as u8,
            RULES[usize::from(self.strongest(&evidence))].id,
        )
    }

    fn denial(&self, evidence: &Evidence) -> Option<u16> {
        let counts = |rule| self.options.mode(rule) == Mode::Deny;
        let score = evidence.score(counts, counts(MODEL));
        (score.round() >= f32::from(self.options.threshold)).then(|| self.strongest(evidence))
    }

    /// The rule that says most, of those that may deny.
    fn strongest(&self, evidence: &Evidence) -> u16 {
        let counts = |rule: &u16| self.options.mode(*rule) == Mode::Deny;
        let rule = (0..SCORED as u16)
            .filter(counts)
            .max_by(|a, b| evidence.points.of(*a).total_cmp(&evidence.points.of(*b)));
        match rule {
            Some(rule)
                if evidence.points.of(rule) >= evidence.model_points() || !counts(&MODEL) =>
            {
                rule
            }
            _ => MODEL,
        }
    }

    fn findings(&self, evidence: &Evidence) -> Vec<Finding> {
        let points = (0..SCORED as u16).map(|rule| (rule, evidence.points.of(rule)));
        points
            .chain([(MODEL, evidence.chance())])
            .filter(|(rule, score)| *score >= 1.0 && self.options.mode(*rule) != Mode::Off)
            .filter(|(rule, score)| *rule != MODEL || *score >= 50.0)
            .map(|(rule, score)| Finding {
                rule,
                score: score.round() as u8,
            })
            .collect()
    }

    fn secrets_in(&self, prompt: &str) -> Vec<Span> {
        if self.options.mode(SECRET) == Mode::Off {
            return Vec::new();
        }
        let visible = visible(prompt);
        let text = visible.as_ref().map_or(prompt, |visible| &visible.text);
        let mut found = Vec::new();
        self.secrets
            .find(text, &mut SourceState::default(), &mut found);
        let contact = |kind: u16| {
            let name = self.secrets.kinds().get(usize::from(kind));
            name.is_some_and(|name| CONTACT.contains(&name.as_ref()))
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let original = |m: &Match| match &visible {
            Some(visible) => visible.original(m.start, m.end),
            None => (offset(m.start), offset(m.end)),
        };
        found
            .into_iter()
            .filter(|m| self.options.mask_personal_data == Some(true) || !contact(m.kind))
            .map(|m| (original(&m), m.kind))
            .map(|((start, end), kind)| Span { start, end, kind })
            .collect()
    }

    /// Starts an answer. `system` is the whole system text that is sent.
    pub fn begin_output(&mut self, system: &str) {
        let modes = [self.options.mode(LEAK), self.options.mode(CANARY)];
        let canary = match self.canary.as_str() {
            "" => prompt::canary_of(system),
            known => known,
        };
        let text = if modes[0] == Mode::Off { "" } else { system };
        let canary = if modes[1] == Mode::Off { "" } else { canary };
        let leaks =
            (!text.is_empty() || !canary.is_empty()).then(|| LeakDetector::new(text, canary));
        let secrets = self.options.mode(SECRET) == Mode::Deny;
        self.output = Some(Output::new(secrets, leaks, modes.contains(&Mode::Deny)));
    }

    /// Judges the next piece of the answer. Without [`Policy::begin_output`] nothing is known of the
    /// system text, and secrets alone are looked for.
    pub fn review_delta(&mut self, delta: &str) -> Step {
        let output = self
            .output
            .get_or_insert_with(|| Output::new(true, None, false));
        output.push(&self.secrets, delta)
    }

    /// Judges what is still held. `complete` is false when the answer was cut, cancelled or broken off.
    pub fn review_end(&mut self, complete: bool) -> Step {
        self.output
            .as_mut()
            .map(|output| output.end(&self.secrets, complete))
            .unwrap_or_default()
    }
}
