//! Limits beside the calls of one user: tokens of a user, calls and tokens of all users together, in the same window.
//!
//! A turn reserves what it may use before the model is called, and settles what it used when it is over. The decision is
//! made in one place from what the window holds, whatever keeps it: [`decide`] here, and the same in Lua for Redis.

use std::fmt;

use super::Window;

/// Which limits there are beside [`Window::max_calls`]. None is set unless the operator sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Tokens of one user, at least 1.
    pub tokens: Option<u64>,
    /// Calls of all users together, at least 1.
    pub overall_calls: Option<u64>,
    /// Tokens of all users together, at least 1.
    pub overall_tokens: Option<u64>,
}

impl Quotas {
    /// Whether any is set. Otherwise calls are counted and nothing is reserved.
    #[must_use]
    pub const fn are_set(self) -> bool {
        self.tokens.is_some() || self.is_overall()
    }

    /// Whether users depend on each other.
    #[must_use]
    pub const fn is_overall(self) -> bool {
        self.overall_calls.is_some() || self.overall_tokens.is_some()
    }
}

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Calls of one user.
    Calls,
    /// Tokens of one user.
    Tokens,
    /// Calls of all users.
    OverallCalls,
    /// Tokens of all users.
    OverallTokens,
}

impl Limit {
    /// From its place in [`Limit::ALL`].
    pub(super) fn numbered(place: u32) -> Self {
        let place = usize::try_from(place).unwrap_or_default();
        Self::ALL.get(place).copied().unwrap_or(Self::Calls)
    }

    /// In the order in which they are looked at.
    pub const ALL: [Self; 4] = [
        Self::Calls,
        Self::Tokens,
        Self::OverallCalls,
        Self::OverallTokens,
    ];

    /// What raises it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Calls => "`--max-calls`, `--time-window`",
            Self::Tokens => "`tokens` under `[limits]`",
            Self::OverallCalls => "`overall_calls` under `[limits]`",
            Self::OverallTokens => "`overall_tokens` under `[limits]`",
        }
    }

    const fn counts_tokens(self) -> bool {
        matches!(self, Self::Tokens | Self::OverallTokens)
    }

    const fn is_overall(self) -> bool {
        matches!(self, Self::OverallCalls | Self::OverallTokens)
    }

    /// The most that it allows; none where it is not set.
    #[must_use]
    pub fn most(self, window: Window, quotas: Quotas) -> Option<u64> {
        match self {
            Self::Calls => Some(u64::from(window.max_calls)),
            Self::Tokens => quotas.tokens,
            Self::OverallCalls => quotas.overall_calls,
            Self::OverallTokens => quotas.overall_tokens,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Calls => "model calls",
            Self::Tokens => "tokens",
            Self::OverallCalls => "model calls of all users",
            Self::OverallTokens => "tokens of all users",
        })
    }
}

/// A call that the window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Milliseconds.
    pub at: i64,
    /// Reserved, or used once that is known.
    pub tokens: u64,
    /// Of the user who asks.
    pub own: bool,
}

/// What stands in the way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// Which limit.
    pub limit: Limit,
    /// Milliseconds until this limit lets it pass; at least 1.
    pub milliseconds: u64,
}

/// Whether one more call that may use so many `tokens` fits beside what the window `holds`, oldest first; otherwise which
/// limit keeps it waiting longest. More tokens than a limit allows at all count as what it allows, so that no call waits
/// for ever.
pub(crate) fn decide(
    holds: &[Held],
    window: Window,
    quotas: Quotas,
    tokens: u64,
    now: i64,
) -> Option<InTheWay> {
    let waits = Limit::ALL.into_iter().filter_map(|limit| {
        let most = limit.most(window, quotas)?;
        let of = |held: &Held| {
            if limit.counts_tokens() {
                held.tokens
            } else {
                1
            }
        };
        let wanted = if limit.counts_tokens() {
            tokens.min(most)
        } else {
            1
        };
        let counted = || holds.iter().filter(|held| held.own || limit.is_overall());
        let used = counted().map(of).fold(0, u64::saturating_add);
        let mut missing = used.saturating_add(wanted).saturating_sub(most);
        if missing == 0 {
            return None;
        }
        let leaving = counted().find(|held| {
            missing = missing.saturating_sub(of(held));
            missing == 0
        });
        let at = leaving.map_or(now, |held| held.at.min(now));
        let wait = at.saturating_add(window.milliseconds()).saturating_sub(now);
        Some(InTheWay {
            limit,
            milliseconds: u64::try_from(wait).unwrap_or(1).max(1),
        })
    });
    // Of equals the first.
    waits.reduce(|longest, next| {
        if next.milliseconds > longest.milliseconds {
            next
        } else {
            longest
        }
    })
}

