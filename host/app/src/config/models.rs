//! What the operator says of single models: `[models.NAME]` in the config file, `[models."*"]` for all others.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use mini_llm_chat_engine::cost::{PerMillion, Price, Prices};
use mini_llm_chat_engine::upstream::{MaxTokensField, Settled, SystemRole};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

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
    #[serde(deserialize_with = "per_million")]
    prompt_price: Option<PerMillion>,
    #[serde(deserialize_with = "per_million")]
    completion_price: Option<PerMillion>,
}

/// A number as it was written: the shortest decimal that is this float is the one in the file.
fn per_million<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PerMillion>, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    text.parse().map(Some).map_err(D::Error::custom)
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

/// What models cost; `list` adds list prices where the operator said nothing.
///
/// # Errors
/// With the name of a model that has one price of the two.
pub(super) fn prices(rules: &BTreeMap<String, ModelRule>, list: bool) -> Result<Prices, &str> {
    let mut configured = HashMap::new();
    for (name, rule) in rules {
        match (rule.prompt_price, rule.completion_price) {
            (Some(prompt), Some(completion)) => {
                configured.insert(name.clone(), Price { prompt, completion });
            }
            (None, None) => {}
            _ => return Err(name),
        }
    }
    Ok(Prices::new(configured, list))
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
    fn a_price_may_be_a_number_or_a_text_and_comes_with_its_other_half() {
        let all = rules(
            "[a]\nprompt_price = 2.5\ncompletion_price = '10.00'\n[b]\nprompt_price = 3\ncompletion_price = 0.15",
        )
        .unwrap();
        let prices = prices(&all, false).unwrap();
        let price = |prompt: &str, completion: &str| {
            let parse = |text: &str| text.parse().unwrap();
            Some(Price {
                prompt: parse(prompt),
                completion: parse(completion),
            })
        };
        assert_eq!(prices.of("a"), price("2.50", "10"));
        assert_eq!(prices.of("b"), price("3", "0.15"));
        assert_eq!(prices.of("c"), None);
        let half = rules("[half]\nprompt_price = 1").unwrap();
        assert_eq!(super::prices(&half, false).unwrap_err(), "half");
    }

    #[test]
    fn words_that_no_server_knows_are_refused() {
        for text in [
            "[a]\nmax_tokens_field = 'tokens'",
            "[a]\nsystem_role = 'user'",
            "[a]\ncontext_tokens = 0",
            "[a]\ncolour = 1",
            "[a]\nprompt_price = -1",
            "[a]\nprompt_price = nan",
            "[a]\nprompt_price = 'free'",
            "[a]\nprompt_price = [1]",
            "[a]\nprompt_price = 0.0000001",
        ] {
            assert!(rules(text).is_err(), "{text}");
        }
    }
}
