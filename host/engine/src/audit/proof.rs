//! Whether a trail is still as it was written: in the database, or in an export that was carried away from it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::chain::{
    Break, ChainKey, Checkpoint, CheckpointError, Link, MAX_ROW_BYTES, PublicKey, Row, Verified,
    Verifier,
};
use crate::EngineError;
use crate::storage::{MAX_PAGE, Store};

/// Unended turns that are named; of more only the number is said.
const MAX_NAMED: usize = 20;

/// What is known from outside of the trail.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Whose signatures are believed.
    pub trusted: Vec<PublicKey>,
    /// Checkpoints that have to fit.
    pub given: Vec<Checkpoint>,
    /// Checkpoints that were found beside the trail: those of other trails and other keys are left out.
    pub found: Vec<Checkpoint>,
    /// Numbers of the lines between them that are no checkpoints, such as one that a crash cut short.
    pub unreadable: Vec<usize>,
}

/// A trail that is as it was written.
#[derive(Clone, Debug)]
pub struct Proof {
    /// How far, and what it says of turns.
    pub verified: Verified,
    /// The tags were checked too, so that the rows after the last checkpoint are proven as well.
    pub sealed: bool,
    /// Checkpoints that were found and not compared.
    pub left_out: LeftOut,
}

/// Checkpoints that prove nothing of this trail, and why.
#[derive(Clone, Debug, Default)]
pub struct LeftOut {
    /// They are of another trail.
    pub of_other_trails: usize,
    /// They are signed by a key that is not believed.
    pub of_other_keys: usize,
    /// See [`Evidence::unreadable`].
    pub unreadable: Vec<usize>,
}

/// A trail that is not as it was written, or cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// A row is wrong or missing.
    #[error("the audit trail was altered: {0}")]
    Broken(#[from] Break),
    /// A checkpoint is not what it claims to be.
    #[error("the checkpoint of row {sequence} proves nothing: {error}")]
    Checkpoint {
        /// The row that it names.
        sequence: u64,
        /// Why.
        error: CheckpointError,
    },
    /// The trail is not the one that a checkpoint was made of.
    #[error(
        "the checkpoint of row {0} is of another audit trail: this one was put in its place, or the file is the wrong one"
    )]
    AnotherTrail(u64),
    /// The events are in a plain file.
    #[error("this store has no audit trail that can be verified: its events are in a plain file")]
    NoTrail,
    /// Without the audit key only checkpoints prove anything.
    #[error("the export proves nothing: no checkpoint of it is signed by the given key")]
    NothingSigned,
    /// The file is no export.
    #[error("line {0} is no part of an exported audit trail")]
    Malformed(u64),
    /// The file cannot be read.
    #[error("cannot read it: {0}")]
    Read(#[from] io::Error),
    /// The database cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The first line of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportHeader {
    /// Which trail.
    pub trail: Link,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    audit_trail: String,
    version: u32,
}

impl ExportHeader {
    const VERSION: u32 = 1;

    /// One line of JSON, without the line end.
    #[must_use]
    pub fn to_line(self) -> String {
        let line = HeaderLine {
            audit_trail: self.trail.to_string(),
            version: Self::VERSION,
        };
        // Texts and numbers always make JSON.
        serde_json::to_string(&line).unwrap_or_default()
    }

    fn from_line(line: &str) -> Option<Self> {
        let line: HeaderLine = serde_json::from_str(line).ok()?;
        let trail = line.audit_trail.parse().ok()?;
        (line.version == Self::VERSION).then_some(Self { trail })
    }
}

