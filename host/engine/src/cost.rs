//! What model calls cost, by the operator's table of prices. Whole numbers throughout: no sum drifts.

use std::collections::HashMap;
use std::str::FromStr;

/// Digits after the point of a price: millionths of a dollar.
const DECIMALS: usize = 6;
/// A dearer model does not exist; the bound keeps every product far from the end of its type.
const MAX_DOLLARS: u64 = 1_000_000;

/// Dollars for a million tokens, 0 to 1,000,000 with at most six decimals.
///
/// # Examples
///
/// ```
/// use mini_llm_chat_engine::cost::PerMillion;
///
/// assert!("2.50".parse::<PerMillion>().is_ok());
/// assert!("-1".parse::<PerMillion>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMillion {
    microdollars: u64,
}

/// The text is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write dollars for a million tokens, 0 to {MAX_DOLLARS} with at most {DECIMALS} decimals, such as 2.50"
)]
pub struct InvalidPrice;

impl FromStr for PerMillion {
    type Err = InvalidPrice;

    fn from_str(text: &str) -> Result<Self, InvalidPrice> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
            return Err(InvalidPrice);
        }
        let whole: u64 = whole.parse().map_err(|_| InvalidPrice)?;
        let fraction: u64 = format!("{fraction:0<DECIMALS$}")
            .parse()
            .map_err(|_| InvalidPrice)?;
        if whole > MAX_DOLLARS || (whole == MAX_DOLLARS && fraction > 0) {
            return Err(InvalidPrice);
        }
        Ok(Self {
            microdollars: whole * 10_u64.pow(6) + fraction,
        })
    }
}

impl PerMillion {
    const fn cents(cents: u64) -> Self {
        Self {
            microdollars: cents * 10_000,
        }
    }

    /// Microdollars a million tokens are picodollars a token.
    fn of(self, tokens: u64) -> u128 {
        u128::from(self.microdollars) * u128::from(tokens)
    }
}

/// What one model costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// For what is sent.
    pub prompt: PerMillion,
    /// For what is answered, reasoning included.
    pub completion: PerMillion,
}

/// List prices of OpenAI's own server for its most used models, in cents. Only for that server: elsewhere the same name
/// costs something else.
const LIST: [(&str, u64, u64); 5] = [
    ("gpt-4o", 250, 1000),
    ("gpt-4o-mini", 15, 60),
    ("gpt-4.1", 200, 800),
    ("gpt-4.1-mini", 40, 160),
    ("gpt-4.1-nano", 10, 40),
];

/// Tokens of one model's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// As the server knows it.
    pub model: String,
    /// Tokens sent, history and system text included.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// The server said so each time; otherwise some were counted or bounded here.
    pub exact: bool,
}

/// Prices by the exact name of the model.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    by_name: HashMap<String, Price>,
    others: Option<Price>,
}

impl Prices {
    /// `configured` by name, where `*` is for all other models. `list` adds OpenAI's list prices behind both.
    #[must_use]
    pub fn new(mut configured: HashMap<String, Price>, list: bool) -> Self {
        let others = configured.remove("*");
        if list && others.is_none() {
            for (name, prompt, completion) in LIST {
                configured.entry(name.to_owned()).or_insert(Price {
                    prompt: PerMillion::cents(prompt),
                    completion: PerMillion::cents(completion),
                });
            }
        }
        Self {
            by_name: configured,
            others,
        }
    }

    /// The price of that model, if anybody said one.
    #[must_use]
    pub fn of(&self, model: &str) -> Option<Price> {
        self.by_name.get(model).copied().or(self.others)
    }

