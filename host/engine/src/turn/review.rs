//! Step 3: the policies judge the prompt, with the history that would be sent.

use mini_llm_chat_sandbox::contract::Message;
use mini_llm_chat_sandbox::{Decision, Fault, Judgement, PolicyTurn};

use super::history::History;
use super::{Context, Refused, TurnError};
use crate::ids::PolicyDigest;
use crate::tokens::Recall;

/// A prompt that the policies let pass. Only this can be asked: nothing else makes one.
pub(super) struct Reviewed {
    /// Already masked. The original is gone.
    pub(super) prompt: String,
    /// Kinds of what was masked.
    pub(super) masked: Vec<String>,
    /// What goes before the prompt, oldest first.
    pub(super) history: Vec<Message>,
    /// To be kept when the turn is stored.
    pub(super) recall: Option<Recall>,
    /// The system text of all policies.
    pub(super) system: String,
    /// How each policy judged, for the audit.
    pub(super) judgements: Vec<Judgement>,
}

impl Context<'_> {
    /// A fresh policy instance for this turn.
    pub(super) async fn begin_policy(&self) -> Result<PolicyTurn, TurnError> {
        match self.new_policy() {
            Ok(policy) => Ok(policy),
            Err(fault) => Err(self.closed_by(&fault).await),
        }
    }

    /// A fresh instance of every policy.
    pub(super) fn new_policy(&self) -> Result<PolicyTurn, Fault> {
        let canary = self.engine.canary(&self.plugins);
        self.plugins.begin_turn(&self.session.caller(), &canary)
    }

    /// The mark that stored messages carry.
    pub(super) fn judged_by(&self) -> PolicyDigest {
        PolicyDigest::new(self.plugins.policy_digest())
    }

    /// A policy failed: the turn is refused, the fault is an event.
    pub(super) async fn closed_by(&self, fault: &Fault) -> TurnError {
        self.fault(fault).await;
        TurnError::Refused(Refused::Fault(fault.to_string()))
    }
}

/// Lets the policies judge `prompt`.
///
/// # Errors
/// [`TurnError::Refused`] when one denies or fails.
pub(super) async fn prompt(
    turn: &Context<'_>,
    policy: &mut PolicyTurn,
    history: History,
    prompt: String,
) -> Result<Reviewed, TurnError> {
    let review = match policy.review_prompt(&history.messages, &prompt) {
        Ok(review) => review,
        Err(fault) => return Err(turn.closed_by(&fault).await),
    };
    let (prompt, masked) = match review.decision {
        Decision::Allow => (prompt, Vec::new()),
        Decision::Mask { text, kinds } => (text, kinds),
        Decision::Deny {
            plugin,
            rule,
            explanation,
        } => {
            let plugin = plugin.to_string();
            turn.note(turn.denied(&plugin, &rule, &review.judgements))
                .await;
            return Err(TurnError::Refused(Refused::Rule {
                plugin,
                rule,
                explanation,
            }));
        }
    };
    if !masked.is_empty() {
        turn.note(turn.masked(&masked)).await;
    }
    Ok(Reviewed {
        prompt,
        masked,
        history: history.messages,
        recall: history.recall,
        system: policy.system_prompt().to_owned(),
        judgements: review.judgements,
    })
}
