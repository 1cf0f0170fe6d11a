//! What was said so far, for the whole messages that some servers send beside or after deltas: of such a message only what
//! goes beyond it is new.

use super::content::Pieces;
use super::event::Channel;

/// Longer texts are not searched for what a message says: a server could send many messages.
const SEARCHED_MAX_BYTES: usize = 64 << 10;

/// The text of all deltas and messages, by channel.
#[derive(Default)]
pub(super) struct Said {
    answer: Told,
    reasoning: Told,
    refusal: Told,
}

/// What one channel said, without white space at its beginning.
#[derive(Default)]
struct Told {
    text: String,
    has_deltas: bool,
}

impl Said {
    /// Whether no channel said anything but white space.
    pub(super) fn is_empty(&self) -> bool {
        self.answer.text.is_empty()
            && self.reasoning.text.is_empty()
            && self.refusal.text.is_empty()
    }

    /// Keeps what a delta said.
    pub(super) fn delta(&mut self, pieces: &Pieces) {
        for (channel, text) in pieces {
            let told = self.told(*channel);
            told.has_deltas = true;
            told.add(text);
        }
    }

    /// What of a whole message was not said before. It is kept as said.
    pub(super) fn message(&mut self, mut message: Pieces) -> Pieces {
        for channel in [Channel::Reasoning, Channel::Answer, Channel::Refusal] {
            let pieces = message.iter_mut().filter(|(of, _)| *of == channel);
            let mut pieces: Vec<&mut String> = pieces.map(|(_, text)| text).collect();
            let whole: String = pieces.iter().map(|text| text.as_str()).collect();
            let told = self.told(channel);
            let mut known = told.known_bytes(&whole);
            told.add(&whole[known..]);
            for text in &mut pieces {
                let bytes = known.min(text.len());
                text.drain(..bytes);
                known -= bytes;
            }
        }
        message.retain(|(_, text)| !text.is_empty());
        message
    }

    fn told(&mut self, channel: Channel) -> &mut Told {
        match channel {
            Channel::Answer => &mut self.answer,
            Channel::Reasoning => &mut self.reasoning,
            Channel::Refusal => &mut self.refusal,
        }
    }
}

impl Told {
    fn add(&mut self, text: &str) {
        let begins = self.text.is_empty();
        self.text
            .push_str(if begins { text.trim_start() } else { text });
    }

    /// How much of the beginning of a message was said before. A message that is another text is new as a whole: to pass over
    /// it could lose a part of the answer.
    fn known_bytes(&self, whole: &str) -> usize {
        let text = whole.trim_start();
        if self.text.is_empty() {
            0
        } else if let Some(rest) = text.strip_prefix(&*self.text) {
            whole.len() - rest.len()
        } else if self.has_said(text.trim_end()) {
            whole.len()
        } else {
            0
        }
    }

    fn has_said(&self, text: &str) -> bool {
        if !self.has_deltas {
            // Messages in place of deltas may be its parts, and a part may well repeat: only all of it is the same again.
            let rest = self.text.strip_prefix(text);
            return rest.is_some_and(|rest| rest.trim_end().is_empty());
        }
        self.text.starts_with(text)
            || self.text.ends_with(text)
            || self.text.len() <= SEARCHED_MAX_BYTES && self.text.contains(text)
    }
}

/// Its length alone: it is an answer.
impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.answer.text.len() + self.reasoning.text.len() + self.refusal.text.len();
        write!(f, "Said({bytes} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Pieces {
        vec![(Channel::Answer, text.to_owned())]
    }

    fn after(deltas: &[&str]) -> Said {
        let mut said = Said::default();
        for text in deltas {
            said.delta(&answer(text));
        }
        said
    }

    #[test]
    fn of_a_message_only_what_goes_beyond_the_deltas_is_new() {
        for (deltas, message, new) in [
            (&["one ", "two "][..], "one two ", Pieces::new()),
            (&["one ", "two "], "one two", Pieces::new()),
            (&["one ", "two "], "one two\n", Pieces::new()),
            (&["one ", "two "], "one two three", answer("three")),
            (&["one ", "two "], "two", Pieces::new()),
            (&["one ", "two "], "another text", answer("another text")),
            (&["\n\none ", "two"], "one two, three", answer(", three")),
            (&["one"], "\n one two", answer(" two")),
            (&["\n"], "    one", answer("    one")),
            (&[], "    one", answer("    one")),
        ] {
            let mut said = after(deltas);
            assert_eq!(said.message(answer(message)), new, "{deltas:?} {message:?}");
            assert_eq!(said.message(answer(message)), [], "{deltas:?} {message:?}");
        }
    }

    #[test]
    fn messages_without_deltas_may_grow_come_again_or_be_parts() {
        for (messages, new) in [
            (&["one two", "one two"][..], "one two"),
            (&["on", "one t", "one two"], "one two"),
            (&["1", "0", "0", "1", " ", "1", "1001 1"], "1001 1"),
        ] {
            let mut said = Said::default();
            let all = messages.iter().flat_map(|text| said.message(answer(text)));
            let shown: String = all.map(|(_, text)| text).collect();
            assert_eq!(shown, new, "{messages:?}");
        }
    }

    #[test]
    fn a_message_before_deltas_counts_as_said() {
        let mut said = Said::default();
        assert_eq!(said.message(answer("one ")), answer("one "));
        said.delta(&answer("two"));
        assert_eq!(said.message(answer("one two")), []);
    }

    #[test]
    fn channels_are_told_apart_and_keep_their_order() {
        let thought = |text: &str| vec![(Channel::Reasoning, text.to_owned())];
        let mut said = Said::default();
        said.delta(&thought("one"));
        assert_eq!(said.message(answer("one")), answer("one"));
        let parts = [
            thought("one"),
            answer("one t"),
            thought(" two"),
            answer("wo"),
        ]
        .concat();
        let new = [answer(" t"), thought(" two"), answer("wo")].concat();
        assert_eq!(said.message(parts), new);
    }
}
