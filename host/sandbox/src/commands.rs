//! Chat commands: who brings which, and one run of one.
//!
//! Every run gets a fresh instance, so nothing of one caller is left for the next. It runs on the
//! executor and yields at each tick; dropping the future that [`CommandTable::run`] returns drops the
//! store, which is how Ctrl-C works. The wall limit lies outside, because no epoch is looked at while
//! a guest waits in an import.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::{Engine, Store};

use crate::component::{Admitted, Meta};
use crate::contract::commands as bindings;
use crate::contract::{Access, Caller, Command, Outcome, Plugin};
use crate::deadline::{Metered, PersonClock};
use crate::error::{Problem, Refusal};
use crate::fault::{Fault, FaultCause};
use crate::guest::Blueprint;
use crate::limits::{self, REST_BYTES};
use crate::meter::{Data, Run};
use crate::names::{Grant, Origin, PluginName};
use crate::services::Services;
use crate::{linker, printable, tables};

/// Names that are the host's own, whatever is loaded.
const RESERVED: [&str; 3] = ["exit", "quit", "retry"];

/// How often the wall limit is looked at again while a person is asked something.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// An admitted commands plugin, ready to be instantiated for each run.
pub struct CommandsPre {
    blueprint: Blueprint,
    pre: bindings::CommandsPre<Data>,
    commands: Vec<Command>,
}

impl CommandsPre {
    /// Links the component with what it was granted, asks it about its settings, reads and checks the
    /// commands that it brings.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn new(engine: &Engine, admitted: &Admitted) -> Result<Self, Vec<Problem>> {
        let instance_pre = linker::link(engine, admitted)?;
        let pre = bindings::CommandsPre::new(instance_pre).map_err(tables::not_this_kind)?;
        let blueprint = Blueprint::new(engine, admitted, limits::COMMANDS);
        tables::check_settings(&blueprint, admitted, pre.instance_pre())?;
        let described = tables::finish(&blueprint, "describe", async |store| {
            let commands = pre.instantiate_async(&mut *store).await?;
            let exports = commands.mini_llm_chat_plugin_commands();
            exports.call_describe(store).await
        });
        let commands = tables::commands(described.map_err(tables::failed_call)?)?;
        Ok(Self {
            blueprint,
            pre,
            commands,
        })
    }

    /// Name, digest, settings and grants.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        self.blueprint.meta()
    }

    /// The plugin with its live state and fault count.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        self.blueprint.plugin()
    }

    /// What it brings.
    #[must_use]
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    async fn run(&self, name: &str, rest: &str, run: Run) -> Result<Outcome, CommandError> {
        let person = Arc::clone(&run.person);
        let mut store = self.blueprint.store(Some(run));
        let data = store.data_mut();
        let clock = data.deadline.poll_clock();
        // Wall time is kept outside; the processor budget is for the whole run, `start` included.
        data.deadline
            .begin(limits::COMMANDS.cpu, Duration::MAX, false);
        let call = Metered {
            clock,
            inner: Box::pin(self.call(&mut store, name, rest)),
        };
        let answer = within(self.wall(), &person, call).await;
        match answer {
            Some(Ok(Ok(outcome))) => {
                self.blueprint.succeeded();
                Ok(outcome)
            }
            Some(Ok(Err(message))) => Err(CommandError::Failed {
                plugin: self.meta().name.clone(),
                message: printable::block(&message).into_owned(),
            }),
            Some(Err(error)) => Err(self.blueprint.fault("run", &error, store.data()).into()),
            None => {
                let cause = FaultCause::WallTime { limit: self.wall() };
                Err(self.blueprint.blame("run", cause).into())
            }
        }
    }

    async fn call(
        &self,
        store: &mut Store<Data>,
        name: &str,
        rest: &str,
    ) -> wasmtime::Result<Result<Outcome, String>> {
        let commands = self.pre.instantiate_async(&mut *store).await?;
        let exports = commands.mini_llm_chat_plugin_commands();
        exports.call_run(store, name, rest).await
    }

    fn wall(&self) -> Duration {
        if self.meta().grants.contains(&Grant::Llm) {
            limits::COMMAND_WALL_WITH_LLM
        } else {
            limits::COMMANDS.wall
        }
    }
}

