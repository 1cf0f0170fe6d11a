//! Ranges of text to hide: are they valid, what do several plugins hide together, and how it looks.
//!
//! A plugin only points. The host checks every range before it touches the text, and hides the union of
//! what all plugins point at: a plugin can add to what is hidden, never take away.

use std::ops::Range;
use std::sync::Arc;

use crate::contract::Span;
use crate::fault::Nonsense;

/// A checked range of a text and the name of what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Arc<str>,
}

impl Mask {
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

/// Checks the spans that a plugin returned for `text`: sorted, disjoint, not empty, inside the text, on
/// character boundaries, of a kind that it declared.
pub(crate) fn check(text: &str, spans: &[Span], kinds: &[Arc<str>]) -> Result<Vec<Mask>, Nonsense> {
    let mut end_before = 0;
    let check_one = |span: &Span| {
        let range = offset(span.start)..offset(span.end);
        if range.is_empty() {
            return Err(Nonsense::EmptySpan);
        }
        if range.start < end_before {
            return Err(Nonsense::Unsorted);
        }
        if range.end > text.len() {
            return Err(Nonsense::OutOfRange);
        }
        if !text.is_char_boundary(range.start) || !text.is_char_boundary(range.end) {
            return Err(Nonsense::OffBoundary);
        }
        let kind = kinds.get(usize::from(span.kind)).ok_or(Nonsense::Index)?;
        end_before = range.end;
        Ok(Mask {
            range,
            kind: Arc::clone(kind),
        })
    };
    spans.iter().map(check_one).collect()
}

/// An offset from a plugin as one into memory.
pub(crate) fn offset(from_plugin: u32) -> usize {
    usize::try_from(from_plugin).unwrap_or(usize::MAX)
}

/// The union of masks from several plugins as disjoint masks, sorted.
///
/// Where masks overlap, the bytes belong to the one that starts first, and at the same start to the one
/// that is given first. So what is shown does not depend on how a stream was cut into steps: a mask
/// that is already partly shown started before all that come. Touching masks of one kind become one.
pub(crate) fn union(mut masks: Vec<Mask>) -> Vec<Mask> {
    masks.sort_by_key(|mask| mask.range.start);
    let mut united: Vec<Mask> = Vec::with_capacity(masks.len());
    for mut mask in masks {
        if let Some(last) = united.last_mut() {
            mask.range.start = mask.range.start.max(last.range.end);
            if mask.range.is_empty() {
                continue;
            }
            if mask.range.start == last.range.end && mask.kind == last.kind {
                last.range.end = mask.range.end;
                continue;
            }
        }
        united.push(mask);
    }
    united
}

/// What stands in the place of something hidden.
pub(crate) fn marker(kind: &str) -> String {
    format!("[redacted:{kind}]")
}

/// The text with each mask replaced by its marker. The masks come from [`union`].
pub(crate) fn apply(text: &str, masks: &[Mask]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for mask in masks {
        shown.push_str(text.get(from..mask.range.start).unwrap_or_default());
        shown.push_str(&marker(&mask.kind));
        from = mask.range.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    fn kinds() -> Vec<Arc<str>> {
        vec!["key".into(), "mail".into()]
    }

    fn span(start: u32, end: u32, kind: u16) -> Span {
        Span { start, end, kind }
    }

    fn mask(start: usize, end: usize, kind: &str) -> Mask {
        Mask {
            range: start..end,
            kind: kind.into(),
        }
    }

    #[test]
    fn each_kind_of_nonsense_is_refused_by_its_name() {
        let refused = |spans: &[Span]| check("añb", spans, &kinds()).unwrap_err();
        assert_eq!(refused(&[span(1, 1, 0)]), Nonsense::EmptySpan);
        assert_eq!(refused(&[span(3, 1, 0)]), Nonsense::EmptySpan);
        assert_eq!(refused(&[span(0, 5, 0)]), Nonsense::OutOfRange);
        assert_eq!(refused(&[span(0, u32::MAX, 0)]), Nonsense::OutOfRange);
        assert_eq!(refused(&[span(0, 2, 0)]), Nonsense::OffBoundary);
        assert_eq!(refused(&[span(2, 3, 0)]), Nonsense::OffBoundary);
        assert_eq!(refused(&[span(0, 1, 2)]), Nonsense::Index);
        assert_eq!(refused(&[span(0, 3, 0), span(1, 4, 0)]), Nonsense::Unsorted);
        assert_eq!(refused(&[span(3, 4, 0), span(0, 1, 0)]), Nonsense::Unsorted);
    }

    #[test]
    fn touching_masks_of_one_kind_show_as_one_marker() {
        let masks = union(vec![
            mask(0, 2, "key"),
            mask(2, 4, "key"),
            mask(4, 5, "mail"),
        ]);
        assert_eq!(apply("aabbcd", &masks), "[redacted:key][redacted:mail]d");
    }

    #[test]
    fn overlaps_belong_to_the_mask_that_starts_first() {
        let masks = union(vec![
            mask(2, 8, "mail"),
            mask(0, 5, "key"),
            mask(3, 4, "mail"),
        ]);
        assert_eq!(masks, [mask(0, 5, "key"), mask(5, 8, "mail")]);
    }

    proptest! {
        #[test]
        fn the_union_hides_exactly_what_someone_hides(
            ranges in prop::collection::vec((0_usize..60, 1_usize..20, 0_usize..2), 0..12),
        ) {
            let names = kinds();
            let masks: Vec<Mask> = ranges
                .iter()
                .map(|&(start, len, kind)| Mask { range: start..start + len, kind: Arc::clone(&names[kind]) })
                .collect();
            let united = union(masks.clone());
            for at in 0..80 {
                let before = masks.iter().any(|mask| mask.range.contains(&at));
                let after = united.iter().filter(|mask| mask.range.contains(&at)).count();
                prop_assert_eq!(usize::from(before), after);
            }
        }
    }
}
