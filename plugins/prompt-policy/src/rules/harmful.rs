//! Harmful code, as far as the text shows it: a wish to make a program whose kind is harm.

use super::matcher::{Pattern, both, pattern, word};
use crate::lexicon::class::*;

pub(crate) const PATTERNS: &[Pattern] = &[
    pattern(50, &[both(MAKE, MAKE, 0), word(MALWARE, 4)]),
    pattern(20, &[word(MALWARE, 0), both(MAKE, MAKE, 4)]),
    pattern(
        30,
        &[
            both(MAKE, MAKE, 0),
            word(MALWARE, 5),
            word(NOT | SECRET | SEND, 8),
        ],
    ),
];
