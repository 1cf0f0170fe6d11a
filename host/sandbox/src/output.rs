//! The review of an answer while it streams, by every active policy.
//!
//! Each delta goes to every policy before anything of it is shown. What may be shown then is the business
//! of [`crate::holdback`]; here is the order of calls, who cuts, and what happens at the end and on a
//! fault: whatever is still held back then is dropped, because it is exactly what nobody has judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::{Finding, Rule, Step};
use crate::fault::{Fault, FaultCause, Nonsense};
use crate::holdback::Holdback;
use crate::limits;
use crate::names::PluginName;
use crate::policy::{Judgement, Status};

/// The rule of the host that ends an answer of which a policy holds back too much.
pub const HOLD_OVERFLOW: &str = "host/hold-overflow";

/// A longer delta, such as a whole cached answer, is reviewed in pieces of this size, in bytes.
const PIECE_BYTES: usize = 4 << 10;

/// What may be shown after a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Reviewed text, with markers where something is hidden.
    pub text: String,
    /// The answer ends after `text`.
    pub cut: Option<Cut>,
    /// How many markers are in `text`.
    pub masked: u32,
    /// The answer is over and its last words are dropped: a policy did not release them.
    pub withheld: bool,
}

/// Who ended an answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The policy.
    pub plugin: PluginName,
    /// Its rule, or [`HOLD_OVERFLOW`].
    pub rule: String,
    /// Shown to the caller.
    pub explanation: String,
}

/// What the review needs of one policy's instance.
pub(crate) trait Reviewer {
    fn plugin(&self) -> &PluginName;
    fn judgement(&self, status: Status, findings: Vec<(String, u8)>) -> Judgement;
    fn rules(&self) -> &[Rule];
    fn kinds(&self) -> &[Arc<str>];
    fn review_delta(&mut self, delta: &str) -> Result<Step, Fault>;
    fn review_end(&mut self, complete: bool) -> Result<Step, Fault>;
    /// Turns what is wrong with its answer into a fault, and ends the instance.
    fn condemn(&mut self, call: &'static str, cause: FaultCause) -> Fault;
}

/// The state of a review, whatever the policies are made of.
#[derive(Debug)]
pub(crate) struct Review<R> {
    lanes: Vec<R>,
    holdback: Holdback,
    state: State,
    /// By lane and rule, the highest score.
    findings: BTreeMap<(usize, u16), u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    /// Said again to whoever goes on.
    Failed(Fault),
}

impl<R: Reviewer> Review<R> {
    pub(crate) fn new(lanes: Vec<R>) -> Self {
        Self {
            holdback: Holdback::new(lanes.len()),
            lanes,
            state: State::Open,
            findings: BTreeMap::new(),
        }
    }

    pub(crate) fn push(&mut self, delta: &str) -> Result<Shown, Fault> {
        let mut shown = Shown::default();
        let mut rest = delta;
        while !rest.is_empty() && shown.cut.is_none() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
            rest = after;
            let more = self.push_piece(piece)?;
            shown.text.push_str(&more.text);
            shown.masked += more.masked;
            shown.cut = more.cut;
        }
        Ok(shown)
    }

    fn push_piece(&mut self, piece: &str) -> Result<Shown, Fault> {
        if !self.is_open()? {
            return Ok(Shown::default());
        }
        self.holdback.push(piece);
        let mut cuts = Cuts::default();
        for lane in 0..self.lanes.len() {
            let step = self.step(lane, "review-delta", |policy| policy.review_delta(piece))?;
            cuts.add(self.holdback.released(lane), lane, step.cut);
        }
        if cuts.first.is_none() {
            for lane in 0..self.lanes.len() {
                if self.holdback.held_by(lane) > limits::HELD_BYTES {
                    cuts.overflow(self.holdback.released(lane), lane);
                }
            }
        }
        self.settle(cuts, false)
    }

    pub(crate) fn end(&mut self, complete: bool) -> Result<Shown, Fault> {
        if !self.is_open()? {
            return Ok(Shown::default());
        }
        let mut cuts = Cuts::default();
        for lane in 0..self.lanes.len() {
            let step = self.step(lane, "review-end", |policy| policy.review_end(complete))?;
            let whole = self.holdback.held_by(lane) == 0;
            if complete && !whole && step.cut.is_none() {
                return Err(self.fail(lane, "review-end", Nonsense::Unreleased));
            }
            cuts.add(self.holdback.released(lane), lane, step.cut);
        }
        self.settle(cuts, true)
    }

