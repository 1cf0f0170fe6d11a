//! The kind of plugin that adds chat commands.
//!
//! Each invocation gets a fresh instance. A command reaches the chat through [`host`](crate::host)
//! alone; the component imports only what it calls, and is refused unless the operator granted that.

use crate::settings::{Problem, Settings};

pub use crate::bindings::commands::exports::mini_llm_chat::plugin::commands::{Command, Outcome};
pub use crate::bindings::commands::mini_llm_chat::plugin::types::{Access, Caller};

/// Adds chat commands.
pub trait Commands: Sized + 'static {
    /// Builds the value from the operator's settings, once an instance.
    ///
    /// # Errors
    /// What is wrong with the settings. It refuses the plugin at admission, as do keys that were
    /// set but never read, and values of another type than was asked for.
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>>;

    /// The commands. Names are `[a-z0-9-]`, 1 to 40 characters, unique among all active plugins.
    /// Read once, at admission.
    fn describe(&self) -> Vec<Command>;

    /// Runs the command of this name; `rest` is what follows it on the line, trimmed.
    ///
    /// # Errors
    /// Text for the person who typed it. `?` on a [`Failure`](crate::host::Failure) makes it.
    fn run(&mut self, name: &str, rest: &str) -> Result<Outcome, String>;
}

/// Exports a type that implements [`commands::Commands`](crate::commands::Commands) as the component.
///
/// Once in a crate of type `cdylib`. See the crate's page for an example.
#[macro_export]
macro_rules! export_commands {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::std::string::String;
            use ::std::vec::Vec;
            use $crate::bindings::commands::exports::mini_llm_chat::plugin::commands;
            use $crate::bindings::configurable::exports::mini_llm_chat::plugin::configurable;
            use $crate::commands::Commands as _;

            ::std::thread_local! {
                static PLUGIN: $crate::private::Slot<$plugin> = const { $crate::private::Slot::new() };
            }

            fn with<R>(call: impl FnOnce(&mut $plugin) -> R) -> R {
                $crate::private::report_to_log();
                PLUGIN.with(|slot| slot.with(<$plugin>::configure, call))
            }

            struct Exported;

            impl commands::Guest for Exported {
                fn describe() -> Vec<commands::Command> {
                    with(|plugin| plugin.describe())
                }

                fn run(name: String, rest: String) -> Result<commands::Outcome, String> {
                    with(|plugin| plugin.run(&name, &rest))
                }
            }

            impl configurable::Guest for Exported {
                fn check() -> Vec<configurable::Problem> {
                    $crate::private::report_to_log();
                    $crate::settings::check(<$plugin>::configure)
                }
            }

            $crate::bindings::commands::export_commands_world!(
                Exported with_types_in $crate::bindings::commands
            );
            $crate::bindings::configurable::export_configurable_world!(
                Exported with_types_in $crate::bindings::configurable
            );
        };
    };
}
