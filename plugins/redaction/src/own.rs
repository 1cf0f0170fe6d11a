//! The operator's own patterns and the allow-list.
//!
//! Patterns run line by line over overlapping windows of fixed size, so that the cost of a text grows
//! linearly with it whatever the pattern is. A match is at most as long as the overlap.

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use crate::Match;
use crate::options::{OptionProblem, Options, problem};

/// Bytes a pattern sees at once, and by how many the windows move on.
const WINDOW: usize = 1024;
const STEP: usize = 512;
/// Bytes a compiled pattern may take, and its cache.
const COMPILED: usize = 128 << 10;
const CACHE: usize = 256 << 10;
/// Bytes of a pattern's source.
const SOURCE: usize = 512;

/// Compiled patterns; empty by default, and then it costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Own {
    patterns: Vec<(Regex, u16)>,
    allow: Vec<String>,
    allow_patterns: Vec<Regex>,
}

impl Own {
    pub(crate) fn new(
        options: &Options,
        first_kind: usize,
        problems: &mut Vec<OptionProblem>,
    ) -> Self {
        let mut own = Self {
            allow: options.allow.clone(),
            ..Self::default()
        };
        for (index, pattern) in options.patterns.iter().enumerate() {
            match (compile(&pattern.regex), u16::try_from(first_kind + index)) {
                (Ok(regex), Ok(kind)) => own.patterns.push((regex, kind)),
                (Err(message), _) => {
                    problems.push(problem(&format!("patterns.{index}.regex"), message))
                }
                (Ok(_), Err(_)) => {
                    problems.push(problem("patterns", "has too many entries".to_owned()))
                }
            }
        }
        for (index, pattern) in options.allow_patterns.iter().enumerate() {
            match compile(pattern) {
                Ok(regex) => own.allow_patterns.push(regex),
                Err(message) => problems.push(problem(&format!("allow-patterns.{index}"), message)),
            }
        }
        own
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.allow.is_empty() && self.allow_patterns.is_empty()
    }

    /// Adds what the patterns find to the matches from `first` on, as a union.
    pub(crate) fn add(&self, text: &str, first: usize, out: &mut Vec<Match>) {
        if self.patterns.is_empty() {
            return;
        }
        let mut line_start = 0;
        for line in text.split_inclusive('\n') {
            let mut from = 0;
            loop {
                let to = floor_char_boundary(line, from + WINDOW);
                for (regex, kind) in &self.patterns {
                    for found in regex.find_iter(&line[from..to]) {
                        let start = line_start + from + found.start();
                        let end = line_start + from + found.end();
                        if end > start {
                            out.push(Match {
                                start,
                                end,
                                kind: *kind,
                            });
                        }
                    }
                }
                if to == line.len() {
                    break;
                }
                from = floor_char_boundary(line, from + STEP);
            }
            line_start += line.len();
        }
        unite(text, first, out);
    }

    /// Removes the matches whose whole value is allowed.
    pub(crate) fn drop_allowed(&self, text: &str, first: usize, out: &mut Vec<Match>) {
        let mut index = 0;
        out.retain(|found| {
            index += 1;
            index <= first || !self.allows(&text[found.start..found.end])
        });
    }

    fn allows(&self, value: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == value)
            || (value.len() <= WINDOW
                && self.allow_patterns.iter().any(|regex| {
                    let input = Input::new(value).anchored(Anchored::Yes);
                    regex
                        .find(input)
                        .is_some_and(|found| found.end() == value.len())
                }))
    }
}

/// Makes the matches from `first` on sorted and disjoint, and keeps markers of earlier redactions whole.
fn unite(text: &str, first: usize, out: &mut Vec<Match>) {
    let mut all = out.split_off(first);
    all.retain(|found| !in_marker(text, *found));
    all.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
    for found in all {
        match out.get_mut(first..).and_then(|kept| kept.last_mut()) {
            Some(last) if found.start < last.end => last.end = last.end.max(found.end),
            _ => out.push(found),
        }
    }
}

/// Whether a match touches a marker.
fn in_marker(text: &str, found: Match) -> bool {
    const HEAD: &str = "[redacted:";
    let from = floor_char_boundary(text, found.start.saturating_sub(HEAD.len() + 41));
    let before = text[from..found.start]
        .rfind(HEAD)
        .is_some_and(|at| !text[from + at..found.start].contains(']'));
    before || text[found.start..found.end].contains(HEAD)
}

fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() {
        return Err("is empty; write a pattern or remove the entry".to_owned());
    }
    if pattern.len() > SOURCE {
        return Err(format!("is longer than {SOURCE} bytes; split it"));
    }
    let config = Regex::config()
        .nfa_size_limit(Some(COMPILED))
        .onepass_size_limit(Some(COMPILED))
        .hybrid_cache_capacity(CACHE)
        .dfa(false);
    let regex = Regex::builder().configure(config).build(pattern).map_err(|error| match error.size_limit() {
        Some(_) => "is too large when compiled; use smaller repetitions or classes".to_owned(),
        None => "does not compile; see the syntax of the regex crate (no look-around, no back references)".to_owned(),
    })?;
    if regex.is_match("") {
        return Err("matches the empty text; make it need at least one character".to_owned());
    }
    Ok(regex)
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
