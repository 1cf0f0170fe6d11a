//! Ids of letters and digits that a country gives out: a written form, and a check of it.

mod americas;
mod asia;
mod europe;
mod form;
mod germany;
mod starts;

use super::context::{Context, alone};
use crate::class::{ALNUM, WORD};
use crate::scan::{Found, Hit, Input};
use crate::word::Word;
use form::{Fit, Written};

/// How sure a form that passed its check is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// In running text.
    Anywhere,
    /// In running text where it is written in parts; else as [`Sure::Alone`].
    InParts,
    /// As the whole text, or where a word tells.
    Alone,
    /// Where a word tells.
    Announced,
}

/// One id.
struct Id {
    kind: u16,
    /// See [`form`].
    forms: &'static [&'static str],
    sure: Sure,
    /// What announces it, in lower case.
    words: &'static [&'static str],
    /// Over the capitals and digits of it.
    check: fn(&[u8]) -> bool,
}

const FAMILIES: [&[Id]; 4] = [americas::IDS, asia::IDS, germany::IDS, europe::IDS];
const COUNT: usize = count();
/// Every form, with its place in [`FAMILIES`].
static FORMS: [Form; COUNT] = forms();

#[derive(Clone, Copy)]
struct Form {
    family: u8,
    id: u8,
    form: &'static str,
}

const fn count() -> usize {
    let (mut total, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut id = 0;
        while id < FAMILIES[family].len() {
            total += FAMILIES[family][id].forms.len();
            id += 1;
        }
        family += 1;
    }
    total
}

const fn forms() -> [Form; COUNT] {
    let mut all = [Form {
        family: 0,
        id: 0,
        form: "",
    }; COUNT];
    let (mut to, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut id = 0;
        while id < FAMILIES[family].len() {
            let mut form = 0;
            while form < FAMILIES[family][id].forms.len() {
                all[to] = Form {
                    family: family as u8,
                    id: id as u8,
                    form: FAMILIES[family][id].forms[form],
                };
                to += 1;
                form += 1;
            }
            id += 1;
        }
        family += 1;
    }
    all
}

/// The forms that can begin with `word`, as bits.
pub(crate) fn starting(input: &Input<'_>, at: usize, word: Word) -> u128 {
    let bytes = input.bytes;
    let all = starts::by_length(bytes, at, word.end);
    if all == 0 || input.lets(false) {
        return all;
    }
    all & starts::by_signs(bytes, at, word.end)
}

/// An id that begins at `at` in one of the forms of `left`.
pub(crate) fn find(input: &Input<'_>, at: usize, mut left: u128) -> Found {
    let mut more = false;
    let mut near = None;
    while left != 0 {
        let form = &FORMS[left.trailing_zeros() as usize];
        left &= left - 1;
        let id = &FAMILIES[usize::from(form.family)][usize::from(form.id)];
        match judge(input, at, id, form.form, &mut near) {
            Verdict::No => {}
            Verdict::More => more = true,
            // A form before this one may still turn out to fit.
            Verdict::Yes(_) if more => return Found::More(at),
            Verdict::Yes(end) => {
                return Found::Hit(Hit {
                    start: at,
                    end,
                    kind: id.kind,
                    tail: None,
                });
            }
        }
    }
    if more { Found::More(at) } else { Found::None }
}

enum Verdict {
    No,
    /// More of the text is needed.
    More,
    Yes(usize),
}

/// Judges one form. `near` is what stands around the text that was judged last: most forms end at one place.
fn judge<'i>(
    input: &'i Input<'i>,
    at: usize,
    id: &Id,
    form: &str,
    near: &mut Option<Context<'i>>,
) -> Verdict {
    let bytes = input.bytes;
    let written = match form::fit(form.as_bytes(), bytes, at) {
        Fit::No => return Verdict::No,
        Fit::Cut if input.complete || input.rules.is_off(id.kind) => return Verdict::No,
        Fit::Cut => {
            // Small letters count only where a word told before.
            let lower = bytes[at..].iter().any(u8::is_ascii_lowercase);
            let told = || Context::new(input, at, at).names(id.words);
            return if !lower || told() {
                Verdict::More
            } else {
                Verdict::No
            };
        }
        Fit::Yes(written) => written,
    };
    let end = written.end;
    match &bytes[end..] {
        [] | [_] if !input.complete => {
            let open = bytes.get(end).is_none_or(|byte| matches!(byte, b'-'));
            if open {
                return Verdict::More;
            }
        }
        _ => {}
    }
    let goes_on = match bytes[end..] {
        [b'-', next, ..] => ALNUM.has(next),
        [next, ..] => WORD.has(next) || next >= 0x80,
        [] => false,
    };
    if goes_on || input.rules.is_off(id.kind) || !(id.check)(written.text()) {
        return Verdict::No;
    }
    if is_free(input, at, id, &written) {
        return Verdict::Yes(end);
    }
    let near = match near {
        Some(near) if near.ends_at(end) => near,
        _ => near.insert(Context::new(input, at, end)),
    };
    match near.announces(id.kind, id.words) {
        Some(true) => Verdict::Yes(end),
        Some(false) => Verdict::No,
        None => Verdict::More,
    }
}

