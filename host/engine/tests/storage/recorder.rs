//! An audit trail that remembers what was recorded.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Mutex;

use async_trait::async_trait;
use mini_llm_chat_engine::audit::{AuditError, AuditEvent, AuditTrail, Kept};
use mini_llm_chat_engine::hurry::Hurry;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::storage::{NewTurn, Store};
use serde_json::Value;

#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Value>>);

#[async_trait]
impl AuditTrail for Recorder {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditError> {
        let event = serde_json::to_value(event).unwrap();
        self.0.lock().unwrap().push(event);
        Ok(())
    }

    async fn end_turn(
        &self,
        _: &dyn Store,
        _: UserId,
        _: NewTurn,
        _: AuditEvent,
        _: &Hurry,
    ) -> Kept {
        unreachable!("no turn of these tests ends")
    }
}

impl Recorder {
    /// What was recorded since the last time.
    pub(crate) fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The same, by the names of the events.
    pub(crate) fn take_names(&self) -> Vec<String> {
        let name = |event: Value| event["event"].as_str().unwrap().to_owned();
        self.take().into_iter().map(name).collect()
    }
}
