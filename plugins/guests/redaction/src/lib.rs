//! The built-in redactor as a component: an adapter between the rules library and the contract.

use std::collections::BTreeMap;

use mini_llm_chat_plugin_sdk::redactor::{Found, Redactor, Span, Text};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings, Value};
use mini_llm_chat_redaction_rules::{Match, OptionProblem, Options, Rules, SourceState};

/// So many sources that are open at the same time are remembered, as the host does; beyond them the lowest number
/// goes, which a filter gave first.
const OPEN: usize = 1024;

struct BuiltIn {
    rules: Rules,
    /// Sources that ended inside a secret, at most [`OPEN`]. Others need no memory.
    open: BTreeMap<u32, SourceState>,
    matches: Vec<Match>,
}

impl Redactor for BuiltIn {
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
        let texts: Vec<(&str, String)> = settings
            .entries()
            .map(|(key, value)| (key, text_of(value)))
            .collect();
        let options = Options::from_settings(texts.iter().map(|(key, text)| (*key, text.as_str())));
        let rules = options
            .and_then(|options| Rules::new(&options))
            .map_err(problems)?;
        Ok(Self {
            rules,
            open: BTreeMap::new(),
            matches: Vec::new(),
        })
    }

    fn kinds(&self) -> Vec<String> {
        let kinds = self.rules.kinds().iter();
        kinds.map(|kind| kind.clone().into_owned()).collect()
    }

    fn find(&mut self, text: &Text) -> Found {
        // Nearly always nothing is open: then the source need not be looked for.
        let mut state = match self.open.is_empty() {
            true => SourceState::default(),
            false => self.open.remove(&text.source).unwrap_or_default(),
        };
        self.matches.clear();
        self.rules.find_piece(
            &text.content,
            text.seen as usize,
            &mut state,
            &mut self.matches,
        );
        let spans = self.matches.iter().map(span).collect();
        let open = state.open();
        if open.is_some() {
            self.open.insert(text.source, state);
            if self.open.len() > OPEN {
                self.open.pop_first();
            }
        }
        Found { spans, open }
    }
}

/// Offsets fit: the memory of a component ends at 4 GiB.
fn span(found: &Match) -> Span {
    Span {
        start: found.start as u32,
        end: found.end as u32,
        kind: found.kind,
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
    }
}

fn problems(problems: Vec<OptionProblem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|OptionProblem { key, message }| Problem { key, message })
        .collect()
}

mini_llm_chat_plugin_sdk::export_redactor!(BuiltIn);
