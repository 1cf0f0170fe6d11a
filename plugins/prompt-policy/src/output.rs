//! Reviews an answer as it streams: secrets are masked, repetition of the system prompt ends it.
//!
//! Two reviewers read the same text and each says how far it may be shown; the lesser counts. Masks
//! that reach beyond it wait for the rest.

use std::collections::VecDeque;

use mini_llm_chat_redaction_rules::{Match, Rules, Stream};

use crate::leak::{Leak, LeakDetector, Seen};
use crate::rules::{CANARY, LEAK, SECRET};
use crate::types::{Finding, Span, Step};

/// One answer under review.
#[derive(Debug)]
pub(crate) struct Output {
    secrets: Option<Stream>,
    leaks: Option<LeakDetector>,
    /// Leaks end the answer; else they are only reported.
    cuts: bool,
    reported: [bool; 2],
    masks: VecDeque<Match>,
    /// Bytes of the answer that were received, that the secrets' reviewer let go, and that were shown.
    received: usize,
    cleared: usize,
    shown: usize,
    ended: bool,
}

impl Output {
    pub(crate) fn new(secrets: bool, leaks: Option<LeakDetector>, cuts: bool) -> Self {
        Self {
            secrets: secrets.then(Stream::new),
            leaks,
            cuts,
            reported: [false; 2],
            masks: VecDeque::new(),
            received: 0,
            cleared: 0,
            shown: 0,
            ended: false,
        }
    }

    /// Takes the next delta.
    pub(crate) fn push(&mut self, rules: &Rules, delta: &str) -> Step {
        if self.ended {
            return Step::default();
        }
        let seen = self.leaks.as_mut().and_then(|leaks| leaks.push(delta));
        let mut step = Step::default();
        match seen {
            Some(seen) if self.cuts => self.cut(rules, delta, seen, &mut step),
            seen => {
                if let Some(seen) = seen {
                    self.report(seen.leak, &mut step);
                    // Once reported there is nothing more to see.
                    self.leaks = None;
                }
                self.take(rules, delta);
                let held = self
                    .leaks
                    .as_ref()
                    .filter(|_| self.cuts)
                    .map_or(self.received, LeakDetector::shown);
                self.release(held.min(self.cleared), &mut step);
            }
        }
        step
    }

    /// Ends the answer. What could still become a match is shown only where it is complete.
    pub(crate) fn end(&mut self, rules: &Rules, complete: bool) -> Step {
        let mut step = Step::default();
        if self.ended {
            return step;
        }
        self.ended = true;
        self.finish(rules, complete);
        let held = match self.leaks.as_ref().filter(|_| self.cuts && !complete) {
            Some(leaks) => leaks.shown(),
            None => self.received,
        };
        self.release(held.min(self.cleared), &mut step);
        step
    }

    /// The secrets' reviewer sees nothing beyond the character that decided: so the cut does not
    /// depend on what else came with the same delta.
    fn cut(&mut self, rules: &Rules, delta: &str, seen: Seen, step: &mut Step) {
        let decided = seen.decided.saturating_sub(self.received).min(delta.len());
        self.take(rules, delta.get(..decided).unwrap_or(delta));
        self.finish(rules, false);
        self.ended = true;
        self.release(seen.show.min(self.cleared), step);
        self.report(seen.leak, step);
        step.cut = Some(number(seen.leak));
    }

    fn take(&mut self, rules: &Rules, delta: &str) {
        self.received += delta.len();
        let Some(stream) = &mut self.secrets else {
            self.cleared = self.received;
            return;
        };
        let mut found = Vec::new();
        let released = stream.push(rules, delta, &mut found);
        self.clear(released, found);
    }

    fn finish(&mut self, rules: &Rules, complete: bool) {
        if let Some(stream) = &mut self.secrets {
            let mut found = Vec::new();
            let released = stream.end(rules, complete, &mut found);
            self.clear(released, found);
        }
    }

    fn clear(&mut self, released: usize, found: Vec<Match>) {
        let base = self.cleared;
        self.masks.extend(found.into_iter().map(|m| Match {
            start: base + m.start,
            end: base + m.end,
            kind: m.kind,
        }));
        self.cleared = (base + released).min(self.received);
    }

    /// Shows the answer up to an offset, with the masks inside.
    fn release(&mut self, to: usize, step: &mut Step) {
        let to = to.max(self.shown);
        let offset = |at: usize| u32::try_from(at - self.shown).unwrap_or(u32::MAX);
        while let Some(mask) = self.masks.front_mut() {
            let (start, end) = (mask.start.max(self.shown), mask.end.min(to));
            if start < end {
                step.mask.push(Span {
                    start: offset(start),
                    end: offset(end),
                    kind: mask.kind,
                });
            }
            if mask.end > to {
                break;
            }
            self.masks.pop_front();
        }
        if !step.mask.is_empty() {
            step.findings.push(Finding {
                rule: SECRET,
                score: 100,
            });
        }
        step.release = offset(to);
        self.shown = to;
    }

    fn report(&mut self, leak: Leak, step: &mut Step) {
        let reported = &mut self.reported[usize::from(leak == Leak::Canary)];
        if !*reported {
            *reported = true;
            step.findings.push(Finding {
                rule: number(leak),
                score: 100,
            });
        }
    }
}

fn number(leak: Leak) -> u16 {
    match leak {
        Leak::Text => LEAK,
        Leak::Canary => CANARY,
    }
}
