//! Encoded payloads: the wish to decode and obey. The payload itself is judged after decoding, as if
//! it had been written plainly.

use super::matcher::{Pattern, both, pattern, word};
use crate::lexicon::class::*;

pub(crate) const PATTERNS: &[Pattern] = &[
    // decode this base64 and do what it says
    pattern(
        55,
        &[
            word(DECODE | ENCODING | REVERSED, 0),
            word(OBEY, 10),
            word(ABOUT | ANSWER | INSTRUCTIONS | NEW, 5),
        ],
    ),
    pattern(35, &[both(DECODE, DECODE, 0), word(OBEY, 10)]),
    pattern(
        40,
        &[
            word(OBEY | ANSWER, 0),
            both(DECODE | ENCODING, DECODE | ENCODING, 5),
            word(INSTRUCTIONS, 4),
        ],
    ),
];
