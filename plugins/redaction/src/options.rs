//! What an operator can change about the rules.

use std::collections::BTreeMap;

use crate::own::WINDOW;

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

/// How many of a secret's characters may stay visible.
const MOST_KEPT: usize = 8;
/// How many patterns, and entries of each list, there may be.
const MOST_ENTRIES: usize = 64;

impl Options {
    /// Reads the flat settings list of the host. Values are texts; numbers are written out.
    ///
    /// Keys: `off.N` a kind, `patterns.N.name` and `patterns.N.regex`, `allow.N` a value,
    /// `allow-patterns.N` a pattern, `keep-last` a number.
    ///
    /// # Errors
    ///
    /// Every key that is unknown and every value that does not fit.
    pub fn from_settings<'s>(
        settings: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Self, Vec<OptionProblem>> {
        let mut options = Self::default();
        let mut patterns: BTreeMap<u32, (Option<String>, Option<String>)> = BTreeMap::new();
        let mut problems = Vec::new();
        for (key, value) in settings {
            let parts: Vec<&str> = key.split('.').collect();
            match parts.as_slice() {
                ["keep-last"] => match value.parse() {
                    Ok(count) => options.keep_last = count,
                    Err(_) => problems.push(problem(key, format!("is not a number; write 0 to {MOST_KEPT}"))),
                },
                ["off", index] if is_index(index) => options.off.push(value.to_owned()),
                ["allow", index] if is_index(index) => options.allow.push(value.to_owned()),
                ["allow-patterns", index] if is_index(index) => options.allow_patterns.push(value.to_owned()),
                ["patterns", index, field @ ("name" | "regex")] => match index.parse() {
                    Ok(index) => {
                        let entry = patterns.entry(index).or_default();
                        let slot = if *field == "name" { &mut entry.0 } else { &mut entry.1 };
                        *slot = Some(value.to_owned());
                    }
                    Err(_) => problems.push(problem(key, "is no entry of a list; write a table with name and regex".to_owned())),
                },
                ["off" | "allow" | "allow-patterns"] => {
                    problems.push(problem(key, "is a list; write [\"one\", \"two\"]".to_owned()));
                }
                ["patterns", ..] => problems.push(problem(
                    key,
                    "is no entry of a list; write a table with name and regex".to_owned(),
                )),
                _ => problems.push(problem(
                    key,
                    "is unknown; there are off, patterns (name, regex), allow, allow-patterns, keep-last".to_owned(),
                )),
            }
        }
        for (index, entry) in patterns {
            match entry {
                (Some(name), Some(regex)) => options.patterns.push(OwnPattern { name, regex }),
                _ => problems.push(problem(
                    &format!("patterns.{index}"),
                    "needs both name and regex".to_owned(),
                )),
            }
        }
        if problems.is_empty() {
            Ok(options)
        } else {
            Err(problems)
        }
    }

    /// What is wrong without compiling anything.
    pub(crate) fn problems(&self, built_in: &[&str]) -> Vec<OptionProblem> {
        let mut problems = Vec::new();
        for (index, kind) in self.off.iter().enumerate() {
            if !built_in.contains(&kind.as_str()) {
                problems.push(problem(
                    &format!("off.{index}"),
                    format!(
                        "`{}` is no kind; `plugins inspect redaction` lists them",
                        cut(kind)
                    ),
                ));
            }
        }
        if self.keep_last > MOST_KEPT {
            problems.push(problem(
                "keep-last",
                format!("is too large; write 0 to {MOST_KEPT}"),
            ));
        }
        let lists = [
            ("allow", self.allow.len()),
            ("allow-patterns", self.allow_patterns.len()),
            ("patterns", self.patterns.len()),
        ];
        for (key, length) in lists {
            if length > MOST_ENTRIES {
                problems.push(problem(
                    key,
                    format!("has {length} entries; at most {MOST_ENTRIES} are possible"),
                ));
            }
        }
        for (index, value) in self.allow.iter().enumerate() {
            if value.is_empty() {
                problems.push(problem(
                    &format!("allow.{index}"),
                    "is empty; write the value that is to stay visible".to_owned(),
                ));
            } else if value.len() > WINDOW {
                problems.push(problem(
                    &format!("allow.{index}"),
                    format!("is longer than {WINDOW} bytes; such values are always hidden"),
                ));
            }
        }
        for (index, own) in self.patterns.iter().enumerate() {
            let key = format!("patterns.{index}.name");
            let plain = own
                .name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if own.name.is_empty() || own.name.len() > 40 || !plain {
                problems.push(problem(
                    &key,
                    "must be 1 to 40 of a-z, 0-9 and -".to_owned(),
                ));
            } else if built_in.contains(&own.name.as_str())
                || self.patterns[..index]
                    .iter()
                    .any(|other| other.name == own.name)
            {
                problems.push(problem(
                    &key,
                    format!("`{}` is taken; choose another name", own.name),
                ));
            }
        }
        problems
    }

    pub(crate) fn is_off(&self, kind: &str) -> bool {
        self.off.iter().any(|off| off == kind)
    }
}

pub(crate) fn problem(key: &str, message: String) -> OptionProblem {
    OptionProblem {
        key: key.to_owned(),
        message,
    }
}

fn is_index(part: &str) -> bool {
    part.parse::<u32>().is_ok()
}

/// Enough of a text to recognise it in a message.
fn cut(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(40)
        .collect()
}