    /// What these calls cost together; none where one of the models has no price.
    #[must_use]
    pub fn cost<'a>(&self, calls: impl IntoIterator<Item = &'a Spent>) -> Option<Cost> {
        let mut sum = 0_u128;
        for call in calls {
            // Nothing costs nothing, whatever the price.
            if call.prompt_tokens == 0 && call.completion_tokens == 0 {
                continue;
            }
            let price = self.of(&call.model)?;
            sum = sum
                .saturating_add(price.prompt.of(call.prompt_tokens))
                .saturating_add(price.completion.of(call.completion_tokens));
        }
        Some(Cost { picodollars: sum })
    }
}

/// An amount of money, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    picodollars: u128,
}

impl Cost {
    /// Millionths of a dollar, rounded up.
    #[must_use]
    pub fn microdollars(self) -> u64 {
        u64::try_from(self.picodollars.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a refused price fails the test")]

    use super::*;

    fn price(prompt: &str, completion: &str) -> Price {
        Price {
            prompt: prompt.parse().unwrap(),
            completion: completion.parse().unwrap(),
        }
    }

    fn spent(model: &str, prompt_tokens: u64, completion_tokens: u64) -> Spent {
        Spent {
            model: model.to_owned(),
            prompt_tokens,
            completion_tokens,
            exact: true,
        }
    }

    fn table(rows: &[(&str, Price)]) -> HashMap<String, Price> {
        rows.iter()
            .map(|(name, price)| ((*name).to_owned(), *price))
            .collect()
    }

    #[test]
    fn sums_are_exact_and_rounded_up_once() {
        let prices = Prices::new(
            table(&[("a", price("2.50", "10")), ("b", price("0.15", "0.6"))]),
            false,
        );
        // 1,000 × 2.50 + 200 × 10 = 4,500 microdollars; 7 × 0.15 = 1.05 microdollars.
        let calls = [spent("a", 1000, 200), spent("b", 7, 0)];
        assert_eq!(prices.cost(&calls).unwrap().microdollars(), 4_502);
        let tenth = Prices::new(table(&[("a", price("0.1", "0"))]), false);
        let calls: Vec<Spent> = (0..10).map(|_| spent("a", 1, 0)).collect();
        assert_eq!(tenth.cost(&calls).unwrap().microdollars(), 1);
    }

    #[test]
    fn a_model_without_a_price_makes_the_whole_unknown_unless_it_used_nothing() {
        let prices = Prices::new(table(&[("a", price("1", "1"))]), false);
        assert_eq!(prices.cost(&[spent("a", 1, 1), spent("b", 1, 0)]), None);
        assert!(prices.cost(&[spent("a", 1, 1), spent("b", 0, 0)]).is_some());
        assert_eq!(prices.cost([]), Some(Cost::default()));
    }

    #[test]
    fn the_operators_word_goes_before_the_list_and_the_star_is_for_all_others() {
        let listed = Prices::new(table(&[("gpt-4o", price("1", "2"))]), true);
        assert_eq!(listed.of("gpt-4o"), Some(price("1", "2")));
        assert_eq!(listed.of("gpt-4o-mini"), Some(price("0.15", "0.60")));
        assert_eq!(listed.of("gpt-4o-2024-08-06"), None);
        let star = Prices::new(table(&[("*", price("0", "0"))]), true);
        assert_eq!(star.of("gpt-4o"), Some(price("0", "0")));
        assert_eq!(Prices::new(HashMap::new(), false).of("gpt-4o"), None);
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1.0000001",
            "1000001",
            "1000000.1",
            "NaN",
            "inf",
            "٣",
        ] {
            assert_eq!(text.parse::<PerMillion>(), Err(InvalidPrice), "{text}");
        }
        assert!("1000000".parse::<PerMillion>().is_ok());
    }

    #[test]
    fn the_largest_amounts_stay_in_their_type() {
        let prices = Prices::new(table(&[("a", price("1000000", "1000000"))]), false);
        let calls = [
            spent("a", u64::MAX, u64::MAX),
            spent("a", u64::MAX, u64::MAX),
        ];
        assert_eq!(prices.cost(&calls).unwrap().microdollars(), u64::MAX);
    }
}
