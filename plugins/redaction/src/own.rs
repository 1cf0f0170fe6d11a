//! The operator's own patterns and the allow-list.
//!
//! Patterns run line by line over overlapping windows of fixed size, so that the cost of a text grows
//! linearly with it whatever the pattern is. A match is at most as long as a window.
//!
//! A text that arrives in deltas is searched by the same code. What begins at a byte is decided once the
//! pattern's automaton, started there, has died, or once the window is full: so a plain text is hardly held
//! back, and a pattern that can match anything holds back a window at most.

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input};

use crate::Match;
use crate::options::{OptionProblem, Options, problem};

/// Bytes a pattern sees at once, and by how many the windows move on. No value is longer that the
/// allow-list or `keep-last` change.
pub(crate) const WINDOW: usize = 1024;
const STEP: usize = 512;
/// How far before a match the beginning of a marker is looked for.
const MARKER: usize = HEAD.len() + 41;
const HEAD: &str = "[redacted:";
/// Bytes a compiled pattern may take, and its cache.
const COMPILED: usize = 128 << 10;
const CACHE: usize = 256 << 10;
/// Bytes of a pattern's source.
const SOURCE: usize = 512;

/// One pattern, as what searches and as what tells whether a match may still come.
#[derive(Debug)]
struct Pattern {
    regex: Regex,
    dfa: DFA,
    kind: u16,
}

/// Compiled patterns; empty by default, and then it costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Own {
    patterns: Vec<Pattern>,
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
            let compiled =
                compile(&pattern.regex).and_then(|regex| Ok((regex, automaton(&pattern.regex)?)));
            match (compiled, u16::try_from(first_kind + index)) {
                (Ok((regex, dfa)), Ok(kind)) => own.patterns.push(Pattern { regex, dfa, kind }),
                (Err(message), _) => {
                    problems.push(problem(&format!("patterns.{index}.regex"), message));
                }
                (Ok(_), Err(_)) => {
                    problems.push(problem("patterns", "has too many entries".to_owned()));
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

    /// Whether there are patterns.
    pub(crate) fn finds(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Whether there is an allow-list.
    pub(crate) fn excuses(&self) -> bool {
        !(self.allow.is_empty() && self.allow_patterns.is_empty())
    }

    /// Adds what the patterns find in a whole text to the matches from `first` on, as a union.
    pub(crate) fn add(&self, text: &str, first: usize, out: &mut Vec<Match>) {
        if self.finds() {
            Search::default().step(self, text, true, out);
            let mut united = Vec::new();
            unite(&mut united, out.drain(first..).map(Value::from).collect());
            out.extend(united.iter().map(|value| value.found));
        }
    }

    pub(crate) fn allows(&self, value: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == value)
            || self.allow_patterns.iter().any(|regex| {
                let input = Input::new(value).anchored(Anchored::Yes);
                regex
                    .find(input)
                    .is_some_and(|found| found.end() == value.len())
            })
    }
}

/// The patterns' way through one text.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Windows that are not full yet, oldest first.
    windows: Vec<Window>,
    /// Where the next line begins, once no window is open.
    next: usize,
    caches: Vec<Cache>,
}

#[derive(Debug)]
struct Window {
    from: usize,
    /// For each pattern: what begins before this is decided.
    decided: Vec<usize>,
}

impl Search {
    /// Goes on as far as the text is there. Appends the matches that are decided and returns up to where
    /// everything is. The text may have grown since the last step, and lost its beginning by
    /// [`Search::forget`].
    pub(crate) fn step(
        &mut self,
        own: &Own,
        text: &str,
        complete: bool,
        out: &mut Vec<Match>,
    ) -> usize {
        if self.windows.is_empty() && self.next < text.len() {
            self.open(own, self.next);
        }
        let mut at = 0;
        while let Some(window) = self.windows.get_mut(at) {
            let from = window.from;
            let rest = &text[from..];
            let near = floor_char_boundary(rest, WINDOW);
            let line = rest.as_bytes()[..near]
                .iter()
                .position(|&byte| byte == b'\n');
            let length = line.map_or(near, |line| line + 1);
            let full = line.is_some() || complete || rest.len() >= WINDOW;
            if self.caches.is_empty() && !full {
                self.caches = own
                    .patterns
                    .iter()
                    .map(|pattern| pattern.dfa.create_cache())
                    .collect();
            }
            window.search(own, &text[..from + length], full, &mut self.caches, out);
            if length > STEP && at + 1 == self.windows.len() {
                self.open(own, from + floor_char_boundary(rest, STEP));
            }
            if !full {
                at += 1;
                continue;
            }
            self.windows.remove(at);
            if self.windows.is_empty() {
                self.next = from + length;
                if self.next < text.len() {
                    self.open(own, self.next);
                }
            }
        }
        self.windows
            .iter()
            .flat_map(|window| window.decided.iter().copied())
            .min()
            .unwrap_or(text.len())
    }

