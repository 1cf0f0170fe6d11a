//! National ids that are digits alone. Most need their grouping, a telling word, or to stand alone.

mod europe;
mod world;

use super::context::Context;
use super::number::{Group, Groups, is_alone};
use crate::anchor::national as kind;
use crate::scan::{Found, Hit, Input};

/// One id: its kind, the groups it is written in, words that announce it, and the check.
struct Id {
    kind: u16,
    /// Lengths of groups; empty where it is written in one.
    shapes: &'static [&'static [u8]],
    /// The grouping alone is telling enough in running text.
    telling: bool,
    /// May stand alone as plain digits: has a date or two check digits.
    plain: bool,
    /// A word is needed also where it is the whole text: nothing but its grouping and one digit at most tell.
    always_announced: bool,
    words: &'static [&'static str],
    /// How many digits it has, as bits.
    lengths: u32,
    check: fn(&[u8]) -> bool,
}

/// An id that a word has to announce, in groups of these lengths or in one.
const fn announced(
    name: &str,
    shapes: &'static [&'static [u8]],
    words: &'static [&'static str],
    check: fn(&[u8]) -> bool,
) -> Id {
    Id {
        kind: kind(name),
        shapes,
        telling: false,
        plain: false,
        always_announced: false,
        words,
        lengths: totals(shapes),
        check,
    }
}

/// How many digits groups of these lengths have together, as bits.
const fn totals(shapes: &[&[u8]]) -> u32 {
    let (mut totals, mut at) = (0, 0);
    while at < shapes.len() {
        let (mut total, mut group) = (0, 0);
        while group < shapes[at].len() {
            total += shapes[at][group];
            group += 1;
        }
        totals |= 1 << total;
        at += 1;
    }
    totals
}

impl Id {
    /// Also where it is written in its groups.
    const fn in_groups(self) -> Self {
        Self {
            telling: true,
            ..self
        }
    }

    /// It has this many digits, too.
    const fn of(self, digits: u32) -> Self {
        Self {
            lengths: self.lengths | 1 << digits,
            ..self
        }
    }

    /// Not without a word.
    const fn never_alone(self) -> Self {
        Self {
            always_announced: true,
            ..self
        }
    }

    /// Also where it is the whole text.
    const fn alone(self) -> Self {
        Self {
            plain: true,
            ..self
        }
    }
}

const PROVIDER: u16 = kind("us-npi");
const FAMILIES: [&[Id]; 2] = [world::IDS, europe::IDS];
/// By the number of digits: the ids that have so many, as bits, in the order of [`FAMILIES`].
static BY_DIGITS: [u128; MOST + 1] = by_digits();
const EVERY_ID: u128 = (1 << (world::IDS.len() + europe::IDS.len())) - 1;
/// The longest number that is an id.
const MOST: usize = 18;
/// The shortest.
const LEAST: usize = 8;

const fn by_digits() -> [u128; MOST + 1] {
    let mut table = [0; MOST + 1];
    let (mut family, mut bit) = (0, 0);
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            let mut digits = 0;
            while digits <= MOST {
                if FAMILIES[family][at].lengths >> digits & 1 == 1 {
                    table[digits] |= 1 << bit;
                }
                digits += 1;
            }
            at += 1;
            bit += 1;
        }
        family += 1;
    }
    table
}

fn id(bit: usize) -> &'static Id {
    let first = FAMILIES[0];
    first
        .get(bit)
        .unwrap_or_else(|| &FAMILIES[1][bit - first.len()])
}

/// The id that the groups from `at` on are.
#[inline(never)]
pub(crate) fn grouped(input: &Input<'_>, near: &Context<'_>, at: usize, found: &Groups) -> Found {
    let digits = found.all();
    if !(LEAST..=MOST).contains(&digits.len()) {
        return Found::None;
    }
    let shape = found.shape();
    let lengths = &shape[..found.len()];
    let alone = is_alone(input, at, found);
    let dashes = found.separated_by(&[Group::Dash]);
    let slash = found.separated_by(&[Group::Slash]);
    let even = dashes || slash || found.separated_by(&[Group::Blank]) || lengths.len() >= 4;
    let end = found.end(found.len());
    let hit = |kind| {
        Found::Hit(Hit {
            start: at,
            end,
            kind,
            tail: None,
        })
    };
    let plain = lengths.len() == 1;
    let mut more = false;
    let mut left = BY_DIGITS[digits.len()];
    if input.lets(false) {
        left = EVERY_ID;
    }
    while left != 0 {
        let id = id(left.trailing_zeros() as usize);
        left &= left - 1;
        let shaped = !plain && id.shapes.contains(&lengths);
        if !(shaped || plain) || !(id.check)(digits) || input.rules.is_off(id.kind) {
            continue;
        }
        let telling = shaped && id.telling && even && (lengths.len() > 2 || dashes || slash);
        let free = telling
            || (shaped && even && alone && !id.always_announced)
            || (plain && id.plain && alone && !is_epoch(digits));
        match free
            .then_some(true)
            .or_else(|| near.announces(id.kind, id.words))
        {
            Some(true) if more => return Found::More(at),
            Some(true) => return hit(id.kind),
            Some(false) => {}
            None => more = true,
        }
    }
    // A provider's number alone: ten digits that are no time of day.
    if plain && alone && world::npi(digits) && !is_epoch(digits) && !input.rules.is_off(PROVIDER) {
        return hit(PROVIDER);
    }
    if more { Found::More(at) } else { Found::None }
}

/// Seconds or milliseconds since 1970 of the years 2001 to 2040.
fn is_epoch(digits: &[u8]) -> bool {
    matches!(digits.len(), 10 | 13)
        && (digits[0] == 1 && digits[1] >= 2 || digits[0] == 2 && digits[1] <= 2)
}

fn date(month: &[u8], day: &[u8]) -> bool {
    let month = month[0] * 10 + month[1];
    let day = day[0] * 10 + day[1];
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn not_uniform(digits: &[u8]) -> bool {
    digits.iter().any(|&digit| digit != digits[0])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::{Options, Rules, SourceState};

    #[test]
    fn a_number_without_a_checksum_needs_a_word_before_or_behind() {
        let rules = Rules::new(&Options::default()).unwrap();
        let hidden = |text: &str| {
            let mut found = Vec::new();
            rules.find(text, &mut SourceState::default(), &mut found);
            found.len()
        };
        assert_eq!(hidden("EIN 12-3456789"), 1);
        assert_eq!(hidden("12-3456789 is our EIN"), 1);
        assert_eq!(hidden("12-3456789"), 0);
        assert_eq!(hidden("part 12-3456789, EIN follows"), 0);
    }

    #[test]
    fn every_check_takes_numbers_of_every_length_and_only_its_own_fit() {
        let mut state = 1u64;
        for length in LEAST..=MOST {
            for _ in 0..2000 {
                let mut digits = [0u8; MOST];
                for digit in &mut digits[..length] {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    *digit = ((state >> 33) % 10) as u8;
                }
                for id in FAMILIES.into_iter().flatten() {
                    let fits = (id.check)(&digits[..length]);
                    assert!(!fits || id.lengths >> length & 1 == 1, "{length} digits");
                }
            }
        }
    }
}
