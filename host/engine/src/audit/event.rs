//! What is audited. No event holds the text of a message.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::chain::Entry;
use crate::ids::{ConversationId, TurnId, UserId};

/// One event. Ids, digests, names and numbers are the host's own; only [`FreeText`] is foreign.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AuditEvent {
    /// The model is about to be called. Recorded before it is, or it is not called.
    TurnBegun {
        /// The turn.
        turn: TurnRef,
        /// What each policy said of the prompt.
        judgements: Vec<Judgement>,
        /// The model's name.
        model: String,
        /// Whether the answer comes from the cache, without a call.
        cached: bool,
    },
    /// How the turn ended.
    TurnEnded {
        /// The turn.
        turn: TurnRef,
        /// How.
        outcome: Outcome,
        /// Tokens of the prompt, as the server counted them.
        prompt_tokens: Option<u64>,
        /// Tokens of the answer, as the server counted them.
        answer_tokens: Option<u64>,
        /// Whether the answer came from the cache.
        cached: bool,
        /// Places of the answer that were masked.
        masked: u32,
        /// What each policy said of the answer, channel by channel.
        judgements: Vec<Judgement>,
        /// Why, where the server or a component said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<FreeText>,
    },
    /// A policy refused a prompt.
    PolicyDenied {
        /// The turn.
        turn: TurnRef,
        /// Which rule of which plugin.
        rule: RuleRef,
        /// What each policy said.
        judgements: Vec<Judgement>,
    },
    /// A policy masked parts of a prompt.
    PolicyMasked {
        /// The turn.
        turn: TurnRef,
        /// Kinds of what was masked.
        kinds: Vec<String>,
    },
    /// A policy ended an answer.
    PolicyCut {
        /// The turn.
        turn: TurnRef,
        /// Which rule of which plugin.
        rule: RuleRef,
    },
    /// A call was refused because the window is used up.
    RateLimited {
        /// Who.
        user: String,
        /// Seconds until a call frees.
        frees_in: u64,
    },
    /// A caller asked for what the role or the grants do not allow.
    PermissionDenied {
        /// Who.
        user: String,
        /// For what, in the host's words.
        what: String,
    },
    /// Somebody logged in.
    LoggedIn {
        /// Who.
        user: String,
        /// The token's id.
        token: String,
    },
    /// A login failed. What was typed as a name is not kept: it may be a password.
    LoginFailed {
        /// Whose name it was, if it was one.
        user: Option<String>,
    },
    /// A login was not tried, because too many failed before.
    LoginDelayed {
        /// Whose name it was, if it was one.
        user: Option<String>,
        /// Until the next try.
        seconds: u32,
    },
    /// Somebody logged out.
    LoggedOut {
        /// Who.
        user: String,
        /// The token's id.
        token: String,
    },
    /// Tokens were revoked because the account changed.
    TokensRevoked {
        /// The administrator, or `operator`.
        by: String,
        /// Whose.
        user: String,
        /// How many.
        tokens: u64,
    },
    /// There is a new account.
    UserCreated {
        /// The administrator, or `operator`.
        by: String,
        /// The account.
        user: String,
        /// Its name.
        name: String,
        /// Whether its role is admin.
        admin: bool,
    },
    /// An account has another role.
    RoleChanged {
        /// The administrator.
        by: String,
        /// The account.
        user: String,
        /// Whether its role is admin now.
        admin: bool,
    },
    /// An account has another password.
    PasswordChanged {
        /// The administrator, `operator`, or the account itself.
        by: String,
        /// The account.
        user: String,
    },
    /// An account is locked out.
    UserDisabled {
        /// The administrator.
        by: String,
        /// The account.
        user: String,
    },
    /// An account is let in again.
    UserEnabled {
        /// The administrator.
        by: String,
        /// The account.
        user: String,
    },
    /// An account and everything that belonged to it is gone.
    UserDeleted {
        /// The administrator.
        by: String,
        /// The account.
        user: String,
    },
    /// A plugin is active from now on.
    PluginLoaded {
        /// Which.
        plugin: PluginRef,
        /// `redactor`, `prompt policy` or `commands`.
        kind: String,
        /// Whether it is embedded in the binary.
        built_in: bool,
    },
    /// A plugin cannot be used.
    PluginRefused {
        /// The file or the name.
        plugin: FreeText,
        /// Why.
        reason: FreeText,
    },
    /// A call of a plugin failed; the host answered in the closed way.
    PluginFaulted {
        /// Which.
        plugin: PluginRef,
        /// Such as `review-prompt`.
        call: String,
        /// Why.
        reason: FreeText,
    },
    /// Another set of plugins is active from now on.
    PluginsSwapped {
        /// Digest of the set before.
        before: String,
        /// Digest of the set now.
        after: String,
    },
    /// The database could not be reached; this run keeps nothing.
    FallbackToMemory {
        /// Why.
        reason: FreeText,
    },
    /// Somebody took the whole audit trail out.
    AuditExported {
        /// Who.
        user: String,
        /// How many rows.
        rows: u64,
    },
    /// A turn that waited for the database was not stored: its file is not what this program wrote.
    SpoolRefused {
        /// The file.
        file: FreeText,
    },
    /// Conversations that were not used for long were removed.
    Pruned {
        /// Last used before this time.
        before: String,
        /// Whose; of all users where there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// How many.
        conversations: u64,
    },
    /// The schema was migrated.
    Migration {
        /// `sqlite` or `postgresql`.
        database: String,
        /// Version before.
        from: i64,
        /// Version now.
        to: i64,
    },
}