/// Waits for a run, not counting the time that it waits for a person. `None` when the time is up.
async fn within<T>(
    wall: Duration,
    person: &PersonClock,
    run: impl Future<Output = T>,
) -> Option<T> {
    let began = Instant::now();
    let mut run = pin!(run);
    loop {
        let spent = began.elapsed().saturating_sub(person.waited());
        let left = wall.checked_sub(spent)?;
        if let Ok(answer) = tokio::time::timeout(left.max(ASK_AGAIN), &mut run).await {
            return Some(answer);
        }
    }
}

/// Why a command did not do what was asked. Fit to be shown.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// No plugin brings it.
    #[error("there is no command /{0}; /help lists all")]
    Unknown(String),
    /// The caller's role does not allow it.
    #[error("/{0} needs the role admin")]
    Denied(String),
    /// Too much text behind the name.
    #[error("the text after /{0} is longer than {limit} KiB", limit = REST_BYTES >> 10)]
    TooLong(String),
    /// The command itself says no, in its own words, made printable.
    #[error("{plugin}: {message}")]
    Failed {
        /// The plugin.
        plugin: PluginName,
        /// Its words.
        message: String,
    },
    /// The plugin failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Every active command.
#[derive(Default)]
pub struct CommandTable {
    plugins: Vec<Arc<CommandsPre>>,
    /// Name or alias, to plugin and command.
    names: BTreeMap<String, (usize, usize)>,
}

impl CommandTable {
    /// Puts the commands of several plugins together.
    ///
    /// # Errors
    /// One refusal for each plugin that brings a name which another plugin or the host has.
    pub fn new(plugins: Vec<Arc<CommandsPre>>) -> Result<Self, Vec<Refusal>> {
        let mut names = BTreeMap::<String, (usize, usize)>::new();
        let mut refusals = Vec::new();
        for (index, plugin) in plugins.iter().enumerate() {
            let mut problems = Vec::new();
            for (position, command) in plugin.commands.iter().enumerate() {
                for name in std::iter::once(&command.name).chain(&command.aliases) {
                    let other = match names.get(name) {
                        _ if RESERVED.contains(&name.as_str()) => "the chat itself".to_owned(),
                        Some(&(other, _)) => format!("`{}`", plugins[other].meta().name),
                        None => {
                            names.insert(name.clone(), (index, position));
                            continue;
                        }
                    };
                    problems.push(Problem::DuplicateCommand {
                        command: name.clone(),
                        other,
                    });
                }
            }
            if !problems.is_empty() {
                refusals.push(Refusal::new(subject(plugin.meta()), problems));
            }
        }
        if refusals.is_empty() {
            Ok(Self { plugins, names })
        } else {
            Err(refusals)
        }
    }

    /// The command of that name or alias, and the plugin that brings it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&Meta, &Command)> {
        let (plugin, command) = self.locate(name)?;
        Some((plugin.meta(), command))
    }

    fn locate(&self, name: &str) -> Option<(&Arc<CommandsPre>, &Command)> {
        let &(plugin, command) = self.names.get(name)?;
        let plugin = self.plugins.get(plugin)?;
        Some((plugin, plugin.commands.get(command)?))
    }

    /// Every command with the plugin that brings it, in the order of the plugins.
    pub fn all(&self) -> impl Iterator<Item = (&Meta, &Command)> {
        self.plugins.iter().flat_map(|plugin| {
            let meta = plugin.meta();
            plugin.commands.iter().map(move |command| (meta, command))
        })
    }

    /// Every commands plugin with its live state.
    pub fn plugins(&self) -> impl Iterator<Item = Plugin> {
        self.plugins.iter().map(|plugin| plugin.plugin())
    }

    /// Runs a command by name or alias. Dropping the future ends the run.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn run(
        &self,
        name: &str,
        rest: &str,
        caller: &Caller,
        services: &Services,
    ) -> Result<Outcome, CommandError> {
        let shown = || printable::line(name, limits::ID_CHARS);
        let (plugin, command) = self
            .locate(name)
            .ok_or_else(|| CommandError::Unknown(shown()))?;
        if command.needs == Access::Admin && caller.access != Access::Admin {
            return Err(CommandError::Denied(shown()));
        }
        if rest.len() > REST_BYTES {
            return Err(CommandError::TooLong(shown()));
        }
        let run = Run {
            caller: caller.clone(),
            services: services.clone(),
            person: Arc::default(),
        };
        Box::pin(plugin.run(&command.name, rest, run)).await
    }
}

fn subject(meta: &Meta) -> String {
    match &meta.origin {
        Origin::BuiltIn => format!("built-in {}", meta.name),
        Origin::File(path) => path.display().to_string(),
    }
}
