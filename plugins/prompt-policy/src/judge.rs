//! Judges one text: every reading of it, by rules and model, to one score.

use crate::lexicon::table;
use crate::model;
use crate::normalise::{Folded, decode, fold, tokenise};
use crate::rules::{self, ENCODED, HIDDEN, Hit, Points, SCORED};

/// Readings of readings: base64 in base64, as deep as this.
const DEPTH: usize = 3;
/// Decoded bytes that are judged in all; more adds nothing a person would type.
const DECODED_BYTES: usize = 64 * 1024;
/// Fewest common English words that make a rotated or reversed reading likely.
const TELLTALE_WORDS: usize = 2;
/// Invisible characters between letters that are taken for hiding.
const INVISIBLE: usize = 6;
/// The score that a carried reading needs for the carrying to count.
const PAYLOAD_SCORE: f32 = 30.0;

/// What was seen in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    /// By rule.
    pub(crate) points: Points,
    /// Log-odds of the model.
    pub(crate) logit: f32,
}

/// How much the model moves the rules' score, in points per unit of log-odds.
const MODEL_GAIN: f32 = 20.0;
/// It never takes away more than this, so that a strong rule decides alone.
const MODEL_LEAST: f32 = -20.0;
/// It may decide alone.
const MODEL_MOST: f32 = 85.0;

/// With fewer words the model does not decide alone: `hi` has too few features to be like anything.
const MODEL_WORDS: usize = 4;
/// Log-odds that add 20 points to what the rules say.
const MODEL_LOGIT_OF_FEW_WORDS: f32 = 1.0;

impl Evidence {
    /// 0 to 100: all rules that are switched on and, where `with_model`, the model.
    pub(crate) fn score(&self, counts: impl Fn(u16) -> bool, with_model: bool) -> f32 {
        let doubt: f32 = (0..SCORED as u16)
            .filter(|rule| counts(*rule))
            .map(|rule| 1.0 - self.points.of(rule) / 100.0)
            .product();
        let rules = 100.0 * (1.0 - doubt);
        let model = if with_model { self.model_points() } else { 0.0 };
        (rules + model).clamp(0.0, 100.0)
    }

    /// The model's opinion alone, 0 to 100.
    pub(crate) fn chance(&self) -> f32 {
        100.0 / (1.0 + (-self.logit).exp())
    }

    /// What the model adds or takes away.
    pub(crate) fn model_points(&self) -> f32 {
        (self.logit * MODEL_GAIN).clamp(MODEL_LEAST, MODEL_MOST)
    }
}

/// Judges a text and what it carries.
pub(crate) fn judge(text: &str) -> Evidence {
    let folded = fold(text);
    let mut evidence = reading(&folded.text);
    hidden(text, &folded, &mut evidence);
    let mut budget = DECODED_BYTES;
    for carried in carried(text, &folded.text, &mut budget, DEPTH) {
        let inner = reading(&fold(&carried).text);
        let score = inner.score(|_| true, true);
        if score >= PAYLOAD_SCORE {
            evidence.points = evidence.points.strongest(inner.points);
            evidence.points.add(ENCODED, score.max(60.0));
            evidence.logit = evidence.logit.max(inner.logit);
        }
    }
    evidence
}

/// One reading by rules and model.
fn reading(folded: &str) -> Evidence {
    let tokens = tokenise(folded);
    let (mut points, mut hits) = (Points::default(), Vec::<Hit>::new());
    rules::review(&tokens, &mut points, &mut hits);
    rules::review_marks(folded, &mut points, &mut hits);
    let mut logit = model::score(&model::features(folded, &tokens, &hits));
    if tokens.len() < MODEL_WORDS {
        logit = logit.min(MODEL_LOGIT_OF_FEW_WORDS);
    }
    Evidence { points, logit }
}

/// The features of a text's plain reading, for training.
pub(crate) fn features(text: &str) -> model::Features {
    let folded = fold(text).text;
    let tokens = tokenise(&folded);
    let (mut points, mut hits) = (Points::default(), Vec::new());
    rules::review(&tokens, &mut points, &mut hits);
    rules::review_marks(&folded, &mut points, &mut hits);
    model::features(&folded, &tokens, &hits)
}

