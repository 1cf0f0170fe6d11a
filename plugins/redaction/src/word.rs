//! Words and their digits, a block of bytes at a time.
//!
//! In WebAssembly each turn of a loop also looks whether the call has spent its time, so that a loop over single
//! bytes costs more there than anywhere else. Sixteen bytes at once are one instruction of its vectors; elsewhere
//! eight bytes in a register do.

use crate::class::{DIGIT, WORD};

/// A run of letters, digits and underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it ends.
    pub(crate) end: usize,
    /// How many digits are in it.
    pub(crate) digits: usize,
}

impl Word {
    /// The word that begins at `from`.
    #[inline(always)]
    pub(crate) fn at(bytes: &[u8], from: usize) -> Self {
        // Nearly every word ends in its first block. No loop here: around one the compiler of the sandbox would put
        // the vectors that bytes are compared with on the stack, for every word.
        if let Some(block) = bytes[from..].first_chunk() {
            let lanes = Lanes::of(block);
            let ends = !lanes.word & ALL;
            if ends != 0 {
                // The lanes below the first one that is no part of the word.
                let inside = (ends & ends.wrapping_neg()).wrapping_sub(1);
                let length = (ends.trailing_zeros() / LANE_BITS) as usize;
                crate::count::steps(length + 1);
                return Self {
                    end: from + length,
                    digits: count(lanes.digit & inside),
                };
            }
        }
        Self::long(bytes, from)
    }

    /// A word that is longer than a block, or near the end of the text.
    #[inline(never)]
    fn long(bytes: &[u8], from: usize) -> Self {
        let mut digits = 0;
        let mut at = from;
        while let Some(block) = bytes[at..].first_chunk() {
            let lanes = Lanes::of(block);
            if lanes.word & ALL != ALL {
                break;
            }
            digits += count(lanes.digit);
            at += BLOCK;
        }
        let left = bytes.len() - at;
        match bytes.last_chunk() {
            // The last block of the text, less what of it stands before the word.
            Some(block) if (1..BLOCK).contains(&left) => {
                let lanes = Lanes::of(block);
                let before = (BLOCK - left) as u32 * LANE_BITS;
                let ends = !(lanes.word >> before) & ALL;
                let inside = (ends & ends.wrapping_neg()).wrapping_sub(1);
                digits += count(lanes.digit >> before & inside);
                at += (ends.trailing_zeros() / LANE_BITS) as usize;
            }
            _ => {
                while at < bytes.len() && WORD.has(bytes[at]) {
                    digits += usize::from(DIGIT.has(bytes[at]));
                    at += 1;
                }
            }
        }
        crate::count::steps(at - from + 1);
        Self { end: at, digits }
    }
}

/// Which bytes of a block belong to words, and which are digits: the highest bit of each lane says it.
struct Lanes {
    word: u64,
    digit: u64,
}

#[cfg(not(target_arch = "wasm32"))]
use swar::{ALL, BLOCK, LANE_BITS, count};
#[cfg(target_arch = "wasm32")]
use vector::{ALL, BLOCK, LANE_BITS, count};

#[cfg(not(target_arch = "wasm32"))]
mod swar {
    use super::Lanes;

    pub(super) const BLOCK: usize = 8;
    pub(super) const LANE_BITS: u32 = 8;
    pub(super) const ALL: u64 = 0x8080_8080_8080_8080;

    /// How many lanes are set: one multiplication adds them up. Not every processor can count bits.
    #[inline(always)]
    pub(super) fn count(lanes: u64) -> usize {
        ((lanes >> 7).wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize
    }

    impl Lanes {
        /// Compares eight bytes at once: adding to seven bits carries into the eighth from a bound on.
        #[inline(always)]
        pub(super) fn of(block: &[u8; BLOCK]) -> Self {
            const fn each(byte: u8) -> u64 {
                u64::from_le_bytes([byte; 8])
            }
            let raw = u64::from_le_bytes(*block);
            let low = raw & !ALL;
            let within = |lanes: u64, first: u8, last: u8| {
                (lanes + each(0x80 - first)) & !(lanes + each(0x7f - last)) & ALL & !raw
            };
            let digit = within(low, b'0', b'9');
            let letter = within(low | each(0x20), b'a', b'z');
            let underscore = within(low, b'_', b'_');
            Self {
                word: digit | letter | underscore,
                digit,
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod vector {
    use core::arch::wasm32::{
        i64x2, u8x16_bitmask, u8x16_eq, u8x16_le, u8x16_splat, u8x16_sub, v128, v128_or,
    };

    use super::Lanes;

    pub(super) const BLOCK: usize = 16;
    pub(super) const LANE_BITS: u32 = 1;
    pub(super) const ALL: u64 = 0xffff;

    /// How many lanes are set.
    #[inline(always)]
    pub(super) fn count(lanes: u64) -> usize {
        lanes.count_ones() as usize
    }

    impl Lanes {
        #[inline(always)]
        pub(super) fn of(block: &[u8; BLOCK]) -> Self {
            let half = |from: usize| {
                let mut eight = [0; 8];
                eight.copy_from_slice(&block[from..from + 8]);
                i64::from_le_bytes(eight)
            };
            let raw = i64x2(half(0), half(8));
            let within = |lanes: v128, first: u8, last: u8| {
                u8x16_le(
                    u8x16_sub(lanes, u8x16_splat(first)),
                    u8x16_splat(last - first),
                )
            };
            let digit = within(raw, b'0', b'9');
            let letter = within(v128_or(raw, u8x16_splat(0x20)), b'a', b'z');
            let underscore = u8x16_eq(raw, u8x16_splat(b'_'));
            Self {
                word: u64::from(u8x16_bitmask(v128_or(digit, v128_or(letter, underscore)))),
                digit: u64::from(u8x16_bitmask(digit)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Word;
    use crate::class::{DIGIT, WORD};

    #[test]
    fn blocks_are_classified_as_single_bytes_are() {
        for byte in 0..=255u8 {
            for at in 0..20 {
                let mut text = *b"abcdefgh12klmnopqr34uv";
                text[at] = byte;
                let end = text.iter().position(|&byte| !WORD.has(byte));
                let end = end.unwrap_or(text.len());
                let digits = text[..end].iter().filter(|&&byte| DIGIT.has(byte)).count();
                assert_eq!(Word::at(&text, 0), Word { end, digits }, "{byte} at {at}");
            }
        }
    }
}