impl AuditEvent {
    /// Whether the event must be on the disk before [`super::AuditTrail::record`] returns.
    pub(super) const fn is_durable(&self) -> bool {
        matches!(self, Self::TurnBegun { .. })
    }

    /// The turn ended, but it is not in storage.
    pub(super) fn not_stored(&mut self) {
        if let Self::TurnEnded { detail, .. } = self {
            *detail = Some(FreeText::new("the turn was not stored"));
        }
    }

    /// As a row of the trail, with what rows are looked for by.
    pub(super) fn entry(&self, at: Timestamp) -> Entry {
        // Texts and numbers always make JSON.
        let body = serde_json::to_value(self).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Entry {
            at: at.as_microsecond(),
            event: text(&body["event"]).unwrap_or_default(),
            user: text(&body["turn"]["user"]).or_else(|| text(&body["user"])),
            turn: text(&body["turn"]["turn"]),
            body: body.to_string(),
        }
    }

    /// Every foreign text in it.
    pub(super) fn free_texts(&mut self) -> Vec<&mut FreeText> {
        match self {
            Self::TurnEnded { detail, .. } => detail.iter_mut().collect(),
            Self::PluginRefused { plugin, reason } => vec![plugin, reason],
            Self::PluginFaulted { reason, .. } | Self::FallbackToMemory { reason } => vec![reason],
            Self::SpoolRefused { file } => vec![file],
            _ => Vec::new(),
        }
    }
}

/// Whose turn in which conversation.
#[derive(Clone, Debug, Serialize)]
pub struct TurnRef {
    /// The turn.
    pub turn: TurnId,
    /// The caller.
    pub user: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Digest of the policy components and their settings.
    pub policy: String,
}

/// A component, by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginRef {
    /// Its name.
    pub name: String,
    /// SHA-256 of the component, 64 hexadecimal digits.
    pub digest: String,
}

/// A rule of a plugin, or of the host where there is no plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRef {
    /// The plugin's name, or `host`.
    pub plugin: String,
    /// The rule's id.
    pub rule: String,
}

/// What one policy said of a prompt.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// Which policy.
    pub plugin: PluginRef,
    /// Whether it judged at all.
    pub status: JudgementStatus,
    /// Rules that saw something, with their scores from 0 to 100.
    pub findings: Vec<(String, u8)>,
}

/// Whether a policy judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgementStatus {
    /// It did.
    Evaluated,
    /// The call failed, so the prompt was refused.
    Failed,
    /// Another one had refused already.
    Skipped,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The whole answer was shown.
    Complete,
    /// The server ended it by length.
    Length,
    /// The server's filter ended it.
    Filter,
    /// A policy ended it.
    Cut,
    /// The person ended it.
    Cancelled,
    /// The server or the connection broke it off.
    Broken,
    /// There was no answer at all.
    Failed,
}

/// Text that the host did not write. It passes the redactors before it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FreeText(pub(super) String);

impl FreeText {
    /// Takes a text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
