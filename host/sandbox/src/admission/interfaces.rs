//! What a component exports decides what it is; what it imports must be allowed to that kind or granted.
//!
//! A component is of exactly one kind, and may export `configurable` beside it. One kind a component keeps the
//! rules simple: a grant, a limit, a fault and an order belong to one plugin, never to half of one.

use std::collections::BTreeSet;

use super::CONTRACT;
use super::structure::{Item, Structure};
use crate::component::Component;
use crate::error::Problem;
use crate::names::{Grant, Kind};

const PLUGIN_PACKAGE: &str = "mini-llm-chat:plugin";
const HOST_PACKAGE: &str = "mini-llm-chat:host";

/// WASI packages of which the inert minimum is linked. Sockets and HTTP are never offered.
const WASI_PACKAGES: [&str; 5] = [
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:io",
    "wasi:random",
];

/// What a component turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) kind: Kind,
    pub(super) configurable: bool,
}

/// Checks imports and exports of a component against the contract, its kind and its grants.
///
/// # Errors
/// All that does not fit.
pub(super) fn check(structure: &Structure, component: &Component) -> Result<Role, Vec<Problem>> {
    let mut problems = Vec::new();
    let (kinds, configurable) = exports(&structure.exports, &mut problems);
    let kind = match kinds.as_slice() {
        [kind] => Some(*kind),
        [] => {
            // A component for another contract exports no kind of this one; that was said already.
            if !problems
                .iter()
                .any(|problem| matches!(problem, Problem::OtherContract { .. }))
            {
                problems.push(Problem::NoKind);
            }
            None
        }
        several => {
            problems.push(Problem::SeveralKinds(
                several.iter().map(|kind| kind.interface()).collect(),
            ));
            None
        }
    };
    imports(&structure.imports, kind, component, &mut problems);
    match kind {
        Some(kind) if problems.is_empty() => Ok(Role { kind, configurable }),
        _ => Err(problems),
    }
}

fn exports(items: &[Item], problems: &mut Vec<Problem>) -> (Vec<Kind>, bool) {
    let (mut kinds, mut configurable) = (Vec::new(), false);
    for item in items.iter().filter(|item| !item.types_only) {
        let name = InterfaceName::parse(&item.name);
        if name.package == PLUGIN_PACKAGE && name.track != CONTRACT {
            problems.push(name.other_contract(&item.name));
            continue;
        }
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.interface() == name.interface);
        match (name.package == PLUGIN_PACKAGE, kind) {
            (true, Some(kind)) => kinds.push(kind),
            (true, None) if name.interface == "configurable" => configurable = true,
            _ => problems.push(Problem::UnknownExport(shown(&item.name))),
        }
    }
    (kinds, configurable)
}

fn imports(items: &[Item], kind: Option<Kind>, component: &Component, problems: &mut Vec<Problem>) {
    let (mut ungranted, mut missing) = (Vec::new(), BTreeSet::new());
    let (mut forbidden, mut unknown) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|item| !item.types_only) {
        let name = InterfaceName::parse(&item.name);
        if name.package == HOST_PACKAGE && name.track != CONTRACT {
            problems.push(name.other_contract(&item.name));
            continue;
        }
        match name.authority() {
            Authority::Everyone => {}
            Authority::Unknown => unknown.push(shown(&item.name)),
            Authority::Grant(grant) => match kind {
                Some(kind) if always_has(kind, grant) => {}
                Some(Kind::Commands) | None if component.grants.contains(&grant) => {}
                Some(Kind::Commands) | None => {
                    missing.insert(grant);
                    ungranted.push(shown(&item.name));
                }
                Some(_) => forbidden.push(shown(&item.name)),
            },
        }
    }
    if let Some(kind @ (Kind::Redactor | Kind::PromptPolicy)) = kind
        && !component.grants.is_empty()
    {
        problems.push(Problem::UselessGrants(kind));
    }
    if !ungranted.is_empty() {
        let grants = component
            .grants
            .union(&missing)
            .map(|grant| grant.name())
            .collect();
        problems.push(Problem::Ungranted {
            plugin: component.name.clone(),
            imports: ungranted,
            grants,
        });
    }
    if let (Some(kind), false) = (kind, forbidden.is_empty()) {
        problems.push(Problem::Forbidden {
            kind,
            imports: forbidden,
        });
    }
    if !unknown.is_empty() {
        problems.push(Problem::UnknownImports(unknown));
    }
}

/// What a kind may call without being granted it.
const fn always_has(kind: Kind, grant: Grant) -> bool {
    matches!(
        (kind, grant),
        (Kind::PromptPolicy | Kind::Commands, Grant::Log)
    )
}

fn shown(name: &str) -> String {
    crate::printable::line(name, 120)
}

enum Authority {
    Everyone,
    Grant(Grant),
    Unknown,
}

/// `namespace:package/interface@version`, taken apart. What has another shape has empty parts.
struct InterfaceName<'a> {
    package: &'a str,
    interface: &'a str,
    /// What must be equal for two versions to fit: `0.1` of 0.1.3, `2` of 2.4.0.
    track: String,
}

impl<'a> InterfaceName<'a> {
    fn parse(name: &'a str) -> Self {
        let (path, version) = name.split_once('@').unwrap_or((name, ""));
        let (package, interface) = path.split_once('/').unwrap_or(("", path));
        let mut numbers = version.split(['.', '-', '+']);
        let track = match (numbers.next(), numbers.next()) {
            (Some("0"), Some(minor)) => format!("0.{minor}"),
            (Some(major), _) => major.to_owned(),
            (None, _) => String::new(),
        };
        Self {
            package,
            interface,
            track,
        }
    }

    fn other_contract(&self, name: &str) -> Problem {
        let number = |track: &str| -> Vec<u64> {
            track
                .split('.')
                .filter_map(|part| part.parse().ok())
                .collect()
        };
        let newer = number(&self.track) > number(CONTRACT);
        let made_for = if self.track.is_empty() {
            "without a version".to_owned()
        } else {
            shown(&self.track)
        };
        Problem::OtherContract {
            interface: shown(name),
            made_for,
            newer,
        }
    }

    fn authority(&self) -> Authority {
        if self.package == HOST_PACKAGE {
            if self.interface == "settings" {
                return Authority::Everyone;
            }
            return match Grant::from_name(self.interface) {
                Some(Grant::Wasi) | None => Authority::Unknown,
                Some(grant) => Authority::Grant(grant),
            };
        }
        if WASI_PACKAGES.contains(&self.package) && self.track == "0.2" {
            return Authority::Grant(Grant::Wasi);
        }
        Authority::Unknown
    }
}
