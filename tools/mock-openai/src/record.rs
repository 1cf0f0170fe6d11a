//! What the mock saw, for assertions.

use serde_json::Value;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, `POST`.
    pub method: String,
    /// The path with its query, `/v1/chat/completions`.
    pub path: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// Which TCP connection it came on, counted from 0: equal numbers mean that the client reused it.
    pub connection: usize,
    /// How the response ended.
    pub ending: Ending,
}

impl Request {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The content of the last message.
    #[must_use]
    pub fn prompt(&self) -> String {
        let json = self.json();
        let last = json["messages"]
            .as_array()
            .and_then(|messages| messages.last())
            .cloned();
        last.and_then(|message| message["content"].as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is still being written.
    Open,
    /// The mock wrote all that the script had, or cut it by script.
    Done,
    /// The client closed the connection first.
    ClosedByClient,
}
