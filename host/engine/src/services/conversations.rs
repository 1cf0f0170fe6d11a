//! The caller's conversations.

use async_trait::async_trait;
use mini_llm_chat_sandbox::contract::{Conversation, Failure, StoredMessage};
use mini_llm_chat_sandbox::services::{Conversations, ConversationsAll};

use super::Desk;
use super::convert::{conversation, failure, message};
use crate::EngineError;
use crate::auth::Operation;
use crate::ids::ConversationId;
use crate::storage::{self, Fork};

#[async_trait]
impl Conversations for Desk {
    async fn current(&self) -> Result<Conversation, Failure> {
        self.permit(Operation::ConversationRead).await?;
        self.here().await.map(conversation)
    }

    async fn read(&self, before: Option<u64>, limit: u32) -> Result<Vec<StoredMessage>, Failure> {
        self.permit(Operation::ConversationRead).await?;
        self.messages(self.session.conversation(), before, limit)
            .await
    }

    async fn clear(&self) -> Result<Conversation, Failure> {
        self.permit(Operation::ConversationClear).await?;
        let left = self.here().await?;
        let (user, store) = (self.session.user(), &self.engine.store);
        // Empty ones do not pile up.
        if left.messages > 0 {
            let begun = store.begin(user).await.map_err(failure)?;
            let current = store.resume(user, begun.id).await.map_err(failure)?;
            self.session.go_on_in(current.id);
        }
        Ok(conversation(left))
    }

    async fn undo(&self) -> Result<String, Failure> {
        self.permit(Operation::ConversationUndo).await?;
        // A turn that waits for the database is the last one.
        self.engine.audit.settle().await.map_err(failure)?;
        let (user, id) = (self.session.user(), self.session.conversation());
        let last = self
            .engine
            .store
            .messages(user, id, None, 1)
            .await
            .map_err(failure)?;
        let turn = last.first().ok_or(Failure::NotFound)?.turn;
        self.confirm("Remove the last message and its answer from this conversation?")
            .await?;
        let undone = self
            .engine
            .store
            .undo(user, id, Some(turn))
            .await
            .map_err(failure)?;
        Ok(undone.prompt)
    }
}

#[async_trait]
impl ConversationsAll for Desk {
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Conversation>, Failure> {
        self.permit(Operation::ConversationsList).await?;
        let after = after.map(parse).transpose()?;
        let page = self
            .engine
            .store
            .list(self.session.user(), after, limit)
            .await;
        Ok(page
            .map_err(failure)?
            .into_iter()
            .map(conversation)
            .collect())
    }

    async fn search(&self, words: &str, limit: u32) -> Result<Vec<Conversation>, Failure> {
        self.permit(Operation::ConversationsList).await?;
        let found = self
            .engine
            .store
            .search(self.session.user(), words, limit)
            .await;
        Ok(found
            .map_err(failure)?
            .into_iter()
            .map(conversation)
            .collect())
    }

    async fn read(
        &self,
        id: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, Failure> {
        self.permit(Operation::ConversationsList).await?;
        self.messages(parse(id)?, before, limit).await
    }

    async fn resume(&self, id: &str) -> Result<Conversation, Failure> {
        self.permit(Operation::ConversationsResume).await?;
        let resumed = self
            .engine
            .store
            .resume(self.session.user(), parse(id)?)
            .await;
        let resumed = resumed.map_err(failure)?;
        self.session.go_on_in(resumed.id);
        Ok(conversation(resumed))
    }

    async fn rename(&self, id: &str, title: &str) -> Result<(), Failure> {
        self.permit(Operation::ConversationsRename).await?;
        let renamed = self
            .engine
            .store
            .rename(self.session.user(), parse(id)?, title)
            .await;
        renamed.map_err(failure)
    }

    async fn fork(&self, id: &str, last: u64) -> Result<Conversation, Failure> {
        self.permit(Operation::ConversationsFork).await?;
        let until = Fork::UpTo(last);
        let copy = self
            .engine
            .store
            .fork(self.session.user(), parse(id)?, until)
            .await;
        let copy = copy.map_err(failure)?;
        self.session.go_on_in(copy.id);
        Ok(conversation(copy))
    }

    async fn delete(&self, id: &str) -> Result<(), Failure> {
        self.permit(Operation::ConversationsDelete).await?;
        let (user, id) = (self.session.user(), parse(id)?);
        let found = self
            .engine
            .store
            .conversation(user, id)
            .await
            .map_err(failure)?;
        let question = format!(
            "Delete the conversation {} and its {} messages?",
            named(&found),
            found.messages
        );
        self.confirm(&question).await?;
        let deleted = self.engine.store.delete(user, id, Some(found.messages));
        deleted.await.map_err(failure)?;
        if id == self.session.conversation() {
            self.here().await?;
        }
        Ok(())
    }
}

impl Desk {
    /// The session's conversation. Where it was deleted, here or by another session, the person goes on in another one.
    async fn here(&self) -> Result<storage::Conversation, Failure> {
        let (user, id) = (self.session.user(), self.session.conversation());
        match self.engine.store.conversation(user, id).await {
            Err(EngineError::NotFound { .. }) => {
                let current = self.engine.store.current(user).await.map_err(failure)?;
                self.session.go_on_in(current.id);
                Ok(current)
            }
            found => found.map_err(failure),
        }
    }

    async fn messages(
        &self,
        id: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, Failure> {
        let page = self
            .engine
            .store
            .messages(self.session.user(), id, before, limit)
            .await;
        Ok(page.map_err(failure)?.into_iter().map(message).collect())
    }
}

fn named(found: &storage::Conversation) -> String {
    if found.title.is_empty() {
        found.id.to_string()
    } else {
        format!("“{}”", found.title)
    }
}

fn parse(id: &str) -> Result<ConversationId, Failure> {
    id.parse()
        .map_err(|error: crate::ids::InvalidId| Failure::Invalid(error.to_string()))
}
