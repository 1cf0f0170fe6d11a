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
