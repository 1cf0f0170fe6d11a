//! Limits count what a guest does, not what the machine does beside it, and what faults does so alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mini_llm_chat_sandbox::contract::Channel;
use mini_llm_chat_sandbox::{Redactor, Text};

use crate::support::{guest, redactor, turn, warm_redactor};

/// Tells the other threads that it is over, also where this one panics.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A prompt, an answer of twenty deltas, and a log record, without a fault and without the secret.
fn honest_turn(redactor: &mut Redactor, source: u32) {
    let mut turn = turn(2);
    turn.review_prompt(&[], "hello").unwrap();
    let mut review = turn.output(Channel::Answer).unwrap();
    for _ in 0..20 {
        review.push("an honest answer ").unwrap();
    }
    review.end(true).unwrap();
    let content = "a line with a SECRET ".repeat(100);
    let content = content.as_str();
    let redacted = redactor.redact(&[Text { source, content }]).remove(0);
    assert_eq!(redacted.fault, None);
    assert_eq!(redacted.masked, 100);
    assert!(!redacted.text.contains("SECRET"));
}

/// A full batch in which one record makes the redactor misbehave. Returns how many records it cost.
fn hostile_batch(redactor: &mut Redactor, how: &str) -> usize {
    let records: Vec<String> = (0..64)
        .map(|number| match number {
            31 => format!("a SECRET for hostile:{how} "),
            _ => format!("record {number} with a SECRET"),
        })
        .collect();
    let texts: Vec<Text<'_>> = records
        .iter()
        .map(|content| Text { source: 0, content })
        .collect();
    let redacted = redactor.redact(&texts);
    assert_eq!(redacted.len(), texts.len());
    assert!(redacted.iter().all(|one| !one.text.contains("SECRET")));
    redacted.iter().filter(|one| one.fault.is_some()).count()
}

#[test]
fn honest_turns_beside_four_busy_threads_meet_no_fault() {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _ends = Ends(&over);
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let mut redactor = warm_redactor();
        (0..50).for_each(|round| honest_turn(&mut redactor, round));
    });
}

#[test]
fn honest_turns_go_on_beside_redactors_that_fault_and_no_record_is_shown() {
    const RECORDS: usize = 64 * 20;
    let over = AtomicBool::new(false);
    let lost = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let _ends = Ends(&over);
        for how in ["trap", "memory", "million-spans", "overlapping"] {
            let (over, lost) = (&over, &lost);
            scope.spawn(move || {
                let _ends = Ends(over);
                // Of its own: what faults too often in a row is not called any more, wherever it is used.
                let mut redactor = Redactor::new(&[redactor(guest("redactor"))]);
                while !over.load(Ordering::Relaxed) {
                    lost.fetch_add(hostile_batch(&mut redactor, how), Ordering::Relaxed);
                    assert_eq!(hostile_batch(&mut redactor, "nothing"), 0);
                }
            });
        }
        let mut redactor = warm_redactor();
        let mut round = 0;
        while lost.load(Ordering::Relaxed) < RECORDS && !over.load(Ordering::Relaxed) {
            honest_turn(&mut redactor, round);
            round += 1;
        }
        assert!(round > 0);
    });
    assert!(lost.into_inner() >= RECORDS);
}
