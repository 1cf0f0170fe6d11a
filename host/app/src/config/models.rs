//! What the operator says of single models: `[models.NAME]` in the config file, `[models."*"]` for all others.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use mini_llm_chat_engine::upstream::{MaxTokensField, Settled, SystemRole};
use serde::Deserialize;

/// What is said of one model. Unset is known by name, or found out.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ModelRule {
    /// History, prompt and answer together.
    pub(crate) context_tokens: Option<NonZeroU32>,
    max_tokens_field: Option<MaxTokensName>,
    system_role: Option<RoleName>,
    temperature: Option<bool>,
    stream_options: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MaxTokensName {
    MaxTokens,
    MaxCompletionTokens,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    System,
    Developer,
}

impl ModelRule {
    fn settled(&self) -> Settled {
        Settled {
            max_tokens: self.max_tokens_field.map(|name| match name {
                MaxTokensName::MaxTokens => MaxTokensField::MaxTokens,
                MaxTokensName::MaxCompletionTokens => MaxTokensField::MaxCompletionTokens,
            }),
            system: self.system_role.map(|name| match name {
                RoleName::System => SystemRole::System,
                RoleName::Developer => SystemRole::Developer,
            }),
            temperature: self.temperature,
            stream_options: self.stream_options,
        }
    }
}

/// The context of that model, if anybody said.
pub(super) fn context_tokens(
    rules: &BTreeMap<String, ModelRule>,
    model: &str,
) -> Option<NonZeroU32> {
    let of = |name: &str| rules.get(name)?.context_tokens;
    of(model).or_else(|| of("*"))
}

/// What is settled of the dialect, by model.
pub(super) fn dialects(rules: &BTreeMap<String, ModelRule>) -> HashMap<String, Settled> {
    let settled = rules
        .iter()
        .map(|(name, rule)| (name.clone(), rule.settled()));
    settled.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a refused value fails the test")]

    use super::*;

    fn rules(text: &str) -> Result<BTreeMap<String, ModelRule>, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn the_exact_name_goes_before_the_star() {
        let rules = rules(
            "['*']\ncontext_tokens = 1000\n[a]\ncontext_tokens = 2000\n[b]\ntemperature = false",
        )
        .unwrap();
        let of = |name| context_tokens(&rules, name).map(NonZeroU32::get);
        assert_eq!(
            [of("a"), of("b"), of("c")],
            [Some(2000), Some(1000), Some(1000)]
        );
        assert_eq!(dialects(&rules)["b"].temperature, Some(false));
    }

    #[test]
    fn words_that_no_server_knows_are_refused() {
        for text in [
            "[a]\nmax_tokens_field = 'tokens'",
            "[a]\nsystem_role = 'user'",
            "[a]\ncontext_tokens = 0",
            "[a]\ncolour = 1",
        ] {
            assert!(rules(text).is_err(), "{text}");
        }
    }
}
