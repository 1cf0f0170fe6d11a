//! Text that the host did not write, on its way to the user.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mini_llm_chat_sandbox::printable;

use super::redact::{Redact, RedactorFactory, Text};

/// Longer texts are cut, after they were judged.
const MAX_CHARS: usize = 2_000;

/// What is shown when no redactor could judge the text.
const WITHHELD: &str = "[text withheld: no redactor could judge it]";

/// A redactor of its own, so that a person does not wait for the log. Made when it is first needed.
#[derive(Default)]
pub(super) struct Foreign {
    factory: Option<RedactorFactory>,
    redactor: Option<Box<dyn Redact>>,
    /// Every text is its own source.
    next_source: u32,
}

impl Foreign {
    pub(super) fn attach(&mut self, factory: RedactorFactory) {
        self.factory = Some(factory);
        self.redactor = None;
    }

    pub(super) fn clean(&mut self, text: &str) -> String {
        match self.judge(text) {
            Some(clean) => printable::line(&clean, MAX_CHARS),
            None => WITHHELD.to_owned(),
        }
    }

    fn judge(&mut self, content: &str) -> Option<String> {
        let source = self.next_source;
        self.next_source = source.wrapping_add(1);
        let (factory, redactor) = (self.factory.as_ref()?, &mut self.redactor);
        let answers = catch_unwind(AssertUnwindSafe(|| {
            redactor
                .get_or_insert_with(|| factory())
                .redact(&[Text { source, content }])
        }));
        match answers.map(<[_; 1]>::try_from) {
            Ok(Ok([answer])) if answer.fault.is_none() => Some(answer.text),
            _ => {
                // What failed is not asked again in the same state.
                self.redactor = None;
                None
            }
        }
    }
}
