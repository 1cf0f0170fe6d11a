//! What is remembered of a source between its texts: that a secret in it is still open.
//!
//! A private key may come as one record a line. While its source is open, the instance that knows about it
//! is not replaced. If that instance dies, the knowledge is gone with it, so the source is masked up to
//! the key's END line, or for a bounded number of lines.

use std::collections::BTreeMap;

use crate::limits::{MASKED_LINES_AFTER_FAULT, RECYCLE_AFTER_TEXTS, SOURCES};

/// The sources that are not in the ordinary state. Most logs have none.
#[derive(Debug, Default)]
pub(crate) struct Sources(BTreeMap<u32, Source>);

#[derive(Debug)]
struct Source {
    state: State,
    /// Number of the text that was last seen of it.
    last: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The instance says that a secret goes on.
    Open,
    /// Nobody knows any more; so many lines are still masked.
    Masked(u32),
}

impl Sources {
    /// Notes what the instance said about the end of a text.
    pub(crate) fn note(&mut self, source: u32, open: bool, now: u64) {
        if open {
            self.put(source, State::Open, now);
        } else {
            self.0.remove(&source);
        }
    }

    /// The instance died while it read these texts: masks what was open, and what they may have opened.
    pub(crate) fn lose<'a>(&mut self, texts: impl Iterator<Item = (u32, &'a str)>, now: u64) {
        for source in self.0.values_mut() {
            if source.state == State::Open {
                source.state = State::Masked(MASKED_LINES_AFTER_FAULT);
            }
        }
        for (source, text) in texts {
            if opens(text) {
                self.put(source, State::Masked(MASKED_LINES_AFTER_FAULT), now);
            }
        }
    }

    /// Whether this text is masked unread because of an earlier fault. Counts its lines.
    pub(crate) fn masks(&mut self, source: u32, text: &str, now: u64) -> bool {
        let Some(Source {
            state: State::Masked(lines),
            last,
        }) = self.0.get_mut(&source)
        else {
            return false;
        };
        *last = now;
        let in_text = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
        *lines = lines.saturating_sub(in_text);
        if *lines == 0 || closes(text) {
            self.0.remove(&source);
        }
        true
    }

    /// Whether an instance must be kept for what it knows.
    pub(crate) fn any_open(&mut self, now: u64) -> bool {
        // A source of which nothing came for so long is over, whatever its last text left open.
        self.0
            .retain(|_, source| source.last + RECYCLE_AFTER_TEXTS > now);
        self.0.values().any(|source| source.state == State::Open)
    }

    /// Whether a source is not in the ordinary state.
    pub(crate) fn knows(&self, source: u32) -> bool {
        self.0.contains_key(&source)
    }

    fn put(&mut self, source: u32, state: State, now: u64) {
        self.0.insert(source, Source { state, last: now });
        if self.0.len() > SOURCES {
            let oldest = self.0.iter().min_by_key(|(_, source)| source.last);
            if let Some(oldest) = oldest.map(|(&source, _)| source) {
                self.0.remove(&oldest);
            }
        }
    }
}

/// What begins a private key in the forms that go over many lines: PEM and PGP, SSH2, PuTTY.
const BEGINNINGS: [&str; 3] = ["-----BEGIN", "---- BEGIN", "Private-Lines:"];
const ENDS: [&str; 3] = ["-----END", "---- END", "Private-MAC:"];

/// Whether a text begins a block and does not end it.
fn opens(text: &str) -> bool {
    let last = BEGINNINGS.iter().filter_map(|sign| text.rfind(sign)).max();
    last.is_some_and(|begin| text.get(begin..).is_some_and(|rest| !closes(rest)))
}

fn closes(text: &str) -> bool {
    ENDS.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_source_is_masked_up_to_its_end_line_after_a_fault() {
        let mut sources = Sources::default();
        sources.note(1, true, 0);
        assert!(sources.any_open(0));
        sources.lose(std::iter::empty(), 1);
        assert!(!sources.any_open(1));
        assert!(sources.masks(1, "c2VjcmV0", 2));
        assert!(!sources.masks(2, "another source", 3));
        assert!(sources.masks(1, "-----END PRIVATE KEY-----", 4));
        assert!(!sources.masks(1, "an ordinary line", 5));
    }

    #[test]
    fn every_form_of_a_key_is_masked_up_to_its_end() {
        for (begin, end) in [
            (
                "-----BEGIN PGP PRIVATE KEY BLOCK-----",
                "-----END PGP PRIVATE KEY BLOCK-----",
            ),
            (
                "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
                "---- END SSH2 ENCRYPTED PRIVATE KEY ----",
            ),
            ("Private-Lines: 14", "Private-MAC: 0fa4e0"),
        ] {
            let mut sources = Sources::default();
            sources.lose(std::iter::once((1, begin)), 0);
            assert!(sources.masks(1, "c2VjcmV0", 1), "{begin}");
            assert!(sources.masks(1, end, 2));
            assert!(!sources.masks(1, "an ordinary line", 3), "{end}");
        }
    }

    #[test]
    fn without_an_end_line_a_bounded_number_of_lines_is_masked() {
        let mut sources = Sources::default();
        sources.lose(std::iter::once((7, "-----BEGIN PRIVATE KEY-----")), 0);
        let masked = (0..1_000)
            .take_while(|_| sources.masks(7, "line", 1))
            .count();
        assert_eq!(masked, MASKED_LINES_AFTER_FAULT as usize);
    }

    #[test]
    fn the_number_of_sources_is_bounded() {
        let mut sources = Sources::default();
        for source in 0..5_000 {
            sources.note(source, true, u64::from(source));
        }
        assert_eq!(sources.0.len(), SOURCES);
        assert!(sources.0.contains_key(&4_999));
    }

    #[test]
    fn a_source_that_is_long_silent_keeps_no_instance() {
        let mut sources = Sources::default();
        sources.note(1, true, 0);
        assert!(!sources.any_open(RECYCLE_AFTER_TEXTS + 1));
    }
}
