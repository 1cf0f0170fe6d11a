//! Payment cards.

use super::context::Context;
use super::number::{Group, Groups, counts_something};
use crate::anchor::structural;
use crate::checksum::luhn;
use crate::scan::Input;

const CARD: u16 = structural("payment-card");

/// Thirteen to nineteen digits of a known issuer with a right check digit, in the usual groups.
pub(super) fn find(
    input: &Input<'_>,
    near: &Context<'_>,
    at: usize,
    found: &Groups,
) -> Option<(usize, u16)> {
    if input.rules.is_off(CARD) {
        return None;
    }
    for take in (1..=found.len()).rev() {
        let digits = found.digits(usize::from(found.digit_count(take)));
        if !(13..=19).contains(&digits.len()) {
            continue;
        }
        let shape = found.shape();
        let uniform = take == 1 || found.joined_alike(take, &[Group::Blank, Group::Dash]);
        let grouped = take == 1
            || matches!(
                shape[..take],
                [4, 4, 4, 4]
                    | [4, 4, 4, 4, 3]
                    | [4, 6, 5]
                    | [4, 6, 4]
                    | [4, 4, 4, 1..=3]
                    | [6, 13]
                    | [8, 8]
                    | [4, 4, 4, 4, 1..=2]
            );
        if !uniform || !grouped || !luhn(digits) || digits.iter().all(|&digit| digit == digits[0]) {
            continue;
        }
        let announced = || {
            near.names(&[
                "card",
                "credit",
                "debit",
                "visa",
                "mastercard",
                "amex",
                "pan",
                "cc",
                "kreditkarte",
                "carte",
                "tarjeta",
                "maestro",
                "payment",
            ])
        };
        if issuer(digits) && !(take == 1 && counts_something(input, at)) || announced() {
            return Some((found.end(take), CARD));
        }
    }
    None
}

fn issuer(digits: &[u8]) -> bool {
    let prefix = |count: usize| {
        digits[..count]
            .iter()
            .fold(0u32, |value, &digit| value * 10 + u32::from(digit))
    };
    match digits.len() {
        14 => matches!(prefix(3), 300..=305 | 309 | 360..=369 | 380..=399),
        15 => matches!(prefix(2), 34 | 37) || matches!(prefix(4), 2131 | 1800),
        16 => {
            digits[0] == 4
                || matches!(prefix(2), 51..=55 | 65)
                || matches!(prefix(4), 2221..=2720 | 6011 | 3528..=3589 | 2200..=2204)
                || matches!(prefix(3), 644..=649 | 508 | 606 | 607)
                || matches!(prefix(2), 62 | 81)
                || matches!(prefix(4), 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763)
        }
        17..=19 => {
            matches!(prefix(2), 62)
                || matches!(prefix(4), 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763)
                || (digits.len() == 19 && digits[0] == 4)
        }
        _ => false,
    }
}
