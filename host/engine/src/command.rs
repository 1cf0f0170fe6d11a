//! Running a chat command for a session.

use mini_llm_chat_sandbox::CommandError;
use mini_llm_chat_sandbox::contract::Outcome;
use mini_llm_chat_sandbox::services::Services;

use crate::EngineError;
use crate::audit::{self, AuditEvent};
use crate::auth::Operation;
use crate::engine::Engine;
use crate::session::Session;

/// Why a command did not do what was asked. Fit to be shown.
#[derive(Debug, thiserror::Error)]
pub enum CommandFailed {
    /// The session has ended, or its role does not allow commands at all.
    #[error(transparent)]
    Session(EngineError),
    /// The command, its plugin or its role.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl Engine {
    /// Runs a command by name or alias, if the session still holds. What its role does not allow and what faults is
    /// audited. Dropping the future ends the run.
    ///
    /// # Errors
    /// See [`CommandFailed`].
    pub async fn command(
        &self,
        session: &Session,
        services: &Services,
        name: &str,
        rest: &str,
    ) -> Result<Outcome, CommandFailed> {
        let permitted = self.gate.permit(session, Operation::Command).await;
        permitted.map_err(CommandFailed::Session)?;
        let plugins = self.plugins();
        let caller = session.caller();
        let ran = plugins.commands().run(name, rest, &caller, services).await;
        match &ran {
            Err(CommandError::Denied(name)) => {
                let event = AuditEvent::PermissionDenied {
                    user: session.user().to_string(),
                    what: format!("/{name}"),
                };
                audit::note(&*self.audit, event).await;
            }
            Err(CommandError::Fault(fault)) => self.note_fault(fault).await,
            _ => {}
        }
        Ok(ran?)
    }
}
