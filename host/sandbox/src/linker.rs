//! Which of the host's interfaces a component is linked with: those of its kind and its grants, no other.
//!
//! Deny by default: what is not added here does not exist for the guest, and a component that imports it
//! cannot be instantiated. Admission has refused it before, with all such imports named.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, InstancePre, Linker};

use crate::component::Admitted;
use crate::contract::imports::mini_llm_chat::{host, plugin};
use crate::error::Problem;
use crate::meter::Data;
use crate::names::{Grant, Kind};

/// Links a component and checks that every import is satisfied.
pub(crate) fn link(
    engine: &Engine,
    admitted: &Admitted,
) -> Result<InstancePre<Data>, Vec<Problem>> {
    let linked =
        linker(engine, admitted).and_then(|linker| linker.instantiate_pre(&admitted.component));
    linked.map_err(|error| {
        vec![Problem::Start(crate::printable::line(
            &error.to_string(),
            200,
        ))]
    })
}

fn linker(engine: &Engine, admitted: &Admitted) -> wasmtime::Result<Linker<Data>> {
    let mut linker = Linker::new(engine);
    plugin::types::add_to_linker::<_, HasSelf<Data>>(&mut linker, |data| data)?;
    host::settings::add_to_linker::<_, HasSelf<Data>>(&mut linker, |data| data)?;
    match admitted.kind() {
        Kind::Redactor => {}
        Kind::PromptPolicy => add(&mut linker, Grant::Log)?,
        Kind::Commands => {
            add(&mut linker, Grant::Log)?;
            let granted = admitted.meta().grants.iter();
            for grant in granted.filter(|grant| **grant != Grant::Log) {
                add(&mut linker, *grant)?;
            }
        }
    }
    Ok(linker)
}

fn add(linker: &mut Linker<Data>, grant: Grant) -> wasmtime::Result<()> {
    macro_rules! add {
        ($interface:ident) => {
            host::$interface::add_to_linker::<_, HasSelf<Data>>(linker, |data| data)
        };
    }
    match grant {
        Grant::Log => add!(log),
        Grant::Output => add!(output),
        Grant::Session => add!(session),
        Grant::Conversations => add!(conversations),
        Grant::ConversationsAll => add!(conversations_all),
        Grant::Auth => add!(auth),
        Grant::Users => add!(users),
        Grant::Audit => add!(audit),
        Grant::Plugins => add!(plugins),
        Grant::Storage => add!(storage),
        Grant::Cache => add!(cache),
        Grant::RateLimit => add!(rate_limit),
        Grant::Llm => add!(llm),
        Grant::Wasi => wasmtime_wasi::p2::add_to_linker_async(linker),
    }
}
