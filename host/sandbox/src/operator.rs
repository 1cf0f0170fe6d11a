//! What the operator says about plugins, as it was read from the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::error::Problem;
use crate::names::{Grant, PluginName};

/// The operator's word on plugins. Nothing that comes with a plugin can change it.
#[derive(Clone, Debug, Default)]
pub struct Operator {
    /// By plugin: the sections `[plugins.NAME]`.
    pub plugins: BTreeMap<PluginName, OperatorPlugin>,
    /// Refuses a plugin directory without a lock.
    pub require_lock: bool,
    /// A lock outside the plugin directory; it is used in the place of `plugins.lock`.
    pub lock_file: Option<PathBuf>,
}

/// One section `[plugins.NAME]`.
#[derive(Clone, Debug, Default)]
pub struct OperatorPlugin {
    /// Everything of the section but `grants`.
    pub settings: toml::Table,
    /// What the plugin may call.
    pub grants: BTreeSet<Grant>,
}

impl OperatorPlugin {
    /// Takes a section apart: `grants` is the list of grants, everything else is a setting.
    ///
    /// # Errors
    /// When `grants` is no list of names, or names what is no grant.
    pub fn from_toml(mut section: toml::Table) -> Result<Self, Vec<Problem>> {
        let grants = match section.remove("grants") {
            Some(list) => grants(&list)?,
            None => BTreeSet::new(),
        };
        Ok(Self {
            settings: section,
            grants,
        })
    }
}

fn grants(list: &toml::Value) -> Result<BTreeSet<Grant>, Vec<Problem>> {
    let names: Option<Vec<&str>> = list
        .as_array()
        .and_then(|list| list.iter().map(toml::Value::as_str).collect());
    let (mut grants, mut problems) = (BTreeSet::new(), Vec::new());
    for name in names.ok_or_else(|| vec![Problem::GrantsShape])? {
        match Grant::from_name(name) {
            Some(grant) => {
                grants.insert(grant);
            }
            None => problems.push(Problem::UnknownGrant(crate::printable::line(name, 40))),
        }
    }
    if problems.is_empty() {
        Ok(grants)
    } else {
        Err(problems)
    }
}

/// The plugin's own settings with the operator's over them, table by table; lists are replaced whole.
pub(crate) fn overlay(under: &mut toml::Table, over: &toml::Table) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => overlay(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn grants_are_taken_out_of_the_settings() {
        let section = "grants = ['storage', 'rate-limit']\nlimit = 3"
            .parse()
            .unwrap();
        let plugin = OperatorPlugin::from_toml(section).unwrap();
        assert_eq!(
            plugin.grants,
            BTreeSet::from([Grant::Storage, Grant::RateLimit])
        );
        assert_eq!(plugin.settings, "limit = 3".parse().unwrap());
    }

    #[test]
    fn every_unknown_grant_is_named() {
        let problems =
            OperatorPlugin::from_toml("grants = ['root', 'log', 'shell']".parse().unwrap())
                .unwrap_err();
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 2);
        assert!(
            text[0].starts_with("`root` is no grant; there are `log`, `output`"),
            "{text:?}"
        );
        assert!(text[1].starts_with("`shell` is no grant"), "{text:?}");
    }

    #[test]
    fn the_operator_wins_key_by_key() {
        let mut under = "a = 1\nlist = [1, 2]\n[t]\nx = 1\ny = 2".parse().unwrap();
        overlay(&mut under, &"list = [3]\n[t]\ny = 9".parse().unwrap());
        assert_eq!(
            under,
            "a = 1\nlist = [3]\n[t]\nx = 1\ny = 9".parse().unwrap()
        );
    }
}
