//! The tables of the multi-pattern pass, all computed at compile time.
//!
//! Rows are indexed by the first two bytes of their anchors; those of one bucket are chained, longest anchor
//! first. Hashes of a word's first bytes turn nearly every word away before.

use crate::kinds::{FAMILIES, Row, STRUCTURAL, keyed, sized};
use crate::pii::NATIONAL;

pub(super) const ROW_COUNT: usize = count_rows();
pub(super) static ROWS: [Row; ROW_COUNT] = flatten();
/// Kind index of each row.
pub(super) static KIND_OF_ROW: [u16; ROW_COUNT] = kinds_of_rows();
const ANCHORED_KINDS: usize = count_kinds();
/// First row of each bucket, plus one.
pub(super) static BUCKETS: [u16; 4096] = INDEX.0;
/// Next row of the same bucket, plus one.
pub(super) static CHAIN: [u16; ROW_COUNT] = INDEX.1;
/// The first four bytes of each row's anchor, and which of them there are.
pub(super) static HEADS: [(u32, u32); ROW_COUNT] = heads();
const INDEX: ([u16; 4096], [u16; ROW_COUNT]) = index();
/// Which words may begin with an anchor, by a hash of their first four bytes, and of their first three for the anchors
/// that are shorter.
static FOURS: [u64; SLOTS] = beginnings(4);
static THREES: [u64; SLOTS] = beginnings(3);
/// So many that few other words share a bit with one of some hundred beginnings.
const SLOTS: usize = 256;

const fn count_rows() -> usize {
    let mut total = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        total += FAMILIES[family].len();
        family += 1;
    }
    total
}

const fn flatten() -> [Row; ROW_COUNT] {
    let mut rows = [sized("", "", crate::class::DIGIT, 0, 0, crate::shape::sure); ROW_COUNT];
    let mut to = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            rows[to] = FAMILIES[family][at];
            to += 1;
            at += 1;
        }
        family += 1;
    }
    rows
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Rows of one kind are neighbours in their family or at least in the same family.
const fn kinds_of_rows() -> [u16; ROW_COUNT] {
    let mut kinds = [0u16; ROW_COUNT];
    let mut next = 0u16;
    let mut base = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let rows = FAMILIES[family];
        let mut at = 0;
        while at < rows.len() {
            let mut before = 0;
            while before < at && !same(rows[before].kind, rows[at].kind) {
                before += 1;
            }
            if before < at {
                kinds[base + at] = kinds[base + before];
            } else {
                kinds[base + at] = next;
                next += 1;
            }
            at += 1;
        }
        base += rows.len();
        family += 1;
    }
    kinds
}

const fn count_kinds() -> usize {
    let kinds = kinds_of_rows();
    let mut most = 0;
    let mut at = 0;
    while at < ROW_COUNT {
        if kinds[at] as usize >= most {
            most = kinds[at] as usize + 1;
        }
        at += 1;
    }
    most
}

/// A number below 64 for each byte that names are made of; the others share one.
pub(super) static SYMBOLS: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let mut table = [63; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'_' => 62,
            _ => 63,
        };
        at += 1;
    }
    table
}

pub(super) const fn bucket(symbols: &[u8; 256], first: u8, second: u8) -> usize {
    symbols[first as usize] as usize * 64 + symbols[second as usize] as usize
}

const fn index() -> ([u16; 4096], [u16; ROW_COUNT]) {
    let (rows, symbols) = (flatten(), symbols());
    let mut buckets = [0u16; 4096];
    let mut chain = [0u16; ROW_COUNT];
    let mut at = 0;
    while at < ROW_COUNT {
        let anchor = rows[at].anchor.as_bytes();
        let home = bucket(&symbols, anchor[0], anchor[1]);
        let mut before = 0u16;
        let mut next = buckets[home];
        while next != 0 && rows[next as usize - 1].anchor.len() >= anchor.len() {
            before = next;
            next = chain[next as usize - 1];
        }
        chain[at] = next;
        if before == 0 {
            buckets[home] = at as u16 + 1;
        } else {
            chain[before as usize - 1] = at as u16 + 1;
        }
        at += 1;
    }
    (buckets, chain)
}

