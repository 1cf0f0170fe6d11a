//! What is known of models by name.

use serde::{Deserialize, Serialize};
use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};

/// For a model that nobody knows: what most servers give a small local model.
const UNKNOWN_CONTEXT_TOKENS: u64 = 8_192;
/// The answer gets this much unless the person says more or less.
const ANSWER_TOKENS: u64 = 4_096;

/// Beginnings of names, where the encoder's own table is silent or too careful. The first that fits counts.
const CONTEXTS: [(&str, u64); 3] = [
    ("gpt-4-turbo", 128_000),
    ("gpt-4-vision", 128_000),
    ("claude-", 200_000),
];

/// An encoding that can be counted exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// GPT-4o and later.
    O200k,
    /// GPT-4 and GPT-3.5.
    Cl100k,
}

/// Tokens of a text in one encoding. Another encoding may need more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many, without [`super::MESSAGE_TOKENS`].
    pub tokens: u32,
    /// In which encoding.
    pub encoding: Encoding,
}

impl Encoding {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::O200k => "o200k",
            Self::Cl100k => "cl100k",
        }
    }

    /// From what is stored; none for an encoding of another version of this program.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::O200k, Self::Cl100k]
            .into_iter()
            .find(|encoding| encoding.as_str() == name)
    }

    /// The encoding of a model, where it is known.
    #[must_use]
    pub fn of(model: &str) -> Option<Self> {
        match get_tokenizer(base_name(model))? {
            Tokenizer::O200kBase | Tokenizer::O200kHarmony => Some(Self::O200k),
            Tokenizer::Cl100kBase => Some(Self::Cl100k),
            _ => None,
        }
    }
}

/// The size of a model's context: history, prompt and answer together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// In tokens.
    pub tokens: u64,
    /// False for a model that is not known by name: then it is a careful guess.
    pub known: bool,
}

impl Context {
    /// By the model's name. A size that the operator configured goes before: build it with
    /// [`Context::configured`].
    #[must_use]
    pub fn of(model: &str) -> Self {
        let name = base_name(model);
        let ours = CONTEXTS
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .map(|(_, tokens)| *tokens);
        let theirs = || tiktoken_rs::model::get_context_size(name).map(|tokens| tokens as u64);
        match ours.or_else(theirs) {
            Some(tokens) => Self {
                tokens,
                known: true,
            },
            None => Self {
                tokens: UNKNOWN_CONTEXT_TOKENS,
                known: false,
            },
        }
    }

    /// The operator said so.
    #[must_use]
    pub fn configured(tokens: u64) -> Self {
        Self {
            tokens,
            known: true,
        }
    }

    /// What is left for all that is sent, after the answer's share: `max_tokens` where the person set it,
    /// else 4,096, and never more than a quarter of the context unless they said so.
    #[must_use]
    pub fn input_tokens(self, max_tokens: Option<u64>) -> u64 {
        self.tokens.saturating_sub(self.answer_tokens(max_tokens))
    }

    /// The answer's share of it.
    #[must_use]
    pub fn answer_tokens(self, max_tokens: Option<u64>) -> u64 {
        max_tokens.unwrap_or_else(|| ANSWER_TOKENS.min(self.tokens / 4))
    }
}

/// Without the maker before the name, as brokers write it: `openai/gpt-4o`.
fn base_name(model: &str) -> &str {
    model.rsplit('/').next().unwrap_or(model)
}

#[cfg(test)]
mod tests {
    use super::{Context, Encoding};

    #[test]
    fn sizes_and_encodings_are_found_by_the_beginning_of_the_name() {
        assert_eq!(
            Context::of("gpt-4o"),
            Context {
                tokens: 128_000,
                known: true
            }
        );
        assert_eq!(
            Context::of("openai/gpt-4o-mini"),
            Context {
                tokens: 128_000,
                known: true
            }
        );
        assert_eq!(
            Context::of("gpt-4-turbo"),
            Context {
                tokens: 128_000,
                known: true
            }
        );
        assert_eq!(
            Context::of("gpt-4"),
            Context {
                tokens: 8_192,
                known: true
            }
        );
        assert_eq!(Encoding::of("gpt-4o"), Some(Encoding::O200k));
        assert_eq!(Encoding::of("gpt-4-0613"), Some(Encoding::Cl100k));
    }

    #[test]
    fn an_unknown_model_gets_a_careful_size_and_no_encoding() {
        assert_eq!(
            Context::of("somebody's-own"),
            Context {
                tokens: 8_192,
                known: false
            }
        );
        assert_eq!(Encoding::of("somebody's-own"), None);
    }

    #[test]
    fn the_answer_has_its_share() {
        assert_eq!(Context::of("gpt-4o").input_tokens(None), 128_000 - 4_096);
        assert_eq!(Context::configured(4_000).input_tokens(None), 3_000);
        assert_eq!(Context::configured(4_000).input_tokens(Some(500)), 3_500);
        assert_eq!(Context::configured(4_000).input_tokens(Some(5_000)), 0);
    }
}
