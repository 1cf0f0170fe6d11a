//! What every store promises, written against `&dyn Store`: each back end runs all of it.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod conversations;
#[cfg(unix)]
pub(crate) mod postgres;
pub(crate) mod recorder;
pub(crate) mod retention;
pub(crate) mod spending;
pub(crate) mod turns;
pub(crate) mod values;

use jiff::Timestamp;
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::ids::{ConversationId, PolicyDigest, TurnId, UserId};
use mini_llm_chat_engine::storage::{Finish, NewMessage, NewTurn, Store, Usage};

/// The policies of a test: any 64 digits.
pub(crate) fn policies(digit: char) -> PolicyDigest {
    PolicyDigest::new(digit.to_string().repeat(64))
}

pub(crate) fn message(content: &str) -> NewMessage {
    NewMessage {
        content: content.to_owned(),
        tokens: None,
        judged_by: policies('a'),
    }
}

pub(crate) fn turn(conversation: ConversationId, prompt: &str, answer: &str) -> NewTurn {
    NewTurn {
        id: TurnId::new(),
        conversation,
        prompt: message(prompt),
        answer: message(answer),
        finish: Finish::Stop,
        model: "gpt-4o".to_owned(),
        cached: false,
        usage: Usage {
            prompt_tokens: 10,
            completion_tokens: 5,
            exact: true,
        },
        begun: Timestamp::from_millisecond(1_700_000_000_000).unwrap(),
    }
}

/// The local user, or the account where users have accounts, and their current conversation.
pub(crate) async fn start(store: &dyn Store) -> (UserId, ConversationId) {
    let user = match store.local_user("owner").await {
        Ok(user) => user.id,
        #[cfg(unix)]
        Err(EngineError::Conflict(_)) => postgres::account(),
        Err(error) => panic!("{error}"),
    };
    (user, store.current(user).await.unwrap().id)
}

/// Goes on in a new conversation, as `clear` of the chat does.
pub(crate) async fn clear(store: &dyn Store, user: UserId) {
    let begun = store.begin(user).await.unwrap();
    store.resume(user, begun.id).await.unwrap();
}

/// All texts, oldest first.
pub(crate) async fn texts(
    store: &dyn Store,
    user: UserId,
    conversation: ConversationId,
) -> Vec<String> {
    let messages = store.messages(user, conversation, None, 100).await.unwrap();
    messages
        .into_iter()
        .rev()
        .map(|message| message.content)
        .collect()
}
