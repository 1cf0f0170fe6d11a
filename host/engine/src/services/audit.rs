//! The audit trail's reading side.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{Event, Failure, Filter};
use mini_llm_chat_sandbox::services::Audit;

use super::Desk;
use super::convert::failure;
use crate::audit::Evidence;
use crate::audit::chain::Row;
use crate::auth::Operation;
use crate::storage::AuditFilter;

const MICROSECONDS: i64 = 1_000_000;

#[async_trait]
impl Audit for Desk {
    async fn list(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Event>, Failure> {
        self.permit(Operation::AuditList).await?;
        let filter = AuditFilter {
            event: filter.name.clone(),
            user: filter.user.clone(),
            since: filter.since.map(microseconds),
            until: filter.until.map(microseconds),
        };
        let rows = self.engine.store.find_audit(&filter, before, limit).await;
        let rows = rows.map_err(failure)?;
        Ok(rows.into_iter().map(event).collect())
    }

    async fn verify(&self) -> Result<String, Failure> {
        self.permit(Operation::AuditVerify).await?;
        match self.engine.audit.prove(Evidence::default()).await {
            Ok(proof) => Ok(proof.to_string()),
            Err(error) => Err(Failure::Unavailable(self.engine.shown(&error))),
        }
    }
}

fn event(row: Row) -> Event {
    Event {
        sequence: row.sequence,
        at: u64::try_from(row.entry.at / MICROSECONDS).unwrap_or_default(),
        name: row.entry.event,
        user: row.entry.user.unwrap_or_default(),
        fields: row.entry.body,
    }
}

/// A time that no trail reaches is the last one.
fn microseconds(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(MICROSECONDS)
}
