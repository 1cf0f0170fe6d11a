//! Going through a trail from its first row, to its end or to the first row that is not as it was written.
//!
//! Every altered trail is found at its first altered row; how it was altered is read from what still fits
//! together, and is the simplest story, not a proof: whoever makes many changes can make one look like another.

use std::collections::HashMap;
use std::fmt;

use super::row::link;
use super::{ChainKey, Checkpoint, Head, Link, Row};

/// How many rows that were taken out and closed up over are recognised as such.
const MAX_CLOSED_UP: u64 = 256;

/// Where a trail is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {sequence} {how}")]
pub struct Break {
    /// The first row that is wrong or missing.
    pub sequence: u64,
    /// In what way.
    pub how: How,
}

/// In what way a row is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A field is not what was sealed, or was never sealed with the audit key.
    Changed,
    /// It and those up to that one are missing, with their numbers or closed up.
    Removed {
        /// The last one that is missing.
        through: u64,
    },
    /// It was never sealed here: the next row belongs in its place.
    Inserted,
    /// It was sealed at another place of the trail.
    Reordered,
    /// It and all that followed are missing, though they were there.
    CutTail {
        /// The last one that is known to have been there.
        through: u64,
        /// A signed checkpoint says so; otherwise the database's own note of the end.
        signed: bool,
    },
    /// The chain fits, but a checkpoint signed something else: it or a row before it was written anew.
    Rewritten,
    /// It was sealed with a key that is not given.
    UnknownKey {
        /// The key's id, as the row has it.
        key: String,
    },
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("was changed"),
            Self::Removed { through } => write!(f, "was removed (missing up to row {through})"),
            Self::Inserted => f.write_str("was inserted"),
            Self::Reordered => f.write_str("does not stand in its place"),
            Self::CutTail { through, signed } => {
                let witness = if *signed {
                    "a signed checkpoint"
                } else {
                    "the database's note of the end"
                };
                write!(
                    f,
                    "is missing with all after it: {witness} knows row {through}"
                )
            }
            Self::Rewritten => f.write_str(
                "is not the one that a checkpoint signed: it or a row before it was written anew",
            ),
            Self::UnknownKey { key } => {
                write!(f, "is sealed with the key {key:?}, which is not given")
            }
        }
    }
}

/// A trail that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its end.
    pub head: Head,
    /// The last row that a checkpoint signed; 0 for none. Later rows could be cut off unseen.
    pub signed: u64,
    /// Checkpoints that were compared.
    pub checkpoints: usize,
    /// Turns that began and did not end, with the row of their beginning, in order.
    pub unended: Vec<(u64, String)>,
}

/// Takes the rows of one trail in order.
#[derive(Debug)]
pub struct Verifier<'k> {
    keys: Option<&'k [ChainKey]>,
    /// In descending order, so that the next one is last.
    checkpoints: Vec<Checkpoint>,
    compared: usize,
    signed: u64,
    head: Head,
    doubt: Option<Doubt>,
    open: HashMap<String, u64>,
}

/// Something is wrong; what exactly depends on what comes next.
#[derive(Debug)]
enum Doubt {
    /// These rows are missing, or come later.
    Gap { from: u64, through: u64 },
    /// This row does not fit.
    Row(Box<Row>),
}

impl<'k> Verifier<'k> {
    /// For the trail of that first link. Without `keys` only links and checkpoints are looked at: then a trail is
    /// proven up to the last checkpoint and no further. The `checkpoints` are of this trail, and their signatures
    /// are good.
    #[must_use]
    pub fn new(
        trail: Link,
        keys: Option<&'k [ChainKey]>,
        mut checkpoints: Vec<Checkpoint>,
    ) -> Self {
        checkpoints.sort_unstable_by_key(|it| std::cmp::Reverse(it.head.sequence));
        Self {
            keys,
            checkpoints,
            compared: 0,
            signed: 0,
            head: Head::first(trail),
            doubt: None,
            open: HashMap::new(),
        }
    }

    /// The next row.
    ///
    /// # Errors
    /// The first [`Break`], as soon as it is clear. Rows that come after it are not taken.
    pub fn push(&mut self, row: Row) -> Result<(), Break> {
        match &self.doubt {
            Some(Doubt::Gap { from, .. }) if row.sequence == *from => {
                return Err(broken(*from, How::Reordered));
            }
            Some(Doubt::Gap { .. }) => return Ok(()),
            Some(Doubt::Row(bad)) => {
                return Err(broken(bad.sequence, self.explain(bad, Some(&row))));
            }
            None => {}
        }
        let expected = self.head.sequence.saturating_add(1);
        if row.sequence < expected {
            return Err(broken(row.sequence, How::Inserted));
        }
        if row.sequence > expected {
            self.doubt = Some(Doubt::Gap {
                from: expected,
                through: row.sequence - 1,
            });
            return Ok(());
        }
        if !fits(self.head.link, row.sequence, &row) || self.is_sealed(&row)? == Some(false) {
            self.doubt = Some(Doubt::Row(Box::new(row)));
            return Ok(());
        }
        self.head = row.head();
        self.compare()?;
        self.follow(row);
        Ok(())
    }

