//! What of an answer is held back, and what may be shown: the bookkeeping, without any WebAssembly.
//!
//! Every policy reads the same stream and releases it at its own pace, in a lane of its own. Shown is
//! what *all* have released, with everything hidden that *any* of them hides. Offsets here count from
//! the beginning of the answer, so that lanes can be compared.

use std::sync::Arc;

use crate::contract::Step;
use crate::fault::Nonsense;
use crate::limits;
use crate::span::{self, Mask};

/// The part of an answer that is not shown yet.
#[derive(Debug)]
pub(crate) struct Holdback {
    /// From offset `shown` on.
    held: String,
    shown: usize,
    lanes: Vec<Lane>,
    /// The kind of the marker that was shown last, if nothing was shown after it.
    open_marker: Option<Arc<str>>,
}

/// How far one policy is.
#[derive(Debug, Default)]
struct Lane {
    released: usize,
    masks: Vec<Mask>,
}

impl Lane {
    /// Adds a mask; one that touches the last of its kind goes on with it, so that its start stays
    /// where the secret starts, in however many steps it comes.
    fn add(&mut self, mask: Mask) {
        match self.masks.last_mut() {
            Some(last) if last.range.end == mask.range.start && last.kind == mask.kind => {
                last.range.end = mask.range.end;
            }
            _ => self.masks.push(mask),
        }
    }
}

impl Holdback {
    pub(crate) fn new(policies: usize) -> Self {
        Self {
            held: String::new(),
            shown: 0,
            lanes: std::iter::repeat_with(Lane::default)
                .take(policies)
                .collect(),
            open_marker: None,
        }
    }

    /// Adds what the model sent.
    pub(crate) fn push(&mut self, delta: &str) {
        self.held.push_str(delta);
    }

    /// Takes one policy's answer to a delta, or to the end. All or nothing: an invalid one changes nothing.
    pub(crate) fn step(
        &mut self,
        lane: usize,
        step: &Step,
        kinds: &[Arc<str>],
        rules: usize,
    ) -> Result<(), Nonsense> {
        if step.cut.is_some_and(|rule| usize::from(rule) >= rules) {
            return Err(Nonsense::Index);
        }
        if step.mask.len() > limits::SPANS_PER_REVIEW {
            return Err(Nonsense::TooManySpans);
        }
        let Some(lane) = self.lanes.get_mut(lane) else {
            return Ok(());
        };
        let pending = self
            .held
            .get(lane.released - self.shown..)
            .unwrap_or_default();
        let release = span::offset(step.release);
        if release > pending.len() {
            return Err(Nonsense::Release);
        }
        let released = pending.get(..release).ok_or(Nonsense::OffBoundary)?;
        let masks = span::check(released, &step.mask, kinds)?;
        let base = lane.released;
        masks
            .into_iter()
            .for_each(|mask| lane.add(mask.shifted(base)));
        lane.released += release;
        Ok(())
    }

    /// How much a policy holds back, in bytes.
    pub(crate) fn held_by(&self, lane: usize) -> usize {
        self.end() - self.released(lane)
    }

    /// Whether anything is not shown yet.
    pub(crate) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// How far a policy has released.
    pub(crate) fn released(&self, lane: usize) -> usize {
        self.lanes
            .get(lane)
            .map_or(self.shown, |lane| lane.released)
    }

    fn end(&self) -> usize {
        self.shown + self.held.len()
    }

    /// What may be shown now: released by all, and not behind `until`. Returns it with the number of markers in it.
    pub(crate) fn show(&mut self, until: Option<usize>) -> (String, u32) {
        let to = self.lanes.iter().map(|lane| lane.released).min();
        let to = to.unwrap_or(self.shown).min(until.unwrap_or(usize::MAX));
        let length = to.saturating_sub(self.shown);
        let text: String = self.held.drain(..length).collect();
        let shown = self.render(&text);
        self.shown += length;
        let from = self.shown;
        for lane in &mut self.lanes {
            // One that ends exactly here may go on.
            lane.masks.retain(|mask| mask.range.end >= from);
        }
        shown
    }