/// Goes through the trail in the database.
///
/// # Errors
/// At the first thing that is not as it was written, and when the database cannot be read.
pub async fn prove(
    store: &dyn Store,
    keys: &[ChainKey],
    mut evidence: Evidence,
) -> Result<Proof, ProofError> {
    let trail = store.audit_end().await?.trail;
    let mut after = 0;
    loop {
        let page = store.checkpoints(after, MAX_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.head.sequence;
        evidence.found.extend(page);
    }
    let (checkpoints, left_out) = sift(trail, evidence)?;
    let mut verifier = Verifier::new(trail, Some(keys), checkpoints);
    let (mut after, mut end) = (0, None);
    loop {
        let page = store.audit_rows(after, MAX_PAGE).await?;
        let Some(last) = page.last() else {
            // Others may have gone on meanwhile: the end is noted when the rows seem to be over.
            let noted = store.audit_end().await?.head;
            let moved = end.replace(noted) != Some(noted);
            if moved && noted.sequence > after {
                continue;
            }
            break;
        };
        after = last.sequence;
        for row in page {
            verifier.push(row)?;
        }
    }
    Ok(Proof {
        verified: verifier.finish(end)?,
        sealed: true,
        left_out,
    })
}

/// Goes through an exported trail without the audit key: what a checkpoint signed is proven, nothing else is.
///
/// # Errors
/// At the first thing that is not as it was signed, and when the file is no export.
pub fn prove_export(path: &Path, mut evidence: Evidence) -> Result<Proof, ProofError> {
    let mut header = None;
    each_line(path, |number, line| {
        if number == 1 {
            header = ExportHeader::from_line(line);
        } else if let Ok(checkpoint) = Checkpoint::from_line(line) {
            evidence.found.push(checkpoint);
        }
        Ok(())
    })?;
    let trail = header.ok_or(ProofError::Malformed(1))?.trail;
    let (checkpoints, left_out) = sift(trail, evidence)?;
    let mut verifier = Verifier::new(trail, None, checkpoints);
    each_line(path, |number, line| {
        if number == 1 || Checkpoint::from_line(line).is_ok() {
            return Ok(());
        }
        let row = Row::from_line(line).map_err(|_| ProofError::Malformed(number))?;
        verifier.push(row).map_err(ProofError::from)
    })?;
    let verified = verifier.finish(None)?;
    if verified.signed == 0 {
        return Err(ProofError::NothingSigned);
    }
    Ok(Proof {
        verified,
        sealed: false,
        left_out,
    })
}

fn each_line(
    path: &Path,
    mut take: impl FnMut(u64, &str) -> Result<(), ProofError>,
) -> Result<(), ProofError> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut number, mut line) = (0, Vec::new());
    loop {
        line.clear();
        number += 1;
        let most = MAX_ROW_BYTES as u64 + 1;
        if file.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = std::str::from_utf8(text).map_err(|_| ProofError::Malformed(number))?;
        take(number, text)?;
    }
}

/// The checkpoints to compare with, and those that were left out.
fn sift(trail: Link, mut evidence: Evidence) -> Result<(Vec<Checkpoint>, LeftOut), ProofError> {
    let of = |checkpoint: &Checkpoint, error| ProofError::Checkpoint {
        sequence: checkpoint.head.sequence,
        error,
    };
    let mut used = Vec::new();
    for checkpoint in evidence.given {
        if checkpoint.trail != trail {
            return Err(ProofError::AnotherTrail(checkpoint.head.sequence));
        }
        if !evidence.trusted.contains(&checkpoint.signer) {
            return Err(of(&checkpoint, CheckpointError::Stranger));
        }
        used.push(checkpoint);
    }
    // Most stand in two places.
    evidence.found.sort_by_cached_key(Checkpoint::to_line);
    evidence.found.dedup();
    let mut left_out = LeftOut {
        unreadable: evidence.unreadable,
        ..LeftOut::default()
    };
    for checkpoint in evidence.found {
        if checkpoint.trail != trail {
            left_out.of_other_trails += 1;
        } else if !evidence.trusted.contains(&checkpoint.signer) {
            left_out.of_other_keys += 1;
        } else {
            used.push(checkpoint);
        }
    }
    // One that was given may have been found too.
    used.sort_unstable_by_key(|it| it.head.sequence);
    used.dedup();
    for checkpoint in &used {
        let signed = checkpoint.verify(checkpoint.signer);
        signed.map_err(|error| of(checkpoint, error))?;
    }
    Ok((used, left_out))
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verified {
            head,
            signed,
            checkpoints,
            unended,
        } = &self.verified;
        let rows = head.sequence;
        if self.sealed {
            writeln!(f, "rows 1 to {rows} are as they were sealed")?;
        } else {
            writeln!(f, "rows 1 to {signed} are as they were signed")?;
        }
        writeln!(
            f,
            "checkpoints: {checkpoints}, the last one of row {signed}"
        )?;
        let after = rows.saturating_sub(*signed);
        if after > 0 {
            let what = if self.sealed {
                "nobody could tell if more had followed and were cut off"
            } else {
                "without the audit key nothing is proven of them"
            };
            writeln!(f, "rows after it: {after}; {what}")?;
        }
        self.left_out.fmt(f)?;
        writeln!(f, "turns begun without an end: {}", unended.len())?;
        for (row, turn) in unended.iter().take(MAX_NAMED) {
            writeln!(f, "  {turn} (row {row})")?;
        }
        if unended.len() > MAX_NAMED {
            writeln!(f, "  and {} more", unended.len() - MAX_NAMED)?;
        }
        Ok(())
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = [
            (self.of_other_trails, "other trails"),
            (self.of_other_keys, "other keys"),
        ];
        for (checkpoints, others) in of.iter().filter(|(checkpoints, _)| *checkpoints > 0) {
            writeln!(f, "checkpoints of {others}, left out: {checkpoints}")?;
        }
        if self.unreadable.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = self
            .unreadable
            .iter()
            .take(MAX_NAMED)
            .map(ToString::to_string)
            .collect();
        write!(
            f,
            "unreadable lines in the file of checkpoints: {}",
            named.join(", ")
        )?;
        match self.unreadable.len() - named.len() {
            0 => writeln!(f),
            more => writeln!(f, " and {more} more"),
        }
    }
}
