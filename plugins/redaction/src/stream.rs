//! Review of a text that arrives in deltas.
//!
//! The stream keeps what is not yet decided and a little of what was released, as context. Each delta is
//! scanned from the last undecided position by the same code as a whole text; where a secret has surely
//! begun, it is masked as it arrives. So the shown text does not depend on how the text was cut.
//!
//! Only the built-in kinds apply here, and neither the allow-list nor `keep-last` does: those need the whole
//! value, which a stream does not wait for. The allow-list and `keep-last` only ever show more.

use crate::scan::{BEHIND, Input, Tail, advance, scan};
use crate::{Match, Rules};

/// Finds secrets in a text that arrives in deltas, and says how much of it may be shown.
#[derive(Debug, Default)]
pub struct Stream {
    /// Context, then what is not released.
    text: String,
    /// Where the unreleased part begins in `text`.
    released: usize,
    /// Where the next scan begins in `text`.
    resume: usize,
    /// The end of the last match in `text`.
    floor: usize,
    /// The kind of the last match.
    last: Option<u16>,
    tail: Option<(Tail, u16)>,
}

impl Stream {
    /// A stream at the start of a text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next delta. Returns how many bytes may be shown, counted from the first byte that is not
    /// yet released; appends what is to be hidden in them, with offsets that count from the same byte.
    pub fn push(&mut self, rules: &Rules, delta: &str, masks: &mut Vec<Match>) -> usize {
        self.text.push_str(delta);
        self.step(rules, false, masks)
    }

    /// Ends the text. `complete` is false when it was cut or broken off: what could still have become a
    /// secret is then not released.
    pub fn end(&mut self, rules: &Rules, complete: bool, masks: &mut Vec<Match>) -> usize {
        if complete {
            self.step(rules, true, masks)
        } else {
            0
        }
    }

    /// How many bytes are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.text.len() - self.released
    }

    fn step(&mut self, rules: &Rules, complete: bool, masks: &mut Vec<Match>) -> usize {
        let mut found = Vec::new();
        let bytes = self.text.as_bytes();
        let mut hold = self.released;
        let mut scanning = true;
        if let Some((tail, kind)) = self.tail.take() {
            let done = advance(tail, bytes, self.released, complete);
            if done.to > done.from {
                found.push(Match {
                    start: done.from,
                    end: done.to,
                    kind,
                });
            }
            hold = done.to.max(self.released);
            self.resume = hold;
            self.floor = hold;
            if done.open {
                self.tail = Some((done.tail, kind));
                scanning = complete;
            }
        }
        if scanning {
            let input = Input {
                rules,
                bytes,
                complete,
                floor: self.floor,
                last: self.last,
                whole: false,
                depth: 0,
                signs: true,
            };
            let stop = scan(input, self.resume, &mut found);
            self.resume = stop.resume;
            self.floor = stop.floor;
            self.last = stop.last;
            self.tail = stop.tail;
            hold = stop.hold.max(hold);
        }
        let hold = floor_char_boundary(&self.text, hold);
        let base = self.released;
        masks.extend(
            found
                .iter()
                .filter(|found| found.end > base)
                .map(|found| Match {
                    start: found.start.max(base) - base,
                    end: found.end - base,
                    kind: found.kind,
                }),
        );
        self.released = hold;
        self.forget();
        hold - base
    }

    /// Drops what is no longer needed as context.
    fn forget(&mut self) {
        let needed = self.resume.min(self.released).saturating_sub(BEHIND);
        if needed < 4 * BEHIND {
            return;
        }
        let cut = floor_char_boundary(&self.text, needed);
        self.text.drain(..cut);
        self.released -= cut;
        self.resume -= cut;
        self.floor = self.floor.saturating_sub(cut);
    }
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
