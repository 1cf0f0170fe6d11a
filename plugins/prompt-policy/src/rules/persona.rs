//! Role play that lifts rules: "you are DAN, free of all restrictions".
//!
//! A role alone is honest work; each pattern here is a sign, and it takes several.

use super::matcher::{Pattern, both, pattern, word};
use crate::lexicon::class::*;

pub(crate) const PATTERNS: &[Pattern] = &[
    // act as an unrestricted ...
    pattern(40, &[word(PERSONA, 0), word(UNBOUND, 8)]),
    pattern(32, &[word(MACHINE, 0), word(UNBOUND, 6)]),
    pattern(42, &[word(UNBOUND, 0), word(MACHINE, 5)]),
    pattern(35, &[word(UNBOUND, 0), word(UNBOUND | HARMFUL, 3)]),
    // an assistant without rules
    pattern(52, &[word(MACHINE, 0), word(NOT, 6), word(LIMITS, 5)]),
    pattern(50, &[word(YOU, 0), word(NOT, 4), word(LIMITS, 4)]),
    pattern(20, &[word(NOT, 0), word(LIMITS, 5)]),
    pattern(
        32,
        &[word(NOT, 0), word(OBEY, 3), word(LIMITS | INSTRUCTIONS, 6)],
    ),
    pattern(
        28,
        &[
            word(NOT, 0),
            both(LIMITS, LIMITS, 4),
            both(LIMITS, LIMITS, 4),
        ],
    ),
    pattern(38, &[word(FREED, 0), word(LIMITS, 6)]),
    // do anything now, DAN
    pattern(
        60,
        &[word(OBEY, 0), both(ANYTHING, ANYTHING, 1), word(NOW, 1)],
    ),
    pattern(22, &[word(ALIAS, 0)]),
    pattern(25, &[word(PERSONA | MACHINE, 0), word(ALIAS, 5)]),
    // developer mode
    pattern(32, &[both(PRIVILEGED, PRIVILEGED, 0), word(MODE, 1)]),
    pattern(
        45,
        &[
            word(ENABLE | PERSONA | NOW, 0),
            word(PRIVILEGED, 4),
            word(MODE, 2),
        ],
    ),
    // stay in character
    pattern(18, &[word(STAY, 0), word(CHARACTER, 3)]),
    pattern(28, &[word(NEG_STAY, 0), word(STAY, 3), word(CHARACTER, 2)]),
    // never refuse
    pattern(25, &[word(NOT, 0), word(REFUSE, 4)]),
    pattern(
        35,
        &[
            both(NOT, NOT, 0),
            both(REFUSE, REFUSE, 3),
            word(REQUEST | ANYTHING | ALL, 3),
        ],
    ),
    // two answers to each question
    pattern(30, &[word(TWO, 0), word(ANSWER, 4)]),
    pattern(30, &[word(ANSWER, 0), word(TWO, 7), word(TWO, 3)]),
    pattern(
        40,
        &[
            word(ANSWER, 0),
            both(ANYTHING, ANYTHING, 2),
            word(REQUEST, 2),
        ],
    ),
    // can say anything, illegal and unethical
    pattern(
        30,
        &[
            word(MAY, 0),
            word(ANSWER | OBEY | MAKE, 3),
            word(ANYTHING, 2),
        ],
    ),
    pattern(25, &[word(HARMFUL, 0), word(HARMFUL, 3)]),
    pattern(30, &[word(ANYTHING | ALL, 0), word(HARMFUL, 4)]),
    // pretend to be a model
    pattern(25, &[word(PERSONA, 0), word(MACHINE, 6)]),
    pattern(20, &[word(MACHINE, 0), word(CHARACTER, 3)]),
    // you are to break the rules
    pattern(30, &[word(IGNORE | UNDO, 0), both(LIMITS, LIMITS, 3)]),
    pattern(20, &[word(SWEAR, 0)]),
    pattern(
        15,
        &[word(YOU, 0), word(NOW, 4), word(CHARACTER | PERSONA, 6)],
    ),
    pattern(
        25,
        &[word(NOT, 0), word(LIMITS, 3), word(NOT, 4), word(LIMITS, 3)],
    ),
];

/// Words that forbid leaving the role.
const NEG_STAY: u64 = NOT;
