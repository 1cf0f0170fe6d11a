//! Limits count what a guest does, not what the machine does beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use mini_llm_chat_sandbox::Text;
use mini_llm_chat_sandbox::contract::Channel;

use crate::support::{turn, warm_redactor};

#[test]
fn honest_turns_beside_four_busy_threads_meet_no_fault() {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let mut redactor = warm_redactor();
        for round in 0..50 {
            let mut turn = turn(2);
            turn.review_prompt(&[], "hello").unwrap();
            let mut review = turn.output(Channel::Answer).unwrap();
            for _ in 0..20 {
                review.push("an honest answer ").unwrap();
            }
            review.end(true).unwrap();
            let content = "a line with a SECRET ".repeat(100);
            let redacted = redactor.redact(&[Text {
                source: round,
                content: &content,
            }]);
            assert_eq!(redacted[0].fault, None);
        }
        over.store(true, Ordering::Relaxed);
    });
}