    fn render(&mut self, text: &str) -> (String, u32) {
        let all = self
            .lanes
            .iter()
            .flat_map(|lane| lane.masks.iter().cloned());
        let (from, to) = (self.shown, self.shown + text.len());
        let (mut shown, mut markers, mut at) = (String::with_capacity(text.len()), 0, from);
        for mask in span::union(all.collect()) {
            let (start, end) = (mask.range.start.max(from), mask.range.end.min(to));
            if start >= end {
                continue;
            }
            self.plain(text.get(at - from..start - from), &mut shown);
            if self.open_marker.as_ref() != Some(&mask.kind) {
                shown.push_str(&span::marker(&mask.kind));
                markers += 1;
                self.open_marker = Some(mask.kind);
            }
            at = end;
        }
        self.plain(text.get(at - from..), &mut shown);
        (shown, markers)
    }

    fn plain(&mut self, text: Option<&str>, shown: &mut String) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            shown.push_str(text);
            self.open_marker = None;
        }
    }

    /// Drops what is held.
    pub(crate) fn drop_held(&mut self) {
        self.held.clear();
        for lane in &mut self.lanes {
            lane.released = self.shown;
            lane.masks.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::contract::Span;

    fn step(release: u32, mask: &[(u32, u32)]) -> Step {
        Step {
            release,
            mask: mask
                .iter()
                .map(|&(start, end)| Span {
                    start,
                    end,
                    kind: 0,
                })
                .collect(),
            cut: None,
            findings: Vec::new(),
        }
    }

    fn take(holdback: &mut Holdback, lane: usize, step: &Step) -> Result<(), Nonsense> {
        holdback.step(lane, step, &["key".into()], 1)
    }

    #[test]
    fn only_what_all_have_released_is_shown() {
        let mut holdback = Holdback::new(2);
        holdback.push("hello");
        take(&mut holdback, 0, &step(5, &[])).unwrap();
        take(&mut holdback, 1, &step(2, &[])).unwrap();
        assert_eq!(holdback.show(None).0, "he");
        take(&mut holdback, 1, &step(3, &[])).unwrap();
        assert_eq!(holdback.show(None).0, "llo");
    }

    #[test]
    fn a_mask_that_goes_on_over_steps_is_one_marker() {
        let mut holdback = Holdback::new(1);
        let mut shown = String::new();
        for (delta, masks) in [
            ("a12", vec![(1, 3)]),
            ("34", vec![(0, 2)]),
            ("5 b", vec![(0, 1)]),
        ] {
            holdback.push(delta);
            let release = u32::try_from(delta.len()).unwrap();
            take(&mut holdback, 0, &step(release, &masks)).unwrap();
            shown += &holdback.show(None).0;
        }
        assert_eq!(shown, "a[redacted:key] b");
    }

    #[test]
    fn masks_of_a_slower_policy_still_count() {
        let mut holdback = Holdback::new(2);
        holdback.push("secret!");
        take(&mut holdback, 0, &step(7, &[])).unwrap();
        assert_eq!(holdback.show(None), (String::new(), 0));
        take(&mut holdback, 1, &step(7, &[(0, 6)])).unwrap();
        assert_eq!(holdback.show(None), ("[redacted:key]!".to_owned(), 1));
    }

    #[test]
    fn an_invalid_step_is_refused_and_changes_nothing() {
        let mut holdback = Holdback::new(1);
        holdback.push("añb");
        assert_eq!(
            take(&mut holdback, 0, &step(5, &[])),
            Err(Nonsense::Release)
        );
        assert_eq!(
            take(&mut holdback, 0, &step(2, &[])),
            Err(Nonsense::OffBoundary)
        );
        assert_eq!(
            take(&mut holdback, 0, &step(1, &[(0, 3)])),
            Err(Nonsense::OutOfRange)
        );
        let cut = Step {
            cut: Some(1),
            ..step(0, &[])
        };
        assert_eq!(take(&mut holdback, 0, &cut), Err(Nonsense::Index));
        assert_eq!(holdback.held_by(0), 4);
        assert_eq!(holdback.show(None).0, "");
    }

    #[test]
    fn nothing_behind_a_cut_is_shown() {
        let mut holdback = Holdback::new(2);
        holdback.push("one two");
        take(&mut holdback, 0, &step(3, &[])).unwrap();
        take(&mut holdback, 1, &step(7, &[])).unwrap();
        assert_eq!(holdback.show(Some(holdback.released(0))).0, "one");
        holdback.drop_held();
        assert_eq!(holdback.held_by(1), 0);
    }
}
