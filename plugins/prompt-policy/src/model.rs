//! A small linear model over hashed features, scored beside the rules.
//!
//! Rules see what they were written for; the model sees wording in general. It is a logistic
//! regression whose weights are one byte each, trained by `examples/train_model.rs` with the very
//! feature extraction below, so that the two cannot drift apart. Words count by themselves, in pairs and as letter groups;
//! word classes count in pairs, which carries over to languages it has not seen.

use crate::lexicon::class::Classes;
use crate::normalise::Token;
use crate::rules::Hit;

/// Buckets of the hashed features, a power of two.
pub(crate) const BUCKETS: usize = 1 << 15;
/// Bytes before the weights: bias and step, each a little-endian `f32`.
const HEADER: usize = 8;
/// Words beyond this many say nothing new.
const MOST_TOKENS: usize = 4_000;
/// Letters in a letter group.
const GROUP: usize = 4;

static WEIGHTS: &[u8; HEADER + BUCKETS] = include_bytes!("../train/weights.bin");

/// The set of features of a text.
pub(crate) struct Features {
    seen: Vec<u64>,
    buckets: Vec<u16>,
}

impl Features {
    /// Buckets that the text fills, each once, in order of first sight.
    pub(crate) fn buckets(&self) -> &[u16] {
        &self.buckets
    }

    fn add(&mut self, kind: u32, a: u32, b: u32) {
        let mut hash = kind.wrapping_mul(0x9E37_79B1) ^ a;
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B) ^ b.rotate_left(13);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
        hash ^= hash >> 16;
        let bucket = hash as usize & (BUCKETS - 1);
        let bit = 1 << (bucket % 64);
        if self.seen[bucket / 64] & bit == 0 {
            self.seen[bucket / 64] |= bit;
            self.buckets.push(bucket as u16);
        }
    }
}

/// Extracts the features of a folded, tokenised text and of the patterns that matched in it.
pub(crate) fn features(folded: &str, tokens: &[Token], hits: &[Hit]) -> Features {
    let mut features = Features {
        seen: vec![0; BUCKETS / 64],
        buckets: Vec::with_capacity(1024),
    };
    let (mut word, mut first) = (1, true);
    let mut class: (Classes, usize) = (0, 0);
    for (i, token) in tokens.iter().take(MOST_TOKENS).enumerate() {
        let text = folded
            .as_bytes()
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default();
        let next = hash_bytes(text);
        features.add(1, next, 0);
        features.add(2, word, next);
        if first {
            features.add(3, next, 0);
        }
        first = false;
        word = next;
        if token.classes != 0 {
            let (low, high) = halves(token.classes);
            features.add(4, low, high);
            if class.0 != 0 && i - class.1 <= 4 {
                let (before_low, before_high) = halves(class.0);
                features.add(
                    5,
                    before_low ^ before_high.rotate_left(7),
                    low ^ high.rotate_left(17),
                );
            }
            class = (token.classes, i);
        }
        letters(text, &mut features);
    }
    for hit in hits {
        features.add(6, u32::from(hit.rule), u32::from(hit.pattern));
    }
    features.add(
        7,
        tokens.len().min(MOST_TOKENS).checked_ilog2().unwrap_or(0),
        0,
    );
    features
}

fn halves(classes: Classes) -> (u32, u32) {
    (classes as u32, (classes >> 32) as u32)
}

fn hash_bytes(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// Letter groups of a word with its borders.
fn letters(word: &[u8], features: &mut Features) {
    if word.len() < 3 {
        return;
    }
    let mut window = u32::from(b'^');
    for (i, &byte) in word.iter().chain(b"$").enumerate() {
        window = (window << 8) | u32::from(byte);
        if i + 2 >= GROUP {
            features.add(8, window, 0);
        }
    }
}

/// The model's log-odds that the text is an attempt to break the rules.
pub(crate) fn score(features: &Features) -> f32 {
    let bias = f32::from_le_bytes([WEIGHTS[0], WEIGHTS[1], WEIGHTS[2], WEIGHTS[3]]);
    let step = f32::from_le_bytes([WEIGHTS[4], WEIGHTS[5], WEIGHTS[6], WEIGHTS[7]]);
    let sum: i32 = features
        .buckets
        .iter()
        .map(|bucket| i32::from(WEIGHTS[HEADER + usize::from(*bucket)].cast_signed()))
        .sum();
    bias + step * sum as f32 * scale(features.buckets.len())
}

/// Makes long and short texts comparable: each text's features have length one.
pub(crate) fn scale(features: usize) -> f32 {
    1.0 / (features.max(1) as f32).sqrt()
}
