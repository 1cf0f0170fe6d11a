//! Whatever is done to a trail is found, at the first row that it was done to.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::super::{Bytes, Chain, Entry, Signer};
use super::*;

const TRAIL: Link = Bytes([9; 32]);

fn chain() -> Chain {
    Chain::new(
        ChainKey::new("now", &[1; 32]),
        [ChainKey::new("before", &[2; 32])],
    )
}

fn entry(number: u64) -> Entry {
    Entry {
        at: 1_700_000_000_000_000 + i64::try_from(number).unwrap(),
        event: "policy-denied".to_owned(),
        user: Some(format!("user {number}")),
        turn: Some(format!("turn {number}")),
        body: format!("{{\"number\":{number}}}"),
    }
}

/// A trail of so many rows.
fn trail(rows: u64) -> Vec<Row> {
    let (chain, mut head) = (chain(), Head::first(TRAIL));
    let sealed = (1..=rows).map(|number| {
        let row = chain.seal(head, &entry(number));
        head = row.head();
        row
    });
    sealed.collect()
}

fn signer() -> Signer {
    Signer::new(&[7; 32]).unwrap()
}

fn checkpoint(rows: &[Row], at: usize) -> Checkpoint {
    signer().sign(TRAIL, rows[at - 1].head(), 5)
}

fn verify(
    rows: &[Row],
    checkpoints: Vec<Checkpoint>,
    end: Option<Head>,
) -> Result<Verified, Break> {
    let chain = chain();
    let mut verifier = Verifier::new(TRAIL, Some(chain.keys()), checkpoints);
    for row in rows {
        verifier.push(row.clone())?;
    }
    verifier.finish(end)
}

fn found(rows: &[Row], checkpoints: Vec<Checkpoint>) -> (u64, How) {
    let broken = verify(rows, checkpoints, None).unwrap_err();
    (broken.sequence, broken.how)
}

/// As somebody does who wants no gap in the numbers.
fn renumber(rows: &mut [Row]) {
    for (at, row) in rows.iter_mut().enumerate() {
        row.sequence = at as u64 + 1;
    }
}

#[test]
fn an_untouched_trail_verifies_and_says_what_is_signed() {
    let rows = trail(20);
    let verified = verify(
        &rows,
        vec![checkpoint(&rows, 4), checkpoint(&rows, 15)],
        Some(rows[19].head()),
    );
    let verified = verified.unwrap();
    assert_eq!(verified.head, rows[19].head());
    assert_eq!((verified.signed, verified.checkpoints), (15, 2));
    let empty = verify(&[], Vec::new(), Some(Head::first(TRAIL))).unwrap();
    assert_eq!((empty.head.sequence, empty.signed), (0, 0));
}