/// Text in characters that no screen shows, and letters split by such characters.
fn hidden(text: &str, folded: &Folded, evidence: &mut Evidence) {
    if folded.hidden.len() >= 4 {
        let inner = reading(&fold(&folded.hidden).text);
        evidence.points = evidence.points.strongest(inner.points);
        evidence.logit = evidence.logit.max(inner.logit);
        evidence.points.add(HIDDEN, 65.0);
    }
    if !text.is_ascii() && splits(text) >= INVISIBLE {
        evidence.points.add(HIDDEN, 35.0);
    }
}

/// Invisible characters between two Latin letters, where no script needs them.
fn splits(text: &str) -> usize {
    let mut count = 0;
    let mut chars = text.chars();
    let (mut before, mut here) = (chars.next(), chars.next());
    for after in chars {
        let split = matches!(
            here,
            Some('\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{AD}' | '\u{FEFF}')
        );
        count += usize::from(split && before.is_some_and(|c| c.is_ascii()) && after.is_ascii());
        (before, here) = (here, Some(after));
    }
    count
}

/// Readings that the text carries.
fn carried(text: &str, folded: &str, budget: &mut usize, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    if depth == 0 {
        return found;
    }
    for reading in [
        decode::base64(text),
        decode::hex(text),
        decode::escapes(text),
    ] {
        if !reading.is_empty() && reading.len() <= *budget {
            *budget -= reading.len();
            found.extend(carried(&reading, &fold(&reading).text, budget, depth - 1));
            found.push(reading);
        }
    }
    let (rotated, backwards) = telltale(folded);
    for (reading, likely) in [
        (decode::rot13 as fn(&str) -> String, rotated),
        (decode::reversed, backwards),
    ] {
        if likely && folded.len() <= *budget {
            *budget -= folded.len();
            found.push(reading(folded));
        }
    }
    found
}

/// Common words of English attempts, rotated by 13 and reversed, as hashes.
const ROTATED: [u32; 14] = hashes([
    "gur",
    "lbhe",
    "nyy",
    "naq",
    "lbh",
    "vafgehpgvbaf",
    "vtaber",
    "flfgrz",
    "cebzcg",
    "erirny",
    "ehyrf",
    "cerivbhf",
    "sbetrg",
    "abj",
]);
const REVERSED: [u32; 14] = hashes([
    "eht",
    "ruoy",
    "lla",
    "dna",
    "uoy",
    "snoitcurtsni",
    "erongi",
    "metsys",
    "tpmorp",
    "laever",
    "selur",
    "suoiverp",
    "tegrof",
    "won",
]);

const fn hashes(words: [&str; 14]) -> [u32; 14] {
    let mut out = [0; 14];
    let mut i = 0;
    while i < words.len() {
        let bytes = words[i].as_bytes();
        let (mut hash, mut j) = (table::start(), 0);
        while j < bytes.len() {
            hash = table::extend(hash, bytes[j]);
            j += 1;
        }
        out[i] = hash;
        i += 1;
    }
    out
}

/// Bits of the low six bits of all of them: most words end here.
const TELLTALES: u64 = bits(&ROTATED) | bits(&REVERSED);

const fn bits(hashes: &[u32; 14]) -> u64 {
    let (mut bits, mut i) = (0, 0);
    while i < hashes.len() {
        bits |= 1 << (hashes[i] & 63);
        i += 1;
    }
    bits
}

/// Whether a folded text reads like one that was rotated, and like one that was reversed: enough common
/// words of each kind. One pass, since nearly every text is neither.
fn telltale(folded: &str) -> (bool, bool) {
    let (mut rotated, mut reversed) = (0, 0);
    let (mut hash, mut len) = (table::start(), 0);
    for byte in folded.bytes().chain([b' ']) {
        if byte.is_ascii_alphabetic() {
            hash = table::extend(hash, byte);
            len += 1;
        } else if len != 0 {
            if len >= 3 && TELLTALES >> (hash & 63) & 1 == 1 {
                rotated += usize::from(ROTATED.contains(&hash));
                reversed += usize::from(REVERSED.contains(&hash));
            }
            (hash, len) = (table::start(), 0);
        }
    }
    (rotated >= TELLTALE_WORDS, reversed >= TELLTALE_WORDS)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_greeting_or_a_single_word_is_never_refused_by_the_model_alone() {
        for greetings in [
            "hi",
            "hey",
            "hello",
            "continue",
            "go on",
            "yes please",
            "ok thanks",
        ] {
            let score = judge(greetings).score(|_| true, true);
            assert!(score < 50.0, "{greetings}: {score}");
        }
    }
}
