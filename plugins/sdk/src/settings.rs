//! The operator's settings for this plugin: a section of the configuration file, or `NAME.toml` beside
//! the component.
//!
//! Reading a key also declares it. A value of another type than asked for is a problem, and so is a key
//! that was set but that nothing read: a mistyped rule must not be ignored in silence. Problems
//! refuse the plugin at admission.

use core::cell::RefCell;
use std::collections::BTreeSet;

use crate::bindings::commands::mini_llm_chat::host::settings as host;
pub use crate::bindings::configurable::exports::mini_llm_chat::plugin::configurable::Problem;
pub use host::Value;

/// What is set, with typed access that remembers what was read and what was wrong.
#[derive(Debug, Default)]
pub struct Settings {
    /// Sorted by key.
    entries: Vec<(String, Value)>,
    read: RefCell<BTreeSet<usize>>,
    problems: RefCell<Vec<Problem>>,
}

impl Settings {
    /// What the operator set. Off WebAssembly nothing is.
    #[must_use]
    pub fn read() -> Self {
        if !cfg!(target_arch = "wasm32") {
            return Self::default();
        }
        Self::of(
            host::entries()
                .into_iter()
                .map(|entry| (entry.key, entry.value)),
        )
    }

    /// Settings made by hand, for tests. Keys are dotted paths; elements of arrays go by index.
    ///
    /// ```
    /// # use mini_llm_chat_plugin_sdk::settings::Settings;
    /// let settings = Settings::of([("words.0", "xyzzy".into()), ("strict", true.into())]);
    /// assert_eq!(settings.texts("words"), ["xyzzy"]);
    /// assert_eq!(settings.boolean("strict"), Some(true));
    /// assert!(settings.into_problems().is_empty());
    /// ```
    pub fn of<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        let mut entries: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        Self {
            entries,
            ..Self::default()
        }
    }

    /// The text at `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.typed(key, "a text in quotes", |value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// The whole number at `key`.
    #[must_use]
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.typed(key, "a whole number", |value| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        })
    }

    /// The number at `key`; a whole one is taken too.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        self.typed(key, "a number", |value| match value {
            Value::Number(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "settings are small")]
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        })
    }

    /// `true` or `false` at `key`.
    #[must_use]
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.typed(key, "true or false", |value| match value {
            Value::Boolean(boolean) => Some(*boolean),
            _ => None,
        })
    }

    /// The array of texts at `key`, in order; empty where it is not set.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        if self.position(key).is_some() {
            self.problem(key, "must be an array of texts, such as [\"one\", \"two\"]");
            self.mark(key);
            return Vec::new();
        }
        (0..self.length(key))
            .filter_map(|index| self.text(&format!("{key}.{index}")))
            .collect()
    }

    /// How many elements the array at `key` has, to read an array of tables by
    /// `patterns.0.name`, `patterns.1.name` and so on.
    #[must_use]
    pub fn length(&self, key: &str) -> usize {
        self.below(key)
            .filter_map(|rest| rest.split('.').next()?.parse::<usize>().ok())
            .map(|index| index.saturating_add(1))
            .max()
            .unwrap_or(0)
            // An index comes from the host; a gap must not become a loop of billions.
            .min(self.entries.len())
    }

    /// The names right under `key`, sorted and each once, to read a table whose keys the operator chooses.
    #[must_use]
    pub fn names(&self, key: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .below(key)
            .filter_map(|rest| rest.split('.').next())
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Everything that is set, sorted by key, and all of it counted as read: for a plugin whose rules
    /// library reads flat settings itself.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.read.borrow_mut().extend(0..self.entries.len());
        self.entries
            .iter()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// Notes what is wrong with the value at `key` and what to write instead; at most 200 printable
    /// characters.
    pub fn problem(&self, key: &str, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// Every problem seen until now, and every key that is set but was never read.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        let read = self.read.into_inner();
        let mut problems = self.problems.into_inner();
        let unread = self
            .entries
            .into_iter()
            .enumerate()
            .filter(|(index, _)| !read.contains(index));
        problems.extend(unread.map(|(_, (key, _))| Problem {
            key,
            message: "is not a setting of this plugin; correct the name or remove it".to_owned(),
        }));
        problems
    }

    fn typed<T>(
        &self,
        key: &str,
        wanted: &str,
        convert: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let Some(position) = self.position(key) else {
            // A table or an array where one value belongs would read as "not set".
            if self.below(key).next().is_some() {
                self.problem(key, format!("must be {wanted}"));
                self.mark(key);
            }
            return None;
        };
        self.read.borrow_mut().insert(position);
        let value = convert(&self.entries[position].1);
        if value.is_none() {
            self.problem(key, format!("must be {wanted}"));
        }
        value
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.entries
            .binary_search_by(|entry| entry.0.as_str().cmp(key))
            .ok()
    }

    /// What follows `key.` in the keys that begin so.
    fn below<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries
            .iter()
            .filter_map(move |(path, _)| path.strip_prefix(key)?.strip_prefix('.'))
    }

    /// Counts everything at and under `key` as read, so that one mistake is reported once.
    fn mark(&self, key: &str) {
        let under = |path: &str| {
            path.strip_prefix(key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let positions = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, (path, _))| under(path));
        self.read
            .borrow_mut()
            .extend(positions.map(|(index, _)| index));
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// What `configure` says about the operator's settings; the body of the exported `check`.
#[doc(hidden)]
pub fn check<T>(configure: impl FnOnce(&mut Settings) -> Result<T, Vec<Problem>>) -> Vec<Problem> {
    configured(configure).err().unwrap_or_default()
}

/// The value, or every problem: those that `configure` returns and those that reading showed.
pub(crate) fn configured<T>(
    configure: impl FnOnce(&mut Settings) -> Result<T, Vec<Problem>>,
) -> Result<T, Vec<Problem>> {
    configured_by(Settings::read(), configure)
}

fn configured_by<T>(
    mut settings: Settings,
    configure: impl FnOnce(&mut Settings) -> Result<T, Vec<Problem>>,
) -> Result<T, Vec<Problem>> {
    let result = configure(&mut settings);
    let mut problems = settings.into_problems();
    match result {
        Ok(value) if problems.is_empty() => Ok(value),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            if problems.is_empty() {
                problems.push(Problem {
                    key: String::new(),
                    message: "the settings are refused".to_owned(),
                });
            }
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::*;

    fn keys(problems: &[Problem]) -> Vec<&str> {
        problems
            .iter()
            .map(|problem| problem.key.as_str())
            .collect()
    }

    #[test]
    fn absent_keys_are_no_problem() {
        let settings = Settings::default();
        assert_eq!(settings.text("a"), None);
        assert!(settings.texts("b").is_empty());
        assert!(settings.into_problems().is_empty());
    }

    #[test]
    fn value_of_another_type_is_a_problem() {
        let settings = Settings::of([("strict", "yes".into()), ("words", "one".into())]);
        assert_eq!(settings.boolean("strict"), None);
        assert!(settings.texts("words").is_empty());
        assert_eq!(keys(&settings.into_problems()), ["strict", "words"]);
    }

    #[test]
    fn array_where_one_value_belongs_is_one_problem() {
        let settings = Settings::of([("word.0", "a".into()), ("word.1", "b".into())]);
        assert_eq!(settings.text("word"), None);
        assert_eq!(keys(&settings.into_problems()), ["word"]);
    }

    #[test]
    fn key_that_nothing_read_is_a_problem() {
        let settings = Settings::of([("word", "a".into()), ("wrod", "b".into())]);
        assert_eq!(settings.text("word").unwrap(), "a");
        assert_eq!(keys(&settings.into_problems()), ["wrod"]);
    }

    #[test]
    fn arrays_keep_their_order_beyond_ten() {
        let entries = (0..12).map(|index| {
            (
                format!("w.{index}"),
                Value::from(index.to_string().as_str()),
            )
        });
        let texts = Settings::of(entries).texts("w");
        assert_eq!(
            texts,
            (0..12).map(|index| index.to_string()).collect::<Vec<_>>()
        );
    }

    #[test]
    fn names_lists_the_keys_of_a_table() {
        let settings = Settings::of([
            ("rules.b", true.into()),
            ("rules.a.x", true.into()),
            ("rule", true.into()),
        ]);
        assert_eq!(settings.names("rules"), ["a", "b"]);
    }

    #[test]
    fn huge_index_does_not_become_a_long_loop() {
        let settings = Settings::of([("w.4000000000", "a".into())]);
        assert!(settings.texts("w").is_empty());
        assert_eq!(keys(&settings.into_problems()), ["w.4000000000"]);
    }

    #[test]
    fn problems_of_reading_refuse_a_value_that_was_built() {
        let settings = Settings::of([("n", "text".into())]);
        let result = configured_by(settings, |settings| Ok(settings.integer("n")));
        assert_eq!(keys(&result.unwrap_err()), ["n"]);
    }

    #[test]
    fn refusal_without_a_problem_still_says_something() {
        let result = configured_by(Settings::default(), |_| Err::<(), _>(Vec::new()));
        assert_eq!(result.unwrap_err().len(), 1);
    }
}
