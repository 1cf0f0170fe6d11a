//! What a plugin says about itself, read once at admission and checked before anyone relies on it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::InstancePre;

use crate::component::Admitted;
use crate::contract::{Command, Rule, configurable};
use crate::error::Problem;
use crate::fault::{Fault, FaultCause};
use crate::guest::{Blueprint, START};
use crate::limits::{EXPLANATION_CHARS, ID_CHARS, TABLE_ENTRIES, WARM_UP_WALL};
use crate::meter::Data;
use crate::printable;

/// A fault at admission, as a problem.
pub(crate) fn failed_call(fault: Fault) -> Vec<Problem> {
    let cause = fault.cause.to_string();
    vec![if fault.call == START {
        Problem::Start(cause)
    } else {
        Problem::Call {
            call: fault.call,
            cause,
        }
    }]
}

/// The exports are not those of the contract. Admission has looked at the names; here the shapes differ.
pub(crate) fn not_this_kind(error: wasmtime::Error) -> Vec<Problem> {
    vec![Problem::Start(printable::line(
        &format!("{error:#}"),
        EXPLANATION_CHARS,
    ))]
}

/// Checks the names of what a plugin can find.
pub(crate) fn kinds(kinds: Vec<String>) -> Result<Vec<Arc<str>>, Vec<Problem>> {
    let mut check = Table::new("kinds", kinds.len());
    kinds.iter().for_each(|kind| check.unique_id(kind));
    check.finish(|| kinds.into_iter().map(Arc::from).collect())
}

/// Checks a policy's rules.
pub(crate) fn rules(rules: Vec<Rule>) -> Result<Vec<Rule>, Vec<Problem>> {
    let mut check = Table::new("rules", rules.len());
    for rule in &rules {
        check.unique_id(&rule.id);
        check.line(&rule.id, "explanation", &rule.explanation);
    }
    check.finish(|| rules)
}

/// Checks a plugin's commands.
pub(crate) fn commands(commands: Vec<Command>) -> Result<Vec<Command>, Vec<Problem>> {
    let mut check = Table::new("describe", commands.len());
    for command in &commands {
        check.unique_id(&command.name);
        command
            .aliases
            .iter()
            .for_each(|alias| check.unique_id(alias));
        check.line(&command.name, "usage", &command.usage);
        check.line(&command.name, "summary", &command.summary);
    }
    check.finish(|| commands)
}

/// Collects what is wrong with a table.
struct Table {
    name: &'static str,
    ids: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Table {
    fn new(name: &'static str, entries: usize) -> Self {
        let mut table = Self {
            name,
            ids: BTreeSet::new(),
            problems: Vec::new(),
        };
        if entries > TABLE_ENTRIES {
            table.problem(format!(
                "{entries} entries; at most {TABLE_ENTRIES} are allowed"
            ));
        }
        table
    }

    fn problem(&mut self, why: String) {
        // One bad table is refused for its first few reasons: a list of thousands helps nobody.
        if self.problems.len() < 8 {
            self.problems.push(Problem::Table {
                table: self.name,
                why,
            });
        }
    }

    fn unique_id(&mut self, id: &str) {
        let shown = printable::line(id, ID_CHARS);
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if !(1..=ID_CHARS).contains(&id.len()) || !id.bytes().all(allowed) {
            self.problem(format!(
                "`{shown}` is not 1 to {ID_CHARS} characters of a-z, 0-9 and -"
            ));
        } else if !self.ids.insert(id.to_owned()) {
            self.problem(format!("`{shown}` is there twice"));
        }
    }

    fn line(&mut self, id: &str, what: &str, text: &str) {
        let id = printable::line(id, ID_CHARS);
        if text.chars().count() > EXPLANATION_CHARS {
            self.problem(format!(
                "the {what} of `{id}` has more than {EXPLANATION_CHARS} characters"
            ));
        } else if printable::inline(text) != text {
            self.problem(format!("the {what} of `{id}` holds control characters"));
        }
    }

    fn finish<T>(self, table: impl FnOnce() -> T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(table())
        } else {
            Err(self.problems)
        }
    }
}

/// Asks a plugin that can tell what it thinks of its settings.
pub(crate) fn check_settings(
    blueprint: &Blueprint,
    admitted: &Admitted,
    instance_pre: &InstancePre<Data>,
) -> Result<(), Vec<Problem>> {
    if !admitted.configurable {
        return Ok(());
    }
    let pre = configurable::ConfigurablePre::new(instance_pre.clone()).map_err(not_this_kind)?;
    let problems = finish(blueprint, "check", async |store| {
        let bindings = pre.instantiate_async(&mut *store).await?;
        let exports = bindings.mini_llm_chat_plugin_configurable();
        exports.call_check(store).await
    })
    .map_err(failed_call)?;
    if problems.is_empty() {
        return Ok(());
    }
    let setting = |problem: &crate::contract::SettingProblem| Problem::Setting {
        key: printable::line(&problem.key, EXPLANATION_CHARS),
        message: printable::line(&problem.message, EXPLANATION_CHARS),
    };
    Err(problems.iter().take(TABLE_ENTRIES).map(setting).collect())
}

/// Makes an instance and calls it once, without an executor.
///
/// Commands are linked with imports that may wait. At admission no service is there to wait for, so that
/// a suspended call only wants to be polled again; the wall limit ends one that waits for more.
pub(crate) fn finish<T>(
    blueprint: &Blueprint,
    call: &'static str,
    function: impl AsyncFnOnce(&mut wasmtime::Store<Data>) -> wasmtime::Result<T>,
) -> Result<T, Fault> {
    let mut store = blueprint.store(None);
    let clock = store.data_mut().deadline.poll_clock();
    let result = {
        let inner = Box::pin(function(&mut store));
        let mut future = std::pin::pin!(crate::deadline::Metered { clock, inner });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let began = Instant::now();
        loop {
            match future.as_mut().poll(&mut context) {
                std::task::Poll::Ready(result) => break Some(result),
                std::task::Poll::Pending if began.elapsed() > WARM_UP_WALL => break None,
                std::task::Poll::Pending => std::thread::sleep(Duration::from_micros(50)),
            }
        }
    };
    match result {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => Err(blueprint.fault(call, &error, store.data())),
        None => Err(blueprint.blame(
            call,
            FaultCause::WallTime {
                limit: WARM_UP_WALL,
            },
        )),
    }
}