#[test]
fn every_changed_field_of_every_row_is_found_there() {
    let rows = trail(8);
    type Change = (&'static str, fn(&mut Row));
    let changes: [Change; 10] = [
        ("at", |row| row.entry.at += 1),
        ("event", |row| row.entry.event.push('x')),
        ("user", |row| row.entry.user = Some("another".to_owned())),
        ("no user", |row| row.entry.user = None),
        ("turn", |row| row.entry.turn = Some("another".to_owned())),
        ("no turn", |row| row.entry.turn = None),
        ("body", |row| row.entry.body.push(' ')),
        ("link", |row| row.link.0[5] ^= 1),
        ("tag", |row| row.tag.0[5] ^= 1),
        ("key", |row| row.key = "before".to_owned()),
    ];
    for at in 0..rows.len() {
        for (field, change) in changes {
            let mut changed = rows.clone();
            change(&mut changed[at]);
            let expected = (at as u64 + 1, How::Changed);
            assert_eq!(found(&changed, Vec::new()), expected, "{field} of row {at}");
        }
    }
}

#[test]
fn a_row_of_an_unknown_key_is_named_with_the_key() {
    let mut rows = trail(3);
    rows[1].key = "forged".to_owned();
    let (sequence, _) = found(&rows, Vec::new());
    assert_eq!(sequence, 2);
    let stranger = Chain::new(ChainKey::new("stranger", &[8; 32]), []);
    rows[1] = stranger.seal(rows[0].head(), &entry(2));
    let key = "stranger".to_owned();
    assert_eq!(found(&rows, Vec::new()), (2, How::UnknownKey { key }));
}

#[test]
fn a_row_forged_with_a_fitting_link_but_no_key_is_found() {
    let mut rows = trail(5);
    let mut forged = entry(3);
    forged.body = "{}".to_owned();
    rows[2].link = link(rows[1].link, 3, "now", &forged);
    rows[2].entry = forged;
    assert_eq!(found(&rows, Vec::new()), (3, How::Changed));
}

#[test]
fn every_removed_row_is_found_whether_its_number_is_left_open_or_not() {
    let rows = trail(8);
    for at in 0..rows.len() - 1 {
        let mut removed = rows.clone();
        removed.remove(at);
        let sequence = at as u64 + 1;
        let expected = (sequence, How::Removed { through: sequence });
        assert_eq!(found(&removed, Vec::new()), expected);
        renumber(&mut removed);
        // The last row has nobody behind it to tell a removal from a move.
        let (row, how) = found(&removed, Vec::new());
        let told = how == expected.1 || at == rows.len() - 2 && how == How::Changed;
        assert!(row == sequence && told, "{at}: {row} {how}");
    }
}

#[test]
fn several_removed_rows_are_named_as_a_range() {
    let mut rows = trail(12);
    rows.drain(3..7);
    assert_eq!(found(&rows, Vec::new()), (4, How::Removed { through: 7 }));
    renumber(&mut rows);
    assert_eq!(found(&rows, Vec::new()), (4, How::Removed { through: 7 }));
}

#[test]
fn a_row_inserted_at_every_place_is_found() {
    let rows = trail(6);
    for at in 0..rows.len() {
        let mut inserted = rows.clone();
        let mut forged = rows[at].clone();
        forged.entry.body = "{\"forged\":true}".to_owned();
        inserted.insert(at, forged);
        renumber(&mut inserted);
        assert_eq!(
            found(&inserted, Vec::new()),
            (at as u64 + 1, How::Inserted),
            "{at}"
        );
    }
    let mut twice = rows.clone();
    twice.insert(3, rows[2].clone());
    assert_eq!(found(&twice, Vec::new()), (3, How::Inserted));
}

#[test]
fn a_row_appended_without_the_key_is_found() {
    let mut rows = trail(4);
    let forger = Chain::new(ChainKey::new("now", &[0xee; 32]), []);
    rows.push(forger.seal(rows[3].head(), &entry(5)));
    assert_eq!(found(&rows, Vec::new()), (5, How::Changed));
}

#[test]
fn every_swap_is_found_at_its_first_row() {
    let rows = trail(7);
    for first in 0..rows.len() {
        for second in first + 1..rows.len() {
            let mut swapped = rows.clone();
            swapped.swap(first, second);
            let expected = (first as u64 + 1, How::Reordered);
            assert_eq!(
                found(&swapped, Vec::new()),
                expected,
                "lines {first} {second}"
            );
            renumber(&mut swapped);
            assert_eq!(
                found(&swapped, Vec::new()),
                expected,
                "rows {first} {second}"
            );
        }
    }
}

#[test]
fn a_cut_tail_is_found_by_a_checkpoint_or_by_the_noted_end() {
    let rows = trail(9);
    for kept in 0..9 {
        let cut = |signed| How::CutTail { through: 9, signed };
        let signed = verify(&rows[..kept], vec![checkpoint(&rows, 9)], None).unwrap_err();
        assert_eq!((signed.sequence, signed.how), (kept as u64 + 1, cut(true)));
        let noted = verify(&rows[..kept], Vec::new(), Some(rows[8].head())).unwrap_err();
        assert_eq!((noted.sequence, noted.how), (kept as u64 + 1, cut(false)));
    }
    let outside = verify(&rows[..8], vec![checkpoint(&rows, 7)], None).unwrap();
    assert_eq!(
        (outside.head.sequence, outside.signed),
        (8, 7),
        "the last row was not signed"
    );
}

#[test]
fn rows_behind_the_noted_end_are_found() {
    let rows = trail(5);
    let broken = verify(&rows, Vec::new(), Some(rows[2].head())).unwrap_err();
    assert_eq!(broken.how, How::Inserted);
}

/// Whoever has the audit key can seal another trail, but not sign it.
#[test]
fn a_trail_written_anew_with_the_key_does_not_fit_its_checkpoint() {
    let rows = trail(6);
    let (chain, mut forged) = (chain(), rows[..3].to_vec());
    for number in 4..=6 {
        let mut other = entry(number);
        other.user = Some("somebody else".to_owned());
        forged.push(chain.seal(forged[forged.len() - 1].head(), &other));
    }
    assert!(verify(&forged, Vec::new(), None).is_ok());
    assert_eq!(
        found(&forged, vec![checkpoint(&rows, 5)]),
        (5, How::Rewritten)
    );
}

#[test]
fn without_keys_everything_up_to_the_last_checkpoint_is_proven() {
    let rows = trail(6);
    let public = |rows: &[Row]| {
        let mut verifier = Verifier::new(TRAIL, None, vec![checkpoint(&trail(6), 5)]);
        for row in rows {
            verifier.push(row.clone())?;
        }
        verifier.finish(None)
    };
    assert_eq!(public(&rows).unwrap().signed, 5);
    for at in 0..5 {
        let mut changed = rows.clone();
        changed[at].entry.body.clear();
        assert_eq!(public(&changed).unwrap_err().sequence, at as u64 + 1);
        // With all links made anew only the checkpoint tells.
        let mut before = TRAIL;
        for row in &mut changed {
            row.link = link(before, row.sequence, &row.key, &row.entry);
            before = row.link;
        }
        assert_eq!(public(&changed).unwrap_err().how, How::Rewritten);
    }
}

#[test]
fn a_trail_continued_under_a_new_key_verifies_with_both() {
    let old = Chain::new(ChainKey::new("before", &[2; 32]), []);
    let first = old.seal(Head::first(TRAIL), &entry(1));
    let second = chain().seal(first.head(), &entry(2));
    assert!(verify(&[first, second], Vec::new(), None).is_ok());
}

#[test]
fn turns_without_an_end_are_listed() {
    let (chain, mut head, mut rows) = (chain(), Head::first(TRAIL), Vec::new());
    for (event, turn) in [
        ("turn-begun", "a"),
        ("turn-begun", "b"),
        ("policy-cut", "b"),
        ("turn-ended", "a"),
        ("turn-begun", "c"),
    ] {
        let mut entry = entry(1);
        (entry.event, entry.turn) = (event.to_owned(), Some(turn.to_owned()));
        rows.push(chain.seal(head, &entry));
        head = rows[rows.len() - 1].head();
    }
    let verified = verify(&rows, Vec::new(), None).unwrap();
    assert_eq!(verified.unended, [(2, "b".to_owned()), (5, "c".to_owned())]);
}

/// What somebody may do to a trail.
#[derive(Clone, Debug)]
enum Attack {
    Remove(usize),
    Swap(usize, usize),
    Copy(usize, usize),
    Text(usize, u8),
    Bit(usize, usize),
    Cut(usize),
}

fn attack() -> impl Strategy<Value = Attack> {
    prop_oneof![
        any::<usize>().prop_map(Attack::Remove),
        any::<(usize, usize)>().prop_map(|(a, b)| Attack::Swap(a, b)),
        any::<(usize, usize)>().prop_map(|(a, b)| Attack::Copy(a, b)),
        any::<(usize, u8)>().prop_map(|(a, b)| Attack::Text(a, b)),
        any::<(usize, usize)>().prop_map(|(a, b)| Attack::Bit(a, b)),
        any::<usize>().prop_map(Attack::Cut),
    ]
}

fn apply(rows: &mut Vec<Row>, attack: &Attack) {
    let size = rows.len();
    if size == 0 {
        return;
    }
    match *attack {
        Attack::Remove(at) => drop(rows.remove(at % size)),
        Attack::Swap(a, b) => rows.swap(a % size, b % size),
        Attack::Copy(from, to) => {
            let copy = rows[from % size].clone();
            rows.insert(to % size, copy);
        }
        Attack::Text(at, byte) => rows[at % size].entry.body.push(char::from(byte)),
        Attack::Bit(at, bit) => rows[at % size].tag.0[bit % 32] ^= 1 << (bit % 8),
        Attack::Cut(at) => rows.truncate(at % size),
    }
}

proptest! {
    #[test]
    fn any_series_of_attacks_is_found(
        size in 1_u64..12, attacks in prop::collection::vec(attack(), 1..5), renumbered: bool,
    ) {
        let good = trail(size);
        let mut rows = good.clone();
        for attack in &attacks {
            apply(&mut rows, attack);
        }
        if renumbered {
            renumber(&mut rows);
        }
        let signed = checkpoint(&good, good.len());
        match verify(&rows, vec![signed], None) {
            Ok(_) => prop_assert_eq!(rows, good),
            Err(broken) => {
                // Everything before it is as it was written.
                let sound = usize::try_from(broken.sequence).unwrap() - 1;
                prop_assert!(sound <= good.len());
                prop_assert_eq!(&rows[..sound.min(rows.len())], &good[..sound.min(rows.len())]);
                prop_assert_ne!(rows, good);
            }
        }
    }
}
