//! The same match in a text that comes in pieces, such as an answer.
//!
//! Whatever could still become a secret is held back until the next piece decides it, so that what is handed on is the
//! same however the text was cut. Only secrets of [`MIN_BYTES`] and more are looked for: an answer may well speak of
//! `postgres` where that is a password, and a marker in its place would tell it.

use aho_corasick::{AhoCorasick, Input, MatchKind};
use zeroize::Zeroizing;

use super::{MARKER, Secrets};

/// Shorter secrets are ordinary words too often.
pub(super) const MIN_BYTES: usize = 12;

/// At an end that is none, so much of the beginning of a secret tells nothing.
const TELLING_BYTES: usize = 4;

/// The forms of the secrets that are looked for in answers.
pub(super) struct Forms {
    automaton: AhoCorasick,
    /// In the order of their bytes.
    sorted: Vec<Zeroizing<String>>,
    /// The bytes that one of them begins with.
    first: [bool; 256],
    longest: usize,
}

impl Forms {
    /// None where there are no forms, or gigabytes of them.
    pub(super) fn new(mut forms: Vec<Zeroizing<String>>) -> Option<Self> {
        forms.sort_unstable_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
        forms.dedup();
        let mut first = [false; 256];
        for byte in forms.iter().filter_map(|form| form.bytes().next()) {
            first[usize::from(byte)] = true;
        }
        let longest = forms.iter().map(|form| form.len()).max()?;
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms.iter().map(|form| form.as_bytes()));
        Some(Self {
            automaton: automaton.ok()?,
            sorted: forms,
            first,
            longest,
        })
    }

    pub(super) fn all(&self) -> &[Zeroizing<String>] {
        &self.sorted
    }

    /// From where on `text` is the beginning of a form that is longer; its end where there is no such place.
    fn open_from(&self, text: &str, from: usize) -> usize {
        let bytes = text.as_bytes();
        let from = from.max(bytes.len().saturating_sub(self.longest - 1));
        let begins = |&at: &usize| {
            let rest = &bytes[at..];
            // The forms that begin with it follow it in the order of bytes.
            let next = self.sorted.partition_point(|form| form.as_bytes() <= rest);
            let next = self.sorted.get(next);
            self.first[usize::from(rest[0])]
                && next.is_some_and(|form| form.as_bytes().starts_with(rest))
        };
        (from..bytes.len()).find(begins).unwrap_or(bytes.len())
    }

    /// Masks `text` as far as it is decided, or all of it. Returns how far that is, and how many markers it took.
    fn mask(&self, text: &str, all: bool, to: &mut String) -> (usize, u32) {
        let (mut done, mut masked) = (0, 0);
        loop {
            let until = if all {
                text.len()
            } else {
                self.open_from(text, done)
            };
            match self.automaton.find(Input::new(text).range(done..)) {
                Some(found) if found.start() < until => {
                    to.push_str(&text[done..found.start()]);
                    to.push_str(MARKER);
                    masked += 1;
                    done = found.end();
                }
                _ => {
                    to.push_str(&text[done..until]);
                    return (until, masked);
                }
            }
        }
    }
}

/// One text that comes in pieces.
pub(crate) struct Stream {
    secrets: Secrets,
    held: String,
}

/// What can be handed on of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) text: String,
    /// How many secrets are masked in it.
    pub(crate) masked: u32,
    /// The end is dropped: it may be half a secret.
    pub(crate) withheld: bool,
}

impl Stream {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        Self {
            secrets: secrets.clone(),
            held: String::new(),
        }
    }

    /// Takes the next piece.
    pub(crate) fn push(&mut self, piece: &str) -> Passed {
        self.held.push_str(piece);
        let mut passed = Passed::default();
        match self.secrets.forms() {
            Some(forms) => {
                let (done, masked) = forms.mask(&self.held, false, &mut passed.text);
                passed.masked = masked;
                self.held.drain(..done);
            }
            None => std::mem::swap(&mut self.held, &mut passed.text),
        }
        passed
    }

    /// Takes the end. A text that is `whole` ends as it does; any other may have been cut inside a secret.
    pub(crate) fn end(&mut self, whole: bool) -> Passed {
        let held = std::mem::take(&mut self.held);
        if !whole && held.len() >= TELLING_BYTES {
            return Passed {
                withheld: true,
                ..Passed::default()
            };
        }
        let mut passed = Passed::default();
        match self.secrets.forms() {
            Some(forms) => passed.masked = forms.mask(&held, true, &mut passed.text).1,
            None => passed.text = held,
        }
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::super::all_forms;
    use super::*;

    const PLANTED: &str = "plänted \"horse\"/42?";
    const LONGER: &str = "plänted \"horse\"/42? and more";

    fn secrets() -> Secrets {
        let secrets = Secrets::new();
        secrets.add(PLANTED);
        secrets.add(LONGER);
        secrets
    }

    /// What is handed on of the pieces, to a whole end.
    fn passed<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, u32) {
        let mut stream = Stream::new(&secrets());
        let mut all = pieces
            .into_iter()
            .map(|piece| stream.push(piece))
            .fold((String::new(), 0), |(text, masked), passed| {
                (text + &passed.text, masked + passed.masked)
            });
        let last = stream.end(true);
        all.0.push_str(&last.text);
        (all.0, all.1 + last.masked)
    }

    #[test]
    fn every_split_gives_what_the_whole_text_gives() {
        let mut texts: Vec<String> = all_forms(PLANTED)
            .iter()
            .chain(&all_forms(LONGER))
            .map(|form| format!("plän {} pläntedplän{0}{0}p", form.as_str()))
            .collect();
        texts.push("no secret, plänted \"horse\" is none".to_owned());
        for text in texts {
            let wanted = secrets().mask(&text).into_owned();
            let places = (0..=text.len()).filter(|&at| text.is_char_boundary(at));
            for at in places {
                let (one, two) = text.split_at(at);
                assert_eq!(passed([one, two]).0, wanted, "{at} in {text}");
            }
            let letters = (0..text.len()).filter_map(|at| {
                let end = (at + 1..=text.len()).find(|&end| text.is_char_boundary(end))?;
                text.get(at..end)
            });
            let (shown, masked) = passed(letters);
            assert_eq!(shown, wanted, "letter by letter: {text}");
            assert_eq!(
                usize::try_from(masked),
                Ok(wanted.matches(MARKER).count()),
                "{text}"
            );
        }
    }

    #[test]
    fn at_an_end_that_is_none_the_beginning_of_a_secret_is_dropped() {
        for (end, shown, withheld) in [
            ("plänted \"ho", "said: ", true),
            ("plä", "said: ", true),
            ("pl", "said: pl", false),
            ("horse", "said: horse", false),
        ] {
            let mut stream = Stream::new(&secrets());
            let mut text = stream.push(&format!("said: {end}")).text;
            let last = stream.end(false);
            text.push_str(&last.text);
            assert_eq!((text.as_str(), last.withheld), (shown, withheld), "{end}");
        }
    }

    #[test]
    fn an_ordinary_word_that_is_a_password_stays_in_an_answer() {
        let secrets = Secrets::new();
        secrets.add("postgres");
        let mut stream = Stream::new(&secrets);
        assert_eq!(stream.push("postgres").text, "postgres");
        assert_eq!(secrets.mask("postgres"), MARKER);
    }
}
