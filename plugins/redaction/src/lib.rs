//! The built-in redaction rules as a plain library, tested natively.

mod options;
mod stream;

pub use options::{OptionProblem, Options, OwnPattern};
pub use stream::Stream;

/// One secret or personal datum in a text: UTF-8 byte offsets on character boundaries, `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// First byte to hide.
    pub start: usize,
    /// First byte after what is hidden.
    pub end: usize,
    /// Index into [`Rules::kinds`].
    pub kind: u16,
}

/// What is known of one source between its texts. A fresh one belongs to each source.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    open: Option<u16>,
}

impl SourceState {
    /// The kind of the secret that the source ended in, such as a private key written one record a line.
    #[must_use]
    pub fn open(&self) -> Option<u16> {
        self.open
    }
}

/// A compiled rule set. Cheap to make: the built-in tables are constants.
#[derive(Debug)]
pub struct Rules {
    kinds: Vec<String>,
}

impl Rules {
    /// Builds the rules that `options` asks for.
    ///
    /// # Errors
    ///
    /// Every problem of the options, each with its key and the remedy.
    pub fn new(_options: &Options) -> Result<Self, Vec<OptionProblem>> {
        Ok(Self { kinds: Vec::new() })
    }

    /// Names of what can be found, `[a-z0-9-]`, 1 to 40 characters; [`Match::kind`] is an index into it.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// Appends the matches in a whole text of one source, sorted and disjoint.
    pub fn find(&self, text: &str, state: &mut SourceState, out: &mut Vec<Match>) {
        self.find_piece(text, 0, state, out);
    }

    /// As [`Rules::find`], for a piece of a long text whose first `seen` bytes ended the piece before.
    pub fn find_piece(
        &self,
        _text: &str,
        _seen: usize,
        _state: &mut SourceState,
        _out: &mut Vec<Match>,
    ) {
    }
}
