//! What came in deltas, for a whole message that some servers send after them: nobody should read it twice.

use super::content::Pieces;
use super::event::Channel;

/// The text of all deltas, by channel.
#[derive(Default)]
pub(super) struct Said {
    answer: String,
    reasoning: String,
    refusal: String,
}

impl Said {
    /// Keeps what a delta said.
    pub(super) fn add(&mut self, pieces: &Pieces) {
        for (channel, text) in pieces {
            let said = match channel {
                Channel::Answer => &mut self.answer,
                Channel::Reasoning => &mut self.reasoning,
                Channel::Refusal => &mut self.refusal,
            };
            said.push_str(text);
        }
    }

    /// What of a whole message did not come in deltas. A message that is another text than they were stays as it is: to
    /// pass over it could lose a part of the answer.
    pub(super) fn unsaid(&self, mut message: Pieces) -> Pieces {
        for (channel, said) in [
            (Channel::Answer, &self.answer),
            (Channel::Reasoning, &self.reasoning),
            (Channel::Refusal, &self.refusal),
        ] {
            if said.is_empty() {
                continue;
            }
            let pieces = message.iter().filter(|(of, _)| *of == channel);
            let whole: String = pieces.map(|(_, text)| text.as_str()).collect();
            if let Some(rest) = whole.strip_prefix(said.as_str()) {
                message.retain(|(of, _)| *of != channel);
                if !rest.is_empty() {
                    message.push((channel, rest.to_owned()));
                }
            } else if whole.trim() == said.trim() {
                message.retain(|(of, _)| *of != channel);
            }
        }
        message
    }
}

/// Its length alone: it is an answer.
impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.answer.len() + self.reasoning.len() + self.refusal.len();
        write!(f, "Said({bytes} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Pieces {
        vec![(Channel::Answer, text.to_owned())]
    }

    #[test]
    fn of_a_message_only_what_did_not_come_before_is_left() {
        let mut said = Said::default();
        for text in ["one ", "two "] {
            said.add(&answer(text));
        }
        for (message, left) in [
            ("one two ", Pieces::new()),
            ("one two", Pieces::new()),
            ("one two three", answer("three")),
            ("another text", answer("another text")),
        ] {
            assert_eq!(said.unsaid(answer(message)), left, "{message}");
        }
        let parts = [answer("one "), answer("two ")].concat();
        assert_eq!(said.unsaid(parts), []);
    }

    #[test]
    fn channels_are_told_apart_and_without_deltas_all_is_new() {
        let mut said = Said::default();
        said.add(&vec![(Channel::Reasoning, "one".to_owned())]);
        assert_eq!(said.unsaid(answer("one")), answer("one"));
        let both = [vec![(Channel::Reasoning, "one".to_owned())], answer("two")].concat();
        assert_eq!(said.unsaid(both), answer("two"));
    }
}