    /// Shows what may be shown, and closes the review if this was its end.
    fn settle(&mut self, cuts: Cuts, end: bool) -> Result<Shown, Fault> {
        let Some((until, lane, rule)) = cuts.first else {
            let (text, masked) = self.holdback.show(None);
            let withheld = end && self.holdback.holds();
            if end {
                self.close(State::Ended);
            }
            return Ok(Shown {
                text,
                cut: None,
                masked,
                withheld,
            });
        };
        if !end {
            // The others may still hold text before the cut: they say now what of it is safe.
            for other in (0..self.lanes.len()).filter(|&other| other != lane) {
                self.step(other, "review-end", |policy| policy.review_end(false))?;
            }
        }
        let (text, masked) = self.holdback.show(Some(until));
        let cut = self.cut(lane, rule);
        self.close(State::Ended);
        Ok(Shown {
            text,
            cut,
            masked,
            withheld: false,
        })
    }

    fn cut(&self, lane: usize, rule: CutRule) -> Option<Cut> {
        let policy = self.lanes.get(lane)?;
        let plugin = policy.plugin().clone();
        Some(match rule {
            CutRule::Own(index) => {
                let rule = policy.rules().get(usize::from(index))?;
                Cut {
                    plugin,
                    rule: rule.id.clone(),
                    explanation: rule.explanation.clone(),
                }
            }
            CutRule::Overflow => Cut {
                plugin,
                rule: HOLD_OVERFLOW.to_owned(),
                explanation: format!(
                    "The policy held back more than {} KiB of the answer without a decision.",
                    limits::HELD_BYTES >> 10
                ),
            },
        })
    }

    /// Asks one policy and checks its answer.
    fn step(
        &mut self,
        lane: usize,
        call: &'static str,
        ask: impl FnOnce(&mut R) -> Result<Step, Fault>,
    ) -> Result<Step, Fault> {
        let Some(policy) = self.lanes.get_mut(lane) else {
            return Ok(Step {
                release: 0,
                mask: Vec::new(),
                cut: None,
                findings: Vec::new(),
            });
        };
        let step = match ask(policy) {
            Ok(step) => step,
            Err(fault) => {
                self.close(State::Failed(fault.clone()));
                return Err(fault);
            }
        };
        let rules = policy.rules().len();
        let checked = self
            .holdback
            .step(lane, &step, policy.kinds(), rules)
            .and_then(|()| check_findings(&step.findings, rules));
        if let Err(nonsense) = checked {
            return Err(self.fail(lane, call, nonsense));
        }
        for finding in &step.findings {
            let score = self.findings.entry((lane, finding.rule)).or_default();
            *score = finding.score.max(*score);
        }
        Ok(step)
    }

    fn fail(&mut self, lane: usize, call: &'static str, nonsense: Nonsense) -> Fault {
        // Every caller passes a lane that exists.
        let fault = self.lanes[lane].condemn(call, nonsense.into());
        self.close(State::Failed(fault.clone()));
        fault
    }

    fn is_open(&self) -> Result<bool, Fault> {
        match &self.state {
            State::Open => Ok(true),
            State::Ended => Ok(false),
            State::Failed(fault) => Err(fault.clone()),
        }
    }

    fn close(&mut self, state: State) {
        self.state = state;
        self.holdback.drop_held();
    }

    /// What every policy found in the answer so far, each rule once with its highest score.
    pub(crate) fn judgements(&self) -> Vec<Judgement> {
        let judge = |(lane, policy): (usize, &R)| {
            let found = self.findings.range((lane, 0)..=(lane, u16::MAX));
            let found = found.filter_map(|(&(_, rule), &score)| {
                Some((policy.rules().get(usize::from(rule))?.id.clone(), score))
            });
            let status = match self.state {
                State::Failed(_) => Status::Failed,
                State::Open | State::Ended => Status::Evaluated,
            };
            policy.judgement(status, found.collect())
        };
        self.lanes.iter().enumerate().map(judge).collect()
    }
}

/// Checks the findings of a judgement or a step.
pub(crate) fn check_findings(findings: &[Finding], rules: usize) -> Result<(), Nonsense> {
    if findings.len() > limits::FINDINGS_PER_REVIEW {
        return Err(Nonsense::TooManyFindings);
    }
    for finding in findings {
        if usize::from(finding.rule) >= rules {
            return Err(Nonsense::Index);
        }
        if finding.score > 100 {
            return Err(Nonsense::Score);
        }
    }
    Ok(())
}

/// The cut that wins: the one nearest to the beginning of the answer, then the first policy's.
#[derive(Default)]
struct Cuts {
    first: Option<(usize, usize, CutRule)>,
}

#[derive(Clone, Copy)]
enum CutRule {
    Own(u16),
    Overflow,
}

impl Cuts {
    fn add(&mut self, at: usize, lane: usize, rule: Option<u16>) {
        if let Some(rule) = rule {
            self.keep_first(at, lane, CutRule::Own(rule));
        }
    }

    fn overflow(&mut self, at: usize, lane: usize) {
        self.keep_first(at, lane, CutRule::Overflow);
    }

    fn keep_first(&mut self, at: usize, lane: usize, rule: CutRule) {
        if self.first.is_none_or(|(first, ..)| at < first) {
            self.first = Some((at, lane, rule));
        }
    }
}
