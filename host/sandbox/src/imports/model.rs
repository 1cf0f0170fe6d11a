//! `llm`: questions to the model in the caller's name.

use wasmtime::component::Resource;

use crate::contract::imports::mini_llm_chat::host::llm;
use crate::contract::{Delta, LlmError, Message};
use crate::fault::FaultCause;
use crate::limits::{HISTORY_BYTES, MODEL_CALLS};
use crate::meter::Data;
use crate::services::OpenAnswer;

impl llm::HostAnswer for Data {
    async fn next(
        &mut self,
        answer: Resource<OpenAnswer>,
    ) -> wasmtime::Result<Result<Option<Delta>, LlmError>> {
        // Not counted as a host call: an answer has thousands of pieces. Questions are.
        let answer = self.table.get_mut(&answer)?;
        Ok(answer.0.next().await)
    }

    async fn drop(&mut self, answer: Resource<OpenAnswer>) -> wasmtime::Result<()> {
        self.table.delete(answer)?;
        Ok(())
    }
}

impl llm::Host for Data {
    async fn ask(
        &mut self,
        history: Vec<Message>,
        prompt: String,
    ) -> wasmtime::Result<Result<Resource<OpenAnswer>, LlmError>> {
        self.meter.model_call()?;
        let run = self.run_or_trap()?;
        let bytes: usize = history.iter().map(|message| message.content.len()).sum();
        if bytes + prompt.len() > HISTORY_BYTES {
            return Ok(Err(LlmError::TooLong));
        }
        let answer = match run.services.llm.ask(&self.meta.name, history, prompt).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let limit = usize::try_from(MODEL_CALLS).unwrap_or(usize::MAX);
        let held = self.table.push(OpenAnswer(answer));
        let held = held.map_err(|_| self.meter.trip(FaultCause::Handles { limit }))?;
        Ok(Ok(held))
    }
}
