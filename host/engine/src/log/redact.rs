//! What the log asks of a redactor. The sandbox's redactors implement it; tests bring their own.

use std::sync::Arc;

pub use mini_llm_chat_sandbox::Text;

/// A text that was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The text with its secrets masked.
    pub text: String,
    /// How many places were masked.
    pub masked: u32,
    /// Why the text was not judged after all, in the host's words. It is then not shown, whatever it holds.
    pub fault: Option<String>,
}

/// Masks what must not be seen.
pub trait Redact: Send {
    /// One answer for each text, in the same order. Another number of answers counts as a fault for all.
    fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Cleaned>;
}

/// Makes a redactor. Called on the thread that will use it, when it is first needed.
pub type RedactorFactory = Arc<dyn Fn() -> Box<dyn Redact> + Send + Sync>;

impl Redact for mini_llm_chat_sandbox::Redactor {
    fn redact(&mut self, texts: &[Text<'_>]) -> Vec<Cleaned> {
        let answers = Self::redact(self, texts);
        answers.into_iter().map(Cleaned::from).collect()
    }
}

impl From<mini_llm_chat_sandbox::Redaction> for Cleaned {
    fn from(answer: mini_llm_chat_sandbox::Redaction) -> Self {
        Self {
            text: answer.text,
            masked: answer.masked,
            fault: answer.fault.map(|fault| fault.to_string()),
        }
    }
}
