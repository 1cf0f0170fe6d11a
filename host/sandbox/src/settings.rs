//! Settings as a plugin sees them: one flat, sorted list, whatever the shape of the TOML.
//!
//! A flat list keeps the contract free of recursive types, which WIT does not have, and lets a guest look a
//! key up without building a tree.

use crate::names::Digester;

/// One value of a plugin's settings.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string; also a date, as TOML writes it.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Dotted path; elements of arrays by index, such as `patterns.0.name`.
    pub key: String,
    /// What it is set to.
    pub value: Value,
}

/// A plugin's settings, sorted by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(Vec<Entry>);

impl Settings {
    /// Flattens a TOML table. Empty tables and arrays leave no trace.
    #[must_use]
    pub fn from_toml(table: &toml::Table) -> Self {
        let mut entries = Vec::new();
        for (key, value) in table {
            flatten(key.clone(), value, &mut entries);
        }
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Self(entries)
    }

    /// Everything that is set, sorted by key.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Feeds every key and value into a digest, with their types.
    pub(crate) fn digest_into(&self, digester: &mut Digester) {
        digester.part(&(self.0.len() as u64).to_le_bytes());
        for entry in &self.0 {
            digester.part(entry.key.as_bytes());
            match &entry.value {
                Value::Text(text) => digester.part(b"text").part(text.as_bytes()),
                Value::Integer(number) => digester.part(b"integer").part(&number.to_le_bytes()),
                Value::Number(number) => digester
                    .part(b"number")
                    .part(&number.to_bits().to_le_bytes()),
                Value::Boolean(flag) => digester.part(b"boolean").part(&[u8::from(*flag)]),
            };
        }
    }
}

fn flatten(key: String, value: &toml::Value, entries: &mut Vec<Entry>) {
    let value = match value {
        toml::Value::String(text) => Value::Text(text.clone()),
        toml::Value::Integer(number) => Value::Integer(*number),
        toml::Value::Float(number) => Value::Number(*number),
        toml::Value::Boolean(flag) => Value::Boolean(*flag),
        toml::Value::Datetime(moment) => Value::Text(moment.to_string()),
        toml::Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(format!("{key}.{index}"), element, entries);
            }
            return;
        }
        toml::Value::Table(table) => {
            for (name, inner) in table {
                flatten(format!("{key}.{name}"), inner, entries);
            }
            return;
        }
    };
    entries.push(Entry { key, value });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    fn settings(source: &str) -> Settings {
        Settings::from_toml(&source.parse().unwrap())
    }

    fn digest(settings: &Settings) -> crate::names::Digest {
        let mut digester = Digester::new();
        settings.digest_into(&mut digester);
        digester.finish()
    }

    #[test]
    fn nested_tables_and_arrays_become_dotted_keys_in_order() {
        let flat = settings(
            "z = true\n[[patterns]]\nname = 'id'\nscore = 0.5\n[[patterns]]\nname = 'no'\n[a]\nb = [1]",
        );
        let keys: Vec<_> = flat
            .entries()
            .iter()
            .map(|entry| entry.key.as_str())
            .collect();
        assert_eq!(
            keys,
            [
                "a.b.0",
                "patterns.0.name",
                "patterns.0.score",
                "patterns.1.name",
                "z"
            ]
        );
        assert_eq!(flat.entries()[2].value, Value::Number(0.5));
    }

    #[test]
    fn dates_are_text_as_toml_writes_them() {
        assert_eq!(
            settings("day = 2024-02-29").entries()[0].value,
            Value::Text("2024-02-29".into())
        );
    }

    #[test]
    fn the_digest_tells_values_and_types_apart_but_not_the_order_of_writing() {
        assert_ne!(digest(&settings("a = 1")), digest(&settings("a = '1'")));
        assert_ne!(digest(&settings("a = 1")), digest(&settings("a = 2")));
        assert_eq!(
            digest(&settings("a = 1\nb = 2")),
            digest(&settings("b = 2\na = 1"))
        );
    }
}
