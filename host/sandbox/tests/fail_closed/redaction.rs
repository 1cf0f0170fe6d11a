//! A redactor that fails masks the text, and the next text is redacted as ever.

use mini_llm_chat_sandbox::contract::PluginState;
use mini_llm_chat_sandbox::{DENSE_KIND, FaultCause, Nonsense, Redaction, Redactor, Text};

use crate::support::{guest, redactor, warm_redactor};

fn one(redactor: &mut Redactor, source: u32, content: &str) -> Redaction {
    redactor.redact(&[Text { source, content }]).remove(0)
}

/// The text is masked for this reason, and the next one is redacted by a new instance.
fn fails_closed(how: &str, expected: impl Fn(FaultCause) -> bool) {
    let mut redactor = warm_redactor();
    let masked = one(
        &mut redactor,
        1,
        &format!("SECRET for my ñ hostile:{how} 12345"),
    );
    assert_eq!(masked.text, "[redacted:plugin-fault]", "{how}");
    let fault = masked.fault.unwrap_or_else(|| panic!("{how}: no fault"));
    assert!(expected(fault.cause), "{how}: {:?}", fault.cause);
    assert!(fault.to_string().contains("`hostile`"), "{fault}");
    assert!(!format!("{fault} {fault:?}").contains("SECRET"), "{fault}");
    let next = one(&mut redactor, 1, "a SECRET b");
    assert_eq!(
        next,
        Redaction {
            text: "a [redacted:secret] b".into(),
            masked: 1,
            fault: None
        }
    );
}

fn nonsense(how: &str, nonsense: Nonsense) {
    fails_closed(how, |cause| cause == FaultCause::Invalid(nonsense));
}

#[test]
fn an_endless_loop_is_cut() {
    fails_closed("loop", |cause| {
        matches!(cause, FaultCause::ProcessorTime { .. })
    });
}

#[test]
fn an_endless_loop_in_the_first_call_is_cut() {
    let mut redactor = Redactor::new(&[redactor(guest("redactor"))]);
    let masked = one(&mut redactor, 1, "hostile:loop");
    let fault = masked.fault.unwrap();
    assert!(
        matches!(fault.cause, FaultCause::ProcessorTime { .. }),
        "{fault}"
    );
    assert_eq!(one(&mut redactor, 1, "SECRET").text, "[redacted:secret]");
}

#[test]
fn one_large_memory_is_refused() {
    fails_closed("memory", |cause| matches!(cause, FaultCause::Memory { .. }));
}

#[test]
fn deep_recursion_ends_at_the_stack() {
    // Whichever ends first: the host's stack, or the one that the guest keeps in its memory.
    fails_closed("recursion", |cause| {
        matches!(cause, FaultCause::Stack | FaultCause::Crash)
    });
}

#[test]
fn a_trap_and_a_panic_mask_the_text_and_say_nothing_of_it() {
    fails_closed("trap", |cause| cause == FaultCause::Crash);
    fails_closed("panic", |cause| cause == FaultCause::Crash);
}

#[test]
fn a_million_spans_are_too_much_data() {
    fails_closed("million-spans", |cause| {
        matches!(cause, FaultCause::HostData { .. })
    });
}

#[test]
fn a_flood_of_host_calls_is_cut() {
    fails_closed("settings-flood", |cause| {
        matches!(cause, FaultCause::HostCalls { .. })
    });
}

#[test]
fn nonsensical_spans_are_refused() {
    nonsense("overlapping", Nonsense::Unsorted);
    nonsense("unsorted", Nonsense::Unsorted);
    nonsense("empty", Nonsense::EmptySpan);
    nonsense("out-of-range", Nonsense::OutOfRange);
    nonsense("off-boundary", Nonsense::OffBoundary);
    nonsense("index", Nonsense::Index);
    nonsense("open-index", Nonsense::Index);
    nonsense("count", Nonsense::Count);
}

#[test]
fn a_dense_text_is_hidden_whole_without_a_fault() {
    let mut redactor = warm_redactor();
    let text = format!("hostile:dense {}", "x".repeat(400));
    let masked = one(&mut redactor, 1, &text);
    assert_eq!(masked.text, format!("[redacted:{DENSE_KIND}]"));
    assert_eq!(masked.fault, None);
}

#[test]
fn a_secret_across_pieces_of_a_long_text_is_found() {
    let mut redactor = warm_redactor();
    let text = format!(
        "{}SECRET{}SECRET",
        "x".repeat((16 << 10) - 3),
        "y".repeat(100 << 10)
    );
    let redacted = one(&mut redactor, 1, &text);
    assert_eq!(redacted.masked, 2);
    assert!(!redacted.text.contains("SECRET"));
    assert_eq!(redacted.text, text.replace("SECRET", "[redacted:secret]"));
}

#[test]
fn after_a_fault_an_open_source_stays_masked_up_to_its_end_line() {
    let mut redactor = warm_redactor();
    one(&mut redactor, 5, "-----BEGIN PRIVATE KEY-----");
    one(&mut redactor, 6, "hostile:trap");
    assert_eq!(
        one(&mut redactor, 5, "c2VjcmV0").text,
        "[redacted:plugin-fault]"
    );
    assert_eq!(
        one(&mut redactor, 7, "another source").text,
        "another source"
    );
    assert_eq!(
        one(&mut redactor, 5, "-----END PRIVATE KEY-----").text,
        "[redacted:plugin-fault]"
    );
    assert_eq!(one(&mut redactor, 5, "over").text, "over");
}

#[test]
fn a_redactor_that_always_fails_is_isolated_and_everything_stays_masked() {
    let pre = redactor(guest("redactor"));
    let mut redactor = Redactor::new(&[std::sync::Arc::clone(&pre)]);
    for _ in 0..5 {
        one(&mut redactor, 1, "hostile:trap");
    }
    let next = one(&mut redactor, 1, "plain");
    assert_eq!(next.text, "[redacted:plugin-fault]");
    assert!(matches!(
        next.fault.unwrap().cause,
        FaultCause::Isolated { .. }
    ));
    assert_eq!(pre.plugin().state, PluginState::Isolated);
    assert_eq!(pre.plugin().faults, 5);
}
