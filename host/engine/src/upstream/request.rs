//! What is sent.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::dialect::Dialect;

/// One chat completion to ask for, always streamed and with usage.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The model's name.
    pub model: String,
    /// System text, history and prompt, in order.
    pub messages: Vec<ChatMessage>,
    /// 0 to 2; the server decides when unset.
    pub temperature: Option<f32>,
    /// Tokens that the answer may have; the server decides when unset.
    pub max_tokens: Option<u32>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who says it.
    pub role: Role,
    /// What.
    pub content: String,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The operator: the policies' system prompts.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct WireRequest<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    stream: bool,
    #[serde(flatten)]
    options: Map<String, Value>,
}

impl ChatRequest {
    /// The JSON body.
    pub(crate) fn body(&self, dialect: Dialect) -> Result<Vec<u8>, serde_json::Error> {
        let mut options = Map::new();
        if dialect.stream_options {
            options.insert(
                "stream_options".to_owned(),
                json!({ "include_usage": true }),
            );
        }
        if let Some(temperature) = self.temperature.filter(|_| dialect.temperature) {
            // Through text, so that 0.7 is sent as 0.7 and not as the nearest f32 in f64.
            options.insert(
                "temperature".to_owned(),
                serde_json::from_str(&temperature.to_string())?,
            );
        }
        if let Some(max) = self.max_tokens {
            let name = dialect.max_tokens.name();
            options.insert(name.to_owned(), max.into());
        }
        let role = |role| match role {
            Role::System => dialect.system.name(),
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        serde_json::to_vec(&WireRequest {
            model: &self.model,
            messages: self
                .messages
                .iter()
                .map(|m| WireMessage {
                    role: role(m.role),
                    content: &m.content,
                })
                .collect(),
            stream: true,
            options,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::base_url::BaseUrl;
    use super::*;

    fn request() -> ChatRequest {
        let message = |role, content: &str| ChatMessage {
            role,
            content: content.to_owned(),
        };
        ChatRequest {
            model: "m".to_owned(),
            messages: vec![
                message(Role::System, "s"),
                message(Role::User, "u"),
                message(Role::Assistant, "a"),
            ],
            temperature: Some(0.7),
            max_tokens: Some(5),
        }
    }

    #[test]
    fn the_body_is_a_streamed_completion_with_usage() {
        let dialect = Dialect::of(&BaseUrl::parse("http://localhost").unwrap());
        let body: Value = serde_json::from_slice(&request().body(dialect).unwrap()).unwrap();
        assert_eq!(
            body,
            json!({
                "model": "m", "stream": true, "stream_options": { "include_usage": true },
                "temperature": 0.7, "max_tokens": 5,
                "messages": [
                    { "role": "system", "content": "s" }, { "role": "user", "content": "u" },
                    { "role": "assistant", "content": "a" },
                ],
            })
        );
    }

    #[test]
    fn openai_gets_its_own_name_for_the_limit_and_nothing_that_is_unset() {
        let dialect = Dialect::of(&BaseUrl::openai().unwrap());
        let body = String::from_utf8(request().body(dialect).unwrap()).unwrap();
        assert!(body.contains("\"max_completion_tokens\":5") && !body.contains("\"max_tokens\""));
        let plain = ChatRequest {
            temperature: None,
            max_tokens: None,
            ..request()
        };
        let body: Value = serde_json::from_slice(&plain.body(dialect).unwrap()).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 4);
    }
}
