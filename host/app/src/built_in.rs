//! The components that are in the binary.

use std::collections::BTreeSet;

use mini_llm_chat_sandbox::{Component, Grant, InvalidName, Origin, PluginName, Settings};

use crate::error::{Failure, Result};
use crate::exit::Exit;

/// The built-in set, as the sandbox takes it. Settings of the config file are laid over by the sandbox.
///
/// # Errors
/// When the binary was built with a name that is no plugin's.
pub(crate) fn components() -> Result<Vec<Component>> {
    let components = mini_llm_chat_builtin::all()
        .into_iter()
        .map(|(name, bytes)| component(name, bytes));
    components
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| {
            Failure::new(
                Exit::Internal,
                format_args!("the built-in plugins: {error}"),
            )
        })
}

fn component(name: &str, bytes: &[u8]) -> std::result::Result<Component, InvalidName> {
    Ok(Component {
        name: PluginName::new(name)?,
        order: String::new(),
        origin: Origin::BuiltIn,
        bytes: bytes.to_vec(),
        settings: Settings::default(),
        grants: grants(name),
    })
}

/// The built-in commands get what they call and no more. The other kinds need no grant.
pub(crate) fn grants(name: &str) -> BTreeSet<Grant> {
    match name {
        "commands" => BTreeSet::from([
            Grant::Auth,
            Grant::Cache,
            Grant::Conversations,
            Grant::ConversationsAll,
            Grant::Output,
            Grant::Plugins,
            Grant::Session,
            Grant::Users,
        ]),
        _ => BTreeSet::new(),
    }
}
