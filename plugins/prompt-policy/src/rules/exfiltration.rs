//! Exfiltration: what the assistant knows is to leave through a link, an image or a message.

use super::matcher::{Pattern, pattern, word};
use super::{EXFILTRATION, Hit, Points};
use crate::lexicon::class::*;

pub(crate) const PATTERNS: &[Pattern] = &[
    // send the conversation to https://...
    pattern(
        60,
        &[word(SEND, 0), word(CONVERSATION | SECRET, 5), word(LINK, 6)],
    ),
    pattern(
        40,
        &[
            word(SEND, 0),
            word(LINK, 5),
            word(CONVERSATION | SECRET, 10),
        ],
    ),
    pattern(
        45,
        &[
            word(LINK, 0),
            word(SEND | NEW, 6),
            word(CONVERSATION | SECRET, 6),
        ],
    ),
    pattern(
        35,
        &[
            word(REVEAL, 0),
            word(LINK, 4),
            word(LINK, 4),
            word(CONVERSATION | SECRET | PROMPT, 12),
        ],
    ),
];

/// A placeholder in a URL's query is a slot for stolen text: `?q={history}`.
const SLOTS: [&str; 8] = ["={", "=[", "=<", "=$", "={{", "=%s", "=...", "=___"];

/// As much of an address is looked at, in bytes.
const LONGEST_ADDRESS: usize = 512;

/// Markdown images whose address has a slot, and addresses that end where data is to be appended.
pub(crate) fn review_links(folded: &str, points: &mut Points, hits: &mut Vec<Hit>) {
    let mut rest = folded;
    while let Some(at) = rest.find("http") {
        let (before, address) = rest.split_at(at);
        rest = &address[4..];
        if !(address.starts_with("http://") || address.starts_with("https://")) {
            continue;
        }
        let end = address
            .bytes()
            .take(LONGEST_ADDRESS)
            .position(|b| b.is_ascii_whitespace());
        let Some(address) = address.get(..end.unwrap_or(address.len().min(LONGEST_ADDRESS))) else {
            continue;
        };
        if !address.contains('?') {
            continue;
        }
        let image = before.ends_with("](");
        let open = address
            .trim_end_matches([')', '"', '\'', '.', ','])
            .ends_with('=');
        if open || SLOTS.iter().any(|slot| address.contains(slot)) {
            points.add(EXFILTRATION, if image { 75.0 } else { 45.0 });
            hits.push(Hit {
                rule: EXFILTRATION,
                pattern: 100 + u16::from(image),
            });
            return;
        }
    }
}
