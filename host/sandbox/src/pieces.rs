//! How texts become batches for a redactor: long ones in pieces, and not too much at once.

use crate::limits::{BATCH_BYTES, BATCH_TEXTS, PIECE_BYTES, PIECE_OVERLAP_BYTES};

/// A part of a text, or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Index of the text.
    pub(crate) text: usize,
    /// Where in the text the piece begins, in bytes.
    pub(crate) start: usize,
    /// How many of its first bytes were in the piece before.
    pub(crate) seen: usize,
    pub(crate) content: &'a str,
}

/// Cuts a text into pieces, each repeating the end of the one before, so that what lies across a cut is
/// whole in one of them.
pub(crate) fn cut(text: usize, content: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut next = Some((0, 0));
    std::iter::from_fn(move || {
        let (start, seen) = next?;
        let rest = content.get(start..)?;
        let piece = rest.split_at(rest.floor_char_boundary(PIECE_BYTES)).0;
        let end = start + piece.len();
        next = (end < content.len()).then(|| {
            let again = content.floor_char_boundary(end.saturating_sub(PIECE_OVERLAP_BYTES));
            (again, end - again)
        });
        Some(Piece {
            text,
            start,
            seen,
            content: piece,
        })
    })
}

/// Splits pieces into batches within the limits, in order.
pub(crate) fn batches<'p, 'a>(pieces: &'p [Piece<'a>]) -> impl Iterator<Item = &'p [Piece<'a>]> {
    let mut rest = pieces;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = rest.iter().take(BATCH_TEXTS).take_while(|piece| {
            bytes += piece.content.len();
            bytes <= BATCH_BYTES
        });
        // A piece alone always fits.
        let (batch, after) = rest.split_at(fits.count());
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_one_piece() {
        let pieces: Vec<Piece<'_>> = cut(3, "hello").collect();
        assert_eq!(
            pieces,
            [Piece {
                text: 3,
                start: 0,
                seen: 0,
                content: "hello"
            }]
        );
        assert_eq!(cut(0, "").count(), 1);
    }

    proptest! {
        #[test]
        fn pieces_cover_the_text_and_repeat_what_they_say(
            unit in prop::sample::select(vec!["a", "ñ", "€x", "🙂"]),
            times in 0_usize..30_000,
        ) {
            let text = unit.repeat(times);
            let mut covered = 0;
            for piece in cut(0, &text) {
                prop_assert!(piece.content.len() <= PIECE_BYTES);
                prop_assert_eq!(piece.start + piece.seen, covered);
                prop_assert_eq!(&text[piece.start..piece.start + piece.content.len()], piece.content);
                covered = piece.start + piece.content.len();
            }
            prop_assert_eq!(covered, text.len());
        }

        #[test]
        fn batches_keep_the_order_and_the_limits(lengths in prop::collection::vec(0_usize..PIECE_BYTES, 0..200)) {
            let text = "a".repeat(PIECE_BYTES);
            let pieces: Vec<Piece<'_>> = lengths
                .iter()
                .enumerate()
                .map(|(index, &length)| Piece { text: index, start: 0, seen: 0, content: &text[..length] })
                .collect();
            let mut joined = Vec::new();
            for batch in batches(&pieces) {
                prop_assert!(batch.len() <= BATCH_TEXTS);
                prop_assert!(batch.iter().map(|piece| piece.content.len()).sum::<usize>() <= BATCH_BYTES);
                joined.extend_from_slice(batch);
            }
            prop_assert_eq!(joined, pieces);
        }
    }
}