    /// After the last row. `end` is where the database says that the trail ends.
    ///
    /// # Errors
    /// The first [`Break`].
    pub fn finish(self, end: Option<Head>) -> Result<Verified, Break> {
        match &self.doubt {
            Some(Doubt::Gap { from, through }) => {
                return Err(broken(*from, How::Removed { through: *through }));
            }
            Some(Doubt::Row(bad)) => return Err(broken(bad.sequence, self.explain(bad, None))),
            None => {}
        }
        let next = self.head.sequence.saturating_add(1);
        // In descending order: the first one is the furthest.
        if let Some(checkpoint) = self.checkpoints.first() {
            let (through, signed) = (checkpoint.head.sequence, true);
            return Err(broken(next, How::CutTail { through, signed }));
        }
        match end {
            Some(end) if end.sequence > self.head.sequence => {
                let (through, signed) = (end.sequence, false);
                return Err(broken(next, How::CutTail { through, signed }));
            }
            Some(end) if end != self.head => {
                return Err(broken(self.head.sequence, How::Inserted));
            }
            _ => {}
        }
        let mut unended: Vec<_> = self
            .open
            .into_iter()
            .map(|(turn, row)| (row, turn))
            .collect();
        unended.sort_unstable();
        Ok(Verified {
            head: self.head,
            signed: self.signed,
            checkpoints: self.compared,
            unended,
        })
    }

    /// Whether the tag is of a key that is given; none where no keys are.
    fn is_sealed(&self, row: &Row) -> Result<Option<bool>, Break> {
        let Some(keys) = self.keys else {
            return Ok(None);
        };
        match keys.iter().find(|key| key.id() == row.key) {
            Some(key) => Ok(Some(key.made(row))),
            None => {
                let key = row.key.clone();
                Err(broken(row.sequence, How::UnknownKey { key }))
            }
        }
    }

    /// The row that is the head now, against every checkpoint of it.
    fn compare(&mut self) -> Result<(), Break> {
        while let Some(checkpoint) = self
            .checkpoints
            .pop_if(|it| it.head.sequence <= self.head.sequence)
        {
            if checkpoint.head != self.head {
                return Err(broken(self.head.sequence, How::Rewritten));
            }
            self.compared += 1;
            self.signed = self.head.sequence;
        }
        Ok(())
    }

    fn follow(&mut self, row: Row) {
        let Some(turn) = row.entry.turn else { return };
        match row.entry.event.as_str() {
            "turn-begun" => {
                self.open.insert(turn, row.sequence);
            }
            "turn-ended" => {
                self.open.remove(&turn);
            }
            _ => {}
        }
    }

    /// What fits together around a row that is wrong.
    fn explain(&self, bad: &Row, next: Option<&Row>) -> How {
        let sealed = match self.is_sealed(bad) {
            Ok(sealed) => sealed,
            // A key that nobody knows is one more thing that may have been changed.
            Err(_) => Some(false),
        };
        if let Some(next) = next.filter(|next| next.sequence == bad.sequence + 1) {
            if fits(bad.link, next.sequence, next) && !fits(self.head.link, bad.sequence, bad) {
                return How::Changed;
            }
            if fits(self.head.link, bad.sequence, next) {
                return match sealed {
                    // A copy of a neighbour has the neighbour's link.
                    Some(true) if bad.link != next.link && bad.link != self.head.link => {
                        How::Reordered
                    }
                    _ => How::Inserted,
                };
            }
            let closed_up = |by: &u64| fits(bad.link, next.sequence.saturating_add(*by), next);
            if let Some(by) = (1..=MAX_CLOSED_UP).find(closed_up) {
                let through = bad.sequence.saturating_add(by) - 1;
                return How::Removed { through };
            }
            if sealed == Some(true) {
                return How::Reordered;
            }
        }
        How::Changed
    }
}

/// Whether the row's fields give its link behind that one.
fn fits(before: Link, sequence: u64, row: &Row) -> bool {
    link(before, sequence, &row.key, &row.entry) == row.link
}

const fn broken(sequence: u64, how: How) -> Break {
    Break { sequence, how }
}

#[cfg(test)]
mod tests;
