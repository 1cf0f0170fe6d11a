//! What a turn leaves in the audit trail.
//!
//! Only `turn-begun` can stop a turn. All other events are reports: one that cannot be written is an error in
//! the log, and the turn goes on.

use mini_llm_chat_sandbox::{self as sandbox, Fault};

use super::answer::Answered;
use super::review::Reviewed;
use super::{Context, Ending, Refused, TurnError};
use crate::audit::{
    self, AuditError, AuditEvent, FreeText, Judgement, JudgementStatus, Outcome, PluginRef,
    RuleRef, TurnRef,
};
use crate::storage::Usage;

impl Context<'_> {
    /// Commits that the turn begins. Without this there is no call.
    pub(super) async fn begin(&self, reviewed: &Reviewed, cached: bool) -> Result<(), AuditError> {
        let event = AuditEvent::TurnBegun {
            turn: self.reference(),
            judgements: judgements(&reviewed.judgements),
            model: self.engine.config.model.clone(),
            cached,
        };
        self.engine.audit.record(event).await
    }

    /// How the turn ended, to be recorded with its messages. A rule that ended it is an event of its own before that.
    pub(super) async fn ended(&self, answered: &Answered, usage: Usage) -> AuditEvent {
        let (outcome, detail) = match &answered.ending {
            Ending::Complete => (Outcome::Complete, None),
            Ending::Other(notice) => (Outcome::Complete, Some((*notice).to_owned())),
            Ending::Length => (Outcome::Length, None),
            Ending::Filter => (Outcome::Filter, None),
            Ending::Unexplained => (
                Outcome::Filter,
                Some("the server's finish reason is unknown".to_owned()),
            ),
            Ending::Cut(refused) => {
                self.note_cut(refused).await;
                (Outcome::Cut, Some(refused.to_string()))
            }
            Ending::Cancelled => (Outcome::Cancelled, None),
            Ending::Broken(failure) => (Outcome::Broken, Some(failure.summary.clone())),
        };
        let tokens = |count| usage.exact.then_some(count);
        AuditEvent::TurnEnded {
            turn: self.reference(),
            outcome,
            prompt_tokens: tokens(usage.prompt_tokens),
            answer_tokens: tokens(usage.completion_tokens),
            cached: answered.cached,
            masked: answered.masked,
            judgements: judgements(&answered.judgements),
            detail: detail.map(FreeText::new),
        }
    }

    pub(super) async fn end_without_answer(&self, error: &TurnError) {
        let outcome = match error {
            TurnError::Cancelled => Outcome::Cancelled,
            _ => Outcome::Failed,
        };
        self.note(AuditEvent::TurnEnded {
            turn: self.reference(),
            outcome,
            prompt_tokens: None,
            answer_tokens: None,
            cached: false,
            masked: 0,
            judgements: Vec::new(),
            detail: Some(FreeText::new(match error {
                TurnError::Upstream(failure) => failure.summary.clone(),
                other => other.to_string(),
            })),
        })
        .await;
    }

    /// Reports a component's fault.
    pub(super) async fn fault(&self, fault: &Fault) {
        self.engine.note_fault(fault).await;
    }

    pub(super) async fn note(&self, event: AuditEvent) {
        audit::note(&*self.engine.audit, event).await;
    }

    pub(super) fn denied(&self, plugin: &str, rule: &str, by: &[sandbox::Judgement]) -> AuditEvent {
        AuditEvent::PolicyDenied {
            turn: self.reference(),
            rule: rule_of(plugin, rule),
            judgements: judgements(by),
        }
    }

    pub(super) fn masked(&self, kinds: &[String]) -> AuditEvent {
        AuditEvent::PolicyMasked {
            turn: self.reference(),
            kinds: kinds.to_vec(),
        }
    }

    pub(super) fn rate_limited(&self, seconds: u32) -> AuditEvent {
        AuditEvent::RateLimited {
            user: self.session.user().to_string(),
            frees_in: u64::from(seconds),
        }
    }

    async fn note_cut(&self, refused: &Refused) {
        // A fault is an event of its own already.
        if let Refused::Rule { plugin, rule, .. } = refused {
            let (turn, rule) = (self.reference(), rule_of(plugin, rule));
            self.note(AuditEvent::PolicyCut { turn, rule }).await;
        }
    }

    fn reference(&self) -> TurnRef {
        TurnRef {
            turn: self.id,
            user: self.session.user(),
            conversation: self.session.conversation(),
            policy: self.plugins.policy_digest().to_string(),
        }
    }
}

fn rule_of(plugin: &str, rule: &str) -> RuleRef {
    RuleRef {
        plugin: plugin.to_owned(),
        rule: rule.to_owned(),
    }
}

fn judgements(of: &[sandbox::Judgement]) -> Vec<Judgement> {
    let judgement = |one: &sandbox::Judgement| Judgement {
        plugin: PluginRef {
            name: one.plugin.to_string(),
            digest: one.digest.to_string(),
        },
        status: match one.status {
            sandbox::Status::Evaluated => JudgementStatus::Evaluated,
            sandbox::Status::Failed => JudgementStatus::Failed,
            sandbox::Status::Skipped => JudgementStatus::Skipped,
        },
        findings: one.findings.clone(),
    };
    of.iter().map(judgement).collect()
}