/// The beginnings of so many bytes. A shorter anchor has as many as there are bytes that can follow it.
const fn beginnings(bytes: usize) -> [u64; SLOTS] {
    let rows = flatten();
    let mut bits = [0; SLOTS];
    let mut at = 0;
    while at < ROW_COUNT {
        let anchor = rows[at].anchor.as_bytes();
        assert!(anchor.len() >= 2 && rows[at].min >= 1);
        let long = anchor.len() >= 4;
        if long == (bytes == 4) {
            let mut head = [anchor[0], anchor[1], 0, 0];
            let mut next = 0;
            while next < 256 {
                head[2] = if anchor.len() > 2 {
                    anchor[2]
                } else {
                    next as u8
                };
                head[3] = if long { anchor[3] } else { 0 };
                if anchor.len() > 2 || rows[at].set.has(head[2]) {
                    let (slot, bit) = place(u32::from_le_bytes(head));
                    bits[slot] |= 1 << bit;
                }
                next += 1;
            }
        }
        at += 1;
    }
    bits
}

/// By Fibonacci hashing: the factor is 2^32 divided by the golden ratio.
#[inline(always)]
const fn place(head: u32) -> (usize, u32) {
    let hash = head.wrapping_mul(0x9e37_79b9) >> (32 - SLOTS.trailing_zeros() - 6);
    ((hash >> 6) as usize, hash & 63)
}

/// Whether an anchor may begin with these bytes.
#[inline(always)]
pub(super) fn may_begin(head: [u8; 4]) -> bool {
    let head = u32::from_le_bytes(head);
    let (slot, bit) = place(head);
    let (short, short_bit) = place(head & 0x00ff_ffff);
    (FOURS[slot] >> bit | THREES[short] >> short_bit) & 1 == 1
}

const fn heads() -> [(u32, u32); ROW_COUNT] {
    let rows = flatten();
    let mut heads = [(0, 0); ROW_COUNT];
    let mut at = 0;
    while at < ROW_COUNT {
        let anchor = rows[at].anchor.as_bytes();
        let (mut head, mut mask) = ([0u8; 4], [0u8; 4]);
        let mut byte = 0;
        while byte < 4 && byte < anchor.len() {
            head[byte] = anchor[byte];
            mask[byte] = 0xff;
            byte += 1;
        }
        heads[at] = (u32::from_le_bytes(head), u32::from_le_bytes(mask));
        at += 1;
    }
    heads
}

/// All built-in kinds in the order of their indices.
pub(crate) fn kind_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::with_capacity(ANCHORED_KINDS + 160);
    for (row, &kind) in ROWS.iter().zip(&KIND_OF_ROW) {
        if usize::from(kind) == names.len() {
            names.push(row.kind);
        }
    }
    names.extend(STRUCTURAL);
    names.extend(NATIONAL);
    names.extend(keyed::PROVIDERS.iter().map(|&(_, kind)| kind));
    names
}

/// Index of a structural kind, at compile time.
pub(crate) const fn structural(name: &str) -> u16 {
    let mut at = 0;
    while at < STRUCTURAL.len() {
        if same(STRUCTURAL[at], name) {
            return (ANCHORED_KINDS + at) as u16;
        }
        at += 1;
    }
    u16::MAX
}

/// Index of a national id's kind, at compile time.
pub(crate) const fn national(name: &str) -> u16 {
    let mut at = 0;
    while at < NATIONAL.len() {
        if same(NATIONAL[at], name) {
            return (ANCHORED_KINDS + STRUCTURAL.len() + at) as u16;
        }
        at += 1;
    }
    u16::MAX
}

/// Index of the kind of the provider at `at` in [`keyed::PROVIDERS`].
pub(crate) fn provider(at: usize) -> u16 {
    (ANCHORED_KINDS + STRUCTURAL.len() + NATIONAL.len() + at) as u16
}
