//! Review of a text that arrives in deltas.
//!
//! The stream keeps what is not yet decided and a little of what was released, as context. Each delta is
//! scanned from the last undecided position by the same code as a whole text; where a secret has surely
//! begun, it is masked as it arrives. So the shown text does not depend on how the text was cut.
//!
//! The settings count here as they do for a whole text. Their price: with an allow-list or `keep-last` a
//! value is held back until it has ended, at most 1,024 bytes of it; a longer one is hidden whole. An own
//! pattern holds back what can still become its match, at most 1,024 bytes of a line.

use crate::own::{Search, Value, WINDOW, unite};
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
    /// The end of the last escaped character in `text`.
    edge: usize,
    tail: Option<Open>,
    own: Search,
    /// Found and not yet released, sorted and disjoint, as offsets of `text`.
    pending: Vec<Value>,
}

/// A secret that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    tail: Tail,
    kind: u16,
    /// Where what was last found of it begins; none where nothing was.
    piece: Option<usize>,
    /// Some of it is released already though values are seen whole: it is longer than those.
    long: bool,
}

impl Open {
    fn is_in(&self, value: &Value) -> bool {
        self.piece
            .is_some_and(|piece| value.found.start <= piece && piece < value.found.end)
    }
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
        let mut more = Vec::new();
        let mut hold = self.scan(rules, complete, &mut more);
        if rules.own.finds() {
            let mut found = Vec::new();
            let decided = self.own.step(&rules.own, &self.text, complete, &mut found);
            hold = hold.min(decided);
            more.extend(found.into_iter().map(Value::from));
        }
        if !more.is_empty() {
            unite(&mut self.pending, more);
        }
        if let Some(open) = &mut self.tail
            && let Some(value) = self.pending.iter().find(|value| open.is_in(value))
        {
            open.kind = value.found.kind;
        }
        let hold = floor_char_boundary(&self.text, hold);
        let base = self.released;
        self.released = self.release(rules, hold.max(base), complete, masks);
        let released = self.released - base;
        self.forget(rules);
        released
    }

    /// Scans for the built-in kinds. Returns up to where they are decided.
    fn scan(&mut self, rules: &Rules, complete: bool, more: &mut Vec<Value>) -> usize {
        let bytes = self.text.as_bytes();
        let mut hold = self.resume;
        if let Some(mut open) = self.tail.take() {
            let done = advance(open.tail, bytes, self.resume, complete);
            if done.to > done.from {
                // It is one value, however it arrived.
                let before = self.pending.iter().rev().find(|value| open.is_in(value));
                let found = Match {
                    start: before.map_or(done.from, |value| value.found.start),
                    end: done.to,
                    kind: open.kind,
                };
                let long = open.long;
                more.push(Value { found, long });
                open.piece = Some(done.from);
            }
            hold = done.to.max(hold);
            self.resume = hold;
            self.floor = hold;
            if done.open && !complete {
                open.tail = done.tail;
                self.tail = Some(open);
                return hold;
            }
        }
        let input = Input {
            rules,
            bytes,
            complete,
            floor: self.floor,
            last: self.last,
            edge: self.edge,
            whole: false,
            depth: 0,
            signs: true,
            lines: true,
            data: true,
        };
        let mut found = Vec::new();
        let stop = scan(input, self.resume, &mut found);
        self.resume = stop.resume;
        self.floor = stop.floor;
        self.last = stop.last;
        self.edge = stop.edge;
        self.tail = stop.tail.map(|(tail, kind)| Open {
            tail,
            kind,
            piece: found
                .last()
                .filter(|last| last.end == stop.resume)
                .map(|last| last.start),
            long: false,
        });
        more.extend(found.into_iter().map(Value::from));
        stop.hold.max(hold)
    }

    /// Moves the matches before `to` into `masks`. Returns up to where the text is released: less where a
    /// value has to be seen whole.
    fn release(
        &mut self,
        rules: &Rules,
        to: usize,
        complete: bool,
        masks: &mut Vec<Match>,
    ) -> usize {
        let base = self.released;
        let mut note = |found: Match, end: usize| {
            // What a rule released too early is shown; the rest of it is not.
            let start = found.start.max(base);
            if start < end {
                masks.push(Match {
                    start: start - base,
                    end: end - base,
                    kind: found.kind,
                });
            }
        };
        let (mut gone, mut until) = (0, to);
        for value in &mut self.pending {
            let found = value.found;
            if found.start >= to {
                break;
            }
            let open = self.tail.as_mut().filter(|open| open.is_in(value));
            if open.is_none() && found.end <= to {
                let mut one = found;
                if value.long || !rules.waits() || rules.excuse(&self.text, &mut one) {
                    note(one, one.end);
                }
                gone += 1;
                continue;
            }
            // What the end of the text cut stays hidden, and so does what is too long to wait for.
            let waits = rules.waits() && !value.long && !complete;
            if waits && to - found.start <= WINDOW {
                until = found.start;
                break;
            }
            note(found, found.end.min(to));
            value.long = rules.waits();
            value.found.start = found.end.min(to);
            if found.end > to {
                break;
            }
            if let Some(open) = open {
                open.long = rules.waits();
            }
            gone += 1;
        }
        self.pending.drain(..gone);
        until
    }

    /// Drops what is no longer needed as context.
    fn forget(&mut self, rules: &Rules) {
        let mut needed = self.resume.min(self.released);
        if rules.own.finds() {
            needed = needed.min(self.own.needs());
        }
        let needed = needed.saturating_sub(BEHIND);
        if needed < 4 * BEHIND {
            return;
        }
        let cut = floor_char_boundary(&self.text, needed);
        self.text.drain(..cut);
        self.released -= cut;
        self.resume -= cut;
        self.floor = self.floor.saturating_sub(cut);
        self.edge = self.edge.saturating_sub(cut);
        if rules.own.finds() {
            self.own.forget(cut);
        }
        for value in &mut self.pending {
            value.found.start -= cut;
            value.found.end -= cut;
        }
        if let Some(open) = &mut self.tail {
            open.piece = open.piece.map(|piece| piece.saturating_sub(cut));
        }
    }
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
