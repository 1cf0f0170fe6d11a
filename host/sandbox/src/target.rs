//! One question to the check of a plugin's ranges for any bytes: asked by the property tests here, and by the fuzzer in
//! `fuzz/`.

use std::sync::Arc;

use crate::contract::{Span, Step};
use crate::holdback::Holdback;
use crate::limits;
use crate::span::{self, Mask};

/// Characters of every width in UTF-8.
const LETTERS: [&str; 8] = ["a", "b", " ", "é", "\u{2028}", "字", "🙂", "\n"];
/// Small, so that many answers of a plugin are nearly right.
const MOST: u8 = 40;

/// Takes numbers out of the bytes; zero when they are used up.
struct Numbers<'a>(std::slice::Iter<'a, u8>);

impl Numbers<'_> {
    fn next(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    fn offset(&mut self) -> u32 {
        match self.next() {
            // Far outside, at the end of the type too.
            255 => u32::MAX,
            254 => u32::MAX - 1,
            number => u32::from(number % MOST),
        }
    }

    fn text(&mut self) -> String {
        let length = self.next() % 12;
        (0..length)
            .map(|_| LETTERS[usize::from(self.next()) % LETTERS.len()])
            .collect()
    }

    fn spans(&mut self) -> Vec<Span> {
        let number = self.next() % 5;
        (0..number)
            .map(|_| Span {
                start: self.offset(),
                end: self.offset(),
                kind: u16::from(self.next() % 4),
            })
            .collect()
    }

    fn are_left(&self) -> bool {
        self.0.len() > 0
    }
}

/// What a plugin says is either refused whole or applied exactly: each byte that anybody hides is hidden, all others
/// come through, in order, and nothing is shown that not all have released.
///
/// # Panics
/// When that does not hold.
pub(crate) fn ranges(input: &[u8]) {
    let mut numbers = Numbers(input.iter());
    whole_text(&mut numbers);
    stream(&mut numbers);
}

fn kinds() -> [Arc<str>; 2] {
    ["key".into(), "mail".into()]
}

/// A redactor's answer to one text.
fn whole_text(numbers: &mut Numbers<'_>) {
    let text = numbers.text();
    let (kinds, mut masks) = (kinds(), Vec::new());
    for _ in 0..2 {
        if let Ok(checked) = span::check(&text, &numbers.spans(), &kinds) {
            masks.extend(checked);
        }
    }
    let united = span::union(masks.clone());
    let shown = span::apply(&text, &united);
    assert_eq!(
        shown,
        expected(&text, &masks),
        "the union is hidden, and only that"
    );
}

/// The text with what anybody hides left out, and one mark for each mask of the union.
fn expected(text: &str, masks: &[Mask]) -> String {
    let mut shown = String::new();
    let hides = |at: usize| {
        let found = masks.iter().filter(|mask| mask.range.contains(&at));
        found.min_by_key(|mask| mask.range.start)
    };
    let mut last: Option<&str> = None;
    for (at, letter) in text.char_indices() {
        match hides(at) {
            // Bytes belong to the mask that starts first.
            Some(mask) => {
                if last != Some(&mask.kind) {
                    shown.push_str(&span::marker(&mask.kind));
                }
                last = Some(&mask.kind);
            }
            None => {
                shown.push(letter);
                last = None;
            }
        }
    }
    shown
}

/// Policies' answers to a stream, delta by delta.
fn stream(numbers: &mut Numbers<'_>) {
    let policies = usize::from(numbers.next() % 3) + 1;
    let kinds = kinds();
    let mut holdback = Holdback::new(policies);
    let (mut sent, mut shown) = (String::new(), String::new());
    let mut hidden: Vec<bool> = Vec::new();
    while numbers.are_left() {
        let delta = numbers.text();
        sent.push_str(&delta);
        hidden.resize(sent.len(), false);
        holdback.push(&delta);
        for lane in 0..policies {
            let before = holdback.released(lane);
            let step = Step {
                release: numbers.offset(),
                mask: numbers.spans(),
                cut: (numbers.next() == 255).then_some(9),
                findings: Vec::new(),
            };
            let taken = holdback.step(lane, &step, &kinds, 1);
            let after = holdback.released(lane);
            match taken {
                Ok(()) => {
                    assert_eq!(
                        after - before,
                        span::offset(step.release),
                        "released as said"
                    );
                    assert!(sent.is_char_boundary(after) && step.cut.is_none());
                    for span in &step.mask {
                        hidden[before + span::offset(span.start)..before + span::offset(span.end)]
                            .fill(true);
                    }
                }
                Err(_) => assert_eq!(after, before, "what is refused changes nothing"),
            }
            assert!(step.mask.len() <= limits::SPANS_PER_REVIEW);
            assert_eq!(
                holdback.held_by(lane),
                sent.len() - after,
                "what is held is known"
            );
        }
        shown.push_str(&holdback.show(None).0);
        let released = (0..policies).map(|lane| holdback.released(lane)).min();
        let end = released.unwrap_or_default();
        let letters = sent[..end].char_indices();
        let plain: String = letters
            .filter(|(at, _)| !hidden[*at])
            .map(|(_, letter)| letter)
            .collect();
        assert_eq!(
            without_markers(&shown),
            plain,
            "shown is what all released and nobody hid"
        );
    }
    holdback.drop_held();
    assert_eq!(holdback.show(None).0, "", "what is dropped is not shown");
}

/// No letter of the texts is in a marker's brackets.
fn without_markers(shown: &str) -> String {
    let (key, mail) = (span::marker("key"), span::marker("mail"));
    shown.replace(&key, "").replace(&mail, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn any_answer_of_a_plugin_is_refused_or_applied_exactly(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            super::ranges(&bytes);
        }

        #[test]
        fn answers_that_are_nearly_right_too(bytes in prop::collection::vec(0_u8..24, 0..200)) {
            super::ranges(&bytes);
        }
    }
}
