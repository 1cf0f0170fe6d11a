//! The operator's settings, checked once and then closed.

/// A setting's value, as in the contract's `settings` interface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A string.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

/// What a group of rules does when it is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Refuses the prompt, cuts the answer, or masks.
    #[default]
    Deny,
    /// Reports findings only.
    Flag,
    /// Is not asked.
    Off,
}

/// What is wrong with a setting and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionProblem {
    /// Dotted key as it was given.
    pub key: String,
    /// At most 200 printable characters.
    pub message: String,
}

/// Settings of the policy. [`Options::default`] is the strict built-in policy.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(crate) mode: Mode,
}

impl Options {
    /// Reads flat settings: dotted key and value.
    ///
    /// # Errors
    ///
    /// Every unknown key and every value out of range, in the order given.
    pub fn from_settings<'a>(
        settings: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Self, Vec<OptionProblem>> {
        let mut options = Self::default();
        let mut problems = Vec::new();
        for (key, value) in settings {
            match (key, value) {
                ("mode", Value::Text("deny")) => options.mode = Mode::Deny,
                ("mode", Value::Text("flag")) => options.mode = Mode::Flag,
                ("mode", Value::Text("off")) => options.mode = Mode::Off,
                _ => problems.push(OptionProblem {
                    key: key.to_owned(),
                    message: "unknown setting or value; `mode` takes deny, flag or off".to_owned(),
                }),
            }
        }
        if problems.is_empty() {
            Ok(options)
        } else {
            Err(problems)
        }
    }
}
