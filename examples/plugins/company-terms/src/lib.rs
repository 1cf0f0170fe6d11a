//! Hides a company's own words, such as names of projects, in everything that goes to a log.
//!
//! Settings: `terms`, an array of words. They are found in any case, as whole words.

use mini_llm_chat_plugin_sdk::redactor::{Found, Redactor, Span, Text, normalise};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};

struct CompanyTerms {
    /// In lower case.
    terms: Vec<String>,
}

impl Redactor for CompanyTerms {
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
        let terms = settings.texts("terms");
        for (index, term) in terms.iter().enumerate() {
            if !term.is_ascii() || term.trim().is_empty() {
                settings.problem(
                    &format!("terms.{index}"),
                    "must be a word of ASCII characters",
                );
            }
        }
        Ok(Self {
            terms: terms.iter().map(|term| term.to_ascii_lowercase()).collect(),
        })
    }

    fn kinds(&self) -> Vec<String> {
        vec!["company-term".to_owned()]
    }

    fn find(&mut self, text: &Text) -> Found {
        // ASCII lower case keeps every byte's place.
        let lower = text.content.to_ascii_lowercase();
        let mut spans = Vec::new();
        for term in &self.terms {
            for (start, found) in lower.match_indices(term.as_str()) {
                let end = start + found.len();
                if whole_word(&lower, start, end) {
                    spans.push(Span {
                        start: start as u32,
                        end: end as u32,
                        kind: 0,
                    });
                }
            }
        }
        normalise(&mut spans);
        Found { spans, open: None }
    }
}

fn whole_word(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    ![before, after]
        .into_iter()
        .flatten()
        .any(char::is_alphanumeric)
}

mini_llm_chat_plugin_sdk::export_redactor!(CompanyTerms);

#[cfg(test)]
mod tests {
    use super::*;

    fn find(terms: &[&str], content: &str) -> Vec<(u32, u32)> {
        let entries = terms
            .iter()
            .enumerate()
            .map(|(index, term)| (format!("terms.{index}"), (*term).into()));
        let mut plugin =
            CompanyTerms::configure(&mut Settings::of(entries)).expect("the terms are valid");
        let found = plugin.find(&Text {
            source: 0,
            seen: 0,
            content: content.into(),
        });
        found
            .spans
            .iter()
            .map(|span| (span.start, span.end))
            .collect()
    }

    #[test]
    fn term_is_found_in_any_case() {
        assert_eq!(
            find(&["Bluebird"], "project BLUEBIRD and bluebird"),
            [(8, 16), (21, 29)]
        );
    }

    #[test]
    fn part_of_a_word_is_no_term() {
        assert!(find(&["blue"], "bluebird, skyblue").is_empty());
    }

    #[test]
    fn overlapping_terms_become_one_span() {
        assert_eq!(
            find(&["blue bird", "bird song"], "blue bird song"),
            [(0, 14)]
        );
    }

    #[test]
    fn empty_term_is_a_problem() {
        let mut settings = Settings::of([("terms.0", " ".into())]);
        let _ = CompanyTerms::configure(&mut settings);
        assert_eq!(settings.into_problems().len(), 1);
    }
}
