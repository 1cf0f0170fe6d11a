//! Patterns over word classes: a row of classes, each within a few words of the one before, inside
//! one sentence. The nearest word wins, so the work is bounded by the words times the gaps.

use crate::lexicon::class::{ABOUT, Classes, IGNORE, MINE};
use crate::normalise::Token;

/// One word of a pattern.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The word has at least one of these classes.
    pub(crate) any: Classes,
    /// And, where not zero, at least one of these too.
    pub(crate) and: Classes,
    /// At most this many words after the one before; 1 is the next word.
    pub(crate) within: u8,
}

/// A row of words and what it weighs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    /// Evidence in points, 1 to 100.
    pub(crate) points: u8,
    /// At least one.
    pub(crate) steps: &'static [Step],
}

/// A word of any of these classes, at most `within` words on.
pub(crate) const fn word(any: Classes, within: u8) -> Step {
    Step {
        any,
        and: 0,
        within,
    }
}

/// A word that has a class of each set, at most `within` words on.
pub(crate) const fn both(any: Classes, and: Classes, within: u8) -> Step {
    Step { any, and, within }
}

/// A pattern of so many points.
pub(crate) const fn pattern(points: u8, steps: &'static [Step]) -> Pattern {
    Pattern { points, steps }
}

/// What a match is worth where the sentence talks about such words instead of using them.
const TALKED_ABOUT: f32 = 0.45;
/// So far before a match a word like "explain" or "why" counts as talking about it.
const LOOK_BACK: usize = 8;
/// So far after a verb of setting aside "my" says whose words are meant.
const LOOK_AHEAD: usize = 3;

/// The words of a text that mean something: most do not.
#[derive(Debug)]
pub(crate) struct Known {
    /// Union of all classes.
    classes: Classes,
    /// Place among the tokens, and classes.
    words: Vec<(usize, Classes)>,
}

impl Known {
    pub(crate) fn of(tokens: &[Token]) -> Self {
        let words = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.classes != 0);
        Self {
            classes: tokens.iter().fold(0, |all, token| all | token.classes),
            words: words.map(|(i, token)| (i, token.classes)).collect(),
        }
    }
}

/// How strong the pattern's best match is: 1 in plain use, less where it is only talked about.
///
/// Most patterns end at the classes that no word of the text has.
pub(crate) fn find(pattern: &Pattern, tokens: &[Token], known: &Known) -> Option<f32> {
    if pattern
        .steps
        .iter()
        .any(|step| step.any & known.classes == 0)
    {
        return None;
    }
    let (first, rest) = pattern.steps.split_first()?;
    let mut best: Option<f32> = None;
    for &(i, classes) in &known.words {
        if classes & first.any == 0 || (first.and != 0 && classes & first.and == 0) {
            continue;
        }
        if follows(rest, tokens, i) {
            let strength = strength(tokens, i, first.any);
            if strength >= 1.0 {
                return Some(strength);
            }
            best = Some(best.map_or(strength, |b| b.max(strength)));
        }
    }
    best
}

fn follows(steps: &[Step], tokens: &[Token], mut at: usize) -> bool {
    for step in steps {
        let sentence = tokens[at].sentence;
        let next = tokens[at + 1..]
            .iter()
            .take(usize::from(step.within))
            .take_while(|t| t.sentence == sentence)
            .position(|t| {
                t.classes & step.any != 0 && (step.and == 0 || t.classes & step.and != 0)
            });
        match next {
            Some(offset) => at += 1 + offset,
            None => return false,
        }
    }
    true
}

/// Words that explain, ask or report, shortly before in the same sentence, or quotation marks around
/// the match alone, make it a mention.
fn strength(tokens: &[Token], at: usize, first: Classes) -> f32 {
    if first & ABOUT != 0 {
        return 1.0;
    }
    let sentence = tokens[at].sentence;
    let about = tokens[..at]
        .iter()
        .rev()
        .take(LOOK_BACK)
        .take_while(|t| t.sentence == sentence)
        .any(|t| t.classes & ABOUT != 0 && !t.quoted);
    // "Ignore my previous message" takes back one's own words.
    let own = first & IGNORE != 0
        && tokens[at + 1..]
            .iter()
            .take(LOOK_AHEAD)
            .any(|t| t.classes & MINE != 0);
    if about || own { TALKED_ABOUT } else { 1.0 }
}