/// Whether no word is needed.
fn is_free(input: &Input<'_>, at: usize, id: &Id, written: &Written) -> bool {
    let running = match id.sure {
        Sure::Anywhere => true,
        Sure::InParts => written.grouped,
        Sure::Alone | Sure::Announced => false,
    };
    (running && !written.lower)
        || (id.sure != Sure::Announced
            && (alone(input, at, written.end) || among_its_like(input, id.kind)))
}

/// Whether the whole text is a list of ids of this kind.
fn among_its_like(input: &Input<'_>, kind: u16) -> bool {
    const LIST: usize = 128;
    let fits = |word: &[u8]| {
        let ids = FAMILIES.into_iter().flatten().filter(|id| id.kind == kind);
        ids.flat_map(|id| id.forms.iter().map(move |form| (id, form)))
            .any(|(id, form)| match form::fit(form.as_bytes(), word, 0) {
                Fit::Yes(written) => written.end == word.len() && (id.check)(written.text()),
                _ => false,
            })
    };
    input.whole
        && input.bytes.len() < LIST
        && input
            .bytes
            .split(|byte| matches!(byte, b' ' | b',' | b';' | b'\n'))
            .filter(|word| !word.is_empty())
            .all(fits)
}

fn digits(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    text.iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| byte - b'0')
}

fn value(text: &[u8]) -> u64 {
    digits(text).fold(0, |value, digit| value * 10 + u64::from(digit))
}

/// Months and days of a date in two digits each.
fn is_date(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// `A` is 10, `B` 11, and so on.
fn number_of(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte) - u32::from(b'A') + 10,
    }
}

fn any(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::{Options, Rules, SourceState};

    /// A text of the form; the same number gives the same text.
    fn text(form: &str, mut number: u64) -> String {
        let mut next = |set: &[u8]| {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(set[(number >> 33) as usize % set.len()])
        };
        form.bytes()
            .filter_map(|part| match part {
                b'?' => None,
                b'A' => Some(next(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
                b'9' => Some(next(b"0123456789")),
                b'*' => Some(next(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")),
                exact => Some(char::from(exact.to_ascii_uppercase())),
            })
            .collect()
    }

    /// What a rule set finds, as kinds.
    fn kinds(text: &str) -> Vec<String> {
        let rules = Rules::new(&Options::default()).unwrap();
        let mut found = Vec::new();
        rules.find(text, &mut SourceState::default(), &mut found);
        let name = |one: &crate::Match| rules.kinds()[usize::from(one.kind)].to_string();
        found.iter().map(name).collect()
    }

    #[test]
    fn every_check_takes_every_text_of_its_forms() {
        for form in &FORMS {
            let id = &FAMILIES[usize::from(form.family)][usize::from(form.id)];
            for number in 0..2000 {
                let text = text(form.form, number);
                let fit = form::fit(form.form.as_bytes(), text.as_bytes(), 0);
                assert!(matches!(fit, Fit::Yes(_)), "{text} is of {}", form.form);
                if let Fit::Yes(written) = fit {
                    (id.check)(written.text());
                }
            }
        }
    }

    #[test]
    fn an_announced_form_is_hidden_before_and_behind_its_word() {
        for form in &FORMS {
            let id = &FAMILIES[usize::from(form.family)][usize::from(form.id)];
            let fits = |number: &u64| match form::fit(
                form.form.as_bytes(),
                text(form.form, *number).as_bytes(),
                0,
            ) {
                Fit::Yes(written) => (id.check)(written.text()),
                _ => false,
            };
            let number = (0..40_000).find(fits).unwrap();
            let (text, word) = (text(form.form, number), id.words[0]);
            for line in [
                format!("the {word}: {text}."),
                format!("{text} is what the {word} says"),
            ] {
                let found = kinds(&line);
                assert_eq!(found.len(), 1, "{line}: {found:?}");
            }
        }
    }

    #[test]
    fn a_list_goes_on_in_the_kind_that_a_word_announced() {
        assert_eq!(
            kinds("Plaka 34 ABC 123, 06 JK 567 ve 35 A 1234"),
            ["vehicle-plate"; 3]
        );
        assert!(kinds("see 34 ABC 123 and 06 JK 567").is_empty());
    }

    #[test]
    fn a_number_between_takes_the_word_behind() {
        assert_eq!(kinds("AAA123456 of 12 seats, passport"), [""; 0]);
    }
}
