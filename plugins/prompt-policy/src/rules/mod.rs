//! Rules for prompts: what they look for, what it weighs, and what a person is told.
//!
//! A rule is a few patterns over word classes. Each pattern that matches adds evidence in points;
//! points add up like chances do (60 and 50 give 80), so that many weak signs can decide as one
//! strong sign does, and nothing passes 100.

mod encoded;
mod exfiltration;
mod extraction;
mod harmful;
mod matcher;
mod overriding;
mod persona;
mod template;

use crate::normalise::Token;
use crate::types::Rule;
use matcher::{Known, Pattern};

/// What can be switched together in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Override,
    Extraction,
    Persona,
    Template,
    Encoded,
    Exfiltration,
    Harmful,
    Model,
    Secrets,
    Leak,
}

impl Group {
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Override, "override"),
        (Self::Extraction, "extraction"),
        (Self::Persona, "persona"),
        (Self::Template, "template"),
        (Self::Encoded, "encoded"),
        (Self::Exfiltration, "exfiltration"),
        (Self::Harmful, "harmful"),
        (Self::Model, "model"),
        (Self::Secrets, "secrets"),
        (Self::Leak, "leak"),
    ];
}

/// Numbers of the rules: their place in [`RULES`].
pub(crate) const OVERRIDE: u16 = 0;
pub(crate) const EXTRACTION: u16 = 1;
pub(crate) const PERSONA: u16 = 2;
pub(crate) const TEMPLATE: u16 = 3;
pub(crate) const ENCODED: u16 = 4;
pub(crate) const HIDDEN: u16 = 5;
pub(crate) const EXFILTRATION: u16 = 6;
pub(crate) const HARMFUL: u16 = 7;
pub(crate) const MODEL: u16 = 8;
pub(crate) const SECRET: u16 = 9;
pub(crate) const LEAK: u16 = 10;
pub(crate) const CANARY: u16 = 11;

/// Every rule, with its group.
pub(crate) const GROUPS: [Group; 12] = [
    Group::Override,
    Group::Extraction,
    Group::Persona,
    Group::Template,
    Group::Encoded,
    Group::Encoded,
    Group::Exfiltration,
    Group::Harmful,
    Group::Model,
    Group::Secrets,
    Group::Leak,
    Group::Leak,
];

/// Every rule as the host shows it.
pub(crate) const RULES: [Rule; 12] = [
    Rule {
        id: "instruction-override",
        explanation: "The text asks to set aside the instructions that the assistant was given.",
    },
    Rule {
        id: "prompt-extraction",
        explanation: "The text asks for the assistant's hidden instructions.",
    },
    Rule {
        id: "rule-lifting-persona",
        explanation: "The text gives the assistant a role or mode in which its rules do not hold.",
    },
    Rule {
        id: "template-injection",
        explanation: "The text imitates the markers that separate system, user and assistant messages.",
    },
    Rule {
        id: "encoded-payload",
        explanation: "The text carries instructions in an encoding such as base64, hexadecimal, ROT13 or reversed letters.",
    },
    Rule {
        id: "hidden-text",
        explanation: "The text carries words in characters that are not visible.",
    },
    Rule {
        id: "exfiltration-link",
        explanation: "The text asks to send the conversation or secrets away through a link or an image.",
    },
    Rule {
        id: "harmful-code",
        explanation: "The text asks for a program that is made to do harm.",
    },
    Rule {
        id: "learned-model",
        explanation: "The wording is like that of known attempts to make the assistant break its rules.",
    },
    Rule {
        id: "secret-in-text",
        explanation: "The text holds a secret or personal data, which is hidden.",
    },
    Rule {
        id: "system-prompt-leak",
        explanation: "The answer repeated the assistant's instructions and was ended.",
    },
    Rule {
        id: "canary-leak",
        explanation: "The answer held a word that only the assistant's instructions hold, and was ended.",
    },
];

/// Number of rules that look at prompts and add points.
pub(crate) const SCORED: usize = 8;

/// Points by rule, and how many patterns matched in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Points {
    /// What is left of certainty that nothing is wrong, by rule: 1 is nothing seen.
    by_rule: [Option<f32>; SCORED],
}

impl Points {
    /// Adds evidence of 0 to 100 points for a rule.
    pub(crate) fn add(&mut self, rule: u16, points: f32) {
        if let Some(doubt) = self.by_rule.get_mut(usize::from(rule)) {
            let left = doubt.unwrap_or(1.0) * (1.0 - (points / 100.0).clamp(0.0, 1.0));
            *doubt = Some(left);
        }
    }

    /// Points of one rule, 0 to 100.
    pub(crate) fn of(&self, rule: u16) -> f32 {
        let doubt = self.by_rule.get(usize::from(rule)).copied().flatten();
        doubt.map_or(0.0, |doubt| 100.0 * (1.0 - doubt))
    }

    /// The stronger of two, by rule: for several readings of one text.
    pub(crate) fn strongest(self, other: Self) -> Self {
        let mut out = self;
        for (mine, theirs) in out.by_rule.iter_mut().zip(other.by_rule) {
            *mine = match (*mine, theirs) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        out
    }
}

/// Which pattern of which rule matched; the model takes them as features too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) rule: u16,
    pub(crate) pattern: u16,
}

const PATTERNS: [(u16, &[Pattern]); 6] = [
    (OVERRIDE, overriding::PATTERNS),
    (EXTRACTION, extraction::PATTERNS),
    (PERSONA, persona::PATTERNS),
    (ENCODED, encoded::PATTERNS),
    (EXFILTRATION, exfiltration::PATTERNS),
    (HARMFUL, harmful::PATTERNS),
];

/// Runs all word rules over a tokenised text.
pub(crate) fn review(tokens: &[Token], points: &mut Points, hits: &mut Vec<Hit>) {
    let known = Known::of(tokens);
    for (rule, patterns) in PATTERNS {
        for (number, pattern) in patterns.iter().enumerate() {
            if let Some(strength) = matcher::find(pattern, tokens, &known) {
                points.add(rule, f32::from(pattern.points) * strength);
                hits.push(Hit {
                    rule,
                    pattern: u16::try_from(number).unwrap_or(u16::MAX),
                });
            }
        }
    }
}

/// Runs the rules that look at punctuation: markers of chat templates and links with placeholders.
pub(crate) fn review_marks(folded: &str, points: &mut Points, hits: &mut Vec<Hit>) {
    template::review(folded, points, hits);
    exfiltration::review_links(folded, points, hits);
}