/// How much of a limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Which.
    pub limit: Limit,
    /// In the window now.
    pub used: u64,
    /// The most.
    pub most: u64,
}

/// What the limits beside the user's calls hold.
pub(crate) fn allowances(holds: &[Held], window: Window, quotas: Quotas) -> Vec<Allowance> {
    let of = |limit: Limit| {
        let most = limit.most(window, quotas)?;
        let counted = holds.iter().filter(|held| held.own || limit.is_overall());
        let used = counted
            .map(|held| {
                if limit.counts_tokens() {
                    held.tokens
                } else {
                    1
                }
            })
            .fold(0, u64::saturating_add);
        Some(Allowance { limit, used, most })
    };
    let beside = Limit::ALL
        .into_iter()
        .filter(|limit| *limit != Limit::Calls);
    beside.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        max_calls: 3,
        seconds: 10,
    };

    fn held(at: i64, tokens: u64, own: bool) -> Held {
        Held { at, tokens, own }
    }

    fn way(limit: Limit, milliseconds: u64) -> Option<InTheWay> {
        Some(InTheWay {
            limit,
            milliseconds,
        })
    }

    #[test]
    fn each_limit_stands_in_the_way_on_its_own() {
        let holds = [
            held(0, 60, true),
            held(1000, 30, false),
            held(2000, 20, true),
        ];
        let ask = |quotas, tokens| decide(&holds, WINDOW, quotas, tokens, 5000);
        let none = Quotas::default();
        assert_eq!(ask(none, u64::MAX), None);
        let tokens = Quotas {
            tokens: Some(100),
            ..none
        };
        assert_eq!(ask(tokens, 20), None);
        assert_eq!(ask(tokens, 21), way(Limit::Tokens, 5000));
        assert_eq!(ask(tokens, 81), way(Limit::Tokens, 7000));
        let calls = Quotas {
            overall_calls: Some(3),
            ..none
        };
        assert_eq!(ask(calls, 0), way(Limit::OverallCalls, 5000));
        let overall = Quotas {
            overall_tokens: Some(110),
            ..none
        };
        assert_eq!(ask(overall, 0), None);
        assert_eq!(ask(overall, 61), way(Limit::OverallTokens, 6000));
    }

    #[test]
    fn the_longest_wait_names_the_limit_and_of_equals_the_first() {
        let holds = [held(0, 10, true), held(0, 10, true), held(4000, 10, true)];
        let quotas = Quotas {
            tokens: Some(30),
            overall_calls: Some(3),
            overall_tokens: None,
        };
        assert_eq!(
            decide(&holds, WINDOW, quotas, 5, 5000),
            way(Limit::Calls, 5000)
        );
        assert_eq!(
            decide(&holds, WINDOW, quotas, 25, 5000),
            way(Limit::Tokens, 9000)
        );
    }

    #[test]
    fn more_than_a_limit_allows_at_all_waits_for_an_empty_window_and_no_longer() {
        let quotas = Quotas {
            tokens: Some(100),
            ..Quotas::default()
        };
        assert_eq!(decide(&[], WINDOW, quotas, 5000, 0), None);
        let one = [held(1000, 1, true)];
        assert_eq!(
            decide(&one, WINDOW, quotas, 5000, 2000),
            way(Limit::Tokens, 9000)
        );
    }

    #[test]
    fn a_call_in_the_future_blocks_for_one_window_at_most() {
        let holds = [
            held(90_000, 1, true),
            held(90_000, 1, true),
            held(90_000, 1, true),
        ];
        assert_eq!(
            decide(&holds, WINDOW, Quotas::default(), 0, 0),
            way(Limit::Calls, 10_000)
        );
    }
}
