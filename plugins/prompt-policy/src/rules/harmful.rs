//! Harmful code, as far as the text shows it: a wish to make a program whose kind is harm.

use super::matcher::{Pattern, both, pattern, word};
use crate::lexicon::class::*;

pub(crate) const PATTERNS: &[Pattern] = &[
    // write a keylogger; an essay on keyloggers is further away
    pattern(50, &[both(MAKE, MAKE, 0), word(MALWARE, 2)]),
    pattern(30, &[both(MAKE, MAKE, 0), word(MALWARE, 4)]),
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