    fn open(&mut self, own: &Own, from: usize) {
        self.windows.push(Window {
            from,
            decided: vec![from; own.patterns.len()],
        });
    }

    /// Up to where the beginning of the text is no longer needed.
    pub(crate) fn needs(&self) -> usize {
        let first = self.windows.first().map_or(self.next, |window| window.from);
        first.saturating_sub(MARKER)
    }

    /// The text lost its first `cut` bytes.
    pub(crate) fn forget(&mut self, cut: usize) {
        // Behind the text where windows are open: it counts only once none is.
        self.next = self.next.saturating_sub(cut);
        for window in &mut self.windows {
            window.from -= cut;
            for decided in &mut window.decided {
                *decided -= cut;
            }
        }
    }
}

impl Window {
    /// Searches the window, which ends with the text as far as that is there.
    fn search(
        &mut self,
        own: &Own,
        text: &str,
        full: bool,
        caches: &mut [Cache],
        out: &mut Vec<Match>,
    ) {
        let hay = &text[self.from..];
        for (index, pattern) in own.patterns.iter().enumerate() {
            let mut at = self.decided[index] - self.from;
            let open = match caches.get_mut(index) {
                Some(cache) if !full => (at..hay.len())
                    .find(|&start| {
                        hay.is_char_boundary(start) && lives(&pattern.dfa, cache, hay, start)
                    })
                    .unwrap_or(hay.len()),
                _ => hay.len(),
            };
            while at < open {
                let found = pattern.regex.find(Input::new(hay).span(at..hay.len()));
                let Some(found) = found.filter(|found| found.start() < open) else {
                    break;
                };
                let (start, end) = (found.start(), found.end());
                at = if end > start { end } else { start + 1 };
                while !hay.is_char_boundary(at) {
                    at += 1;
                }
                let one = Match {
                    start: self.from + start,
                    end: self.from + end,
                    kind: pattern.kind,
                };
                if end > start && !in_marker(text, one) {
                    out.push(one);
                }
            }
            self.decided[index] = self.from + at.max(open);
        }
    }
}

/// Whether a match that begins at `start` may still come or grow: the automaton has not died on what is there.
fn lives(dfa: &DFA, cache: &mut Cache, hay: &str, start: usize) -> bool {
    let input = Input::new(hay)
        .span(start..hay.len())
        .anchored(Anchored::Yes);
    let Ok(mut state) = dfa.start_state_forward(cache, &input) else {
        return true;
    };
    for &byte in &hay.as_bytes()[start..] {
        match dfa.next_state(cache, state, byte) {
            Ok(next) if next.is_dead() => return false,
            Ok(next) if !next.is_quit() => state = next,
            // It gave up: held back until the window is full.
            _ => return true,
        }
    }
    true
}

/// A match, and whether it is already known to be longer than what the settings excuse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) found: Match,
    pub(crate) long: bool,
}

impl From<Match> for Value {
    fn from(found: Match) -> Self {
        Self { found, long: false }
    }
}

/// Adds matches to sorted, disjoint ones and keeps them so. Where some overlap they become one, of the kind
/// that begins first; a built-in kind before an own one.
pub(crate) fn unite(to: &mut Vec<Value>, mut more: Vec<Value>) {
    let least = more.iter().map(|value| value.found.start).min();
    let keep = to.partition_point(|value| least.is_none_or(|least| value.found.end <= least));
    more.extend(to.drain(keep..));
    more.sort_by_key(|value| (value.found.start, value.found.kind));
    for value in more {
        match to.last_mut() {
            Some(last) if value.found.start < last.found.end => {
                last.found.end = last.found.end.max(value.found.end);
                last.long |= value.long;
            }
            _ => to.push(value),
        }
    }
}

/// Whether a match touches a marker of an earlier redaction, which stays whole.
fn in_marker(text: &str, found: Match) -> bool {
    let from = floor_char_boundary(text, found.start.saturating_sub(MARKER));
    let before = text[from..found.start]
        .rfind(HEAD)
        .is_some_and(|at| !text[from + at..found.start].contains(']'));
    before || text[found.start..found.end].contains(HEAD)
}

/// The automaton that tells whether a match may still come.
fn automaton(pattern: &str) -> Result<DFA, String> {
    DFA::builder()
        .configure(
            DFA::config()
                .cache_capacity(CACHE)
                .unicode_word_boundary(true),
        )
        .thompson(thompson::Config::new().nfa_size_limit(Some(COMPILED)))
        .build(pattern)
        .map_err(|_| TOO_LARGE.to_owned())
}

const TOO_LARGE: &str = "is too large when compiled; use smaller repetitions or classes";

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
        Some(_) => TOO_LARGE.to_owned(),
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
