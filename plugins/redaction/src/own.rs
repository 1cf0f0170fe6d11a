//! The operator's own patterns and the allow-list.

use crate::Match;
use crate::options::{OptionProblem, Options};

#[derive(Debug, Default)]
pub(crate) struct Own {
    allow: Vec<String>,
}

impl Own {
    pub(crate) fn new(
        options: &Options,
        _first_kind: usize,
        _problems: &mut Vec<OptionProblem>,
    ) -> Self {
        Self {
            allow: options.allow.clone(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.allow.is_empty()
    }

    pub(crate) fn add(&self, _text: &str, _first: usize, _out: &mut Vec<Match>) {}

    pub(crate) fn drop_allowed(&self, text: &str, first: usize, out: &mut Vec<Match>) {
        let mut at = 0;
        out.retain(|found| {
            at += 1;
            at <= first
                || !self
                    .allow
                    .iter()
                    .any(|value| *value == text[found.start..found.end])
        });
    }
}
