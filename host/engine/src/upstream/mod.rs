//! The client for OpenAI-compatible model servers.
//!
//! Its one promise: **an answer is complete only if the server said so.** [`Answer`] ends with [`Event::Finish`], or with
//! an [`UpstreamError`]; a broken connection, a stall, an error object inside the stream, a page of HTML or a stream
//! that just stops are all errors, whatever the HTTP status was. What was delivered before stays valid as a partial
//! answer.
//!
//! The trade-offs: requests are tried again only while nothing of the answer has arrived, because text that was shown
//! cannot be taken back. Framing is the WHATWG event stream, read by sse-core (eventsource-stream, the usual choice,
//! panics on a byte order mark, holds back events that end in CR, and never gives up on invalid UTF-8). What a server
//! says about an error is foreign text: it is kept apart, in [`Detail`], and is in no `Display` and no `Debug`.
//!
//! | file | idea |
//! |---|---|
//! | base_url, ca, key | where a key may go, and which |
//! | settings | every timeout, cap and retry in one table |
//! | request, dialect | what is sent, and in which words |
//! | client, retry | one call: connection, attempts |
//! | answer, wire, frames, chunk, said | one streamed answer: time, reading, framing, meaning |
//! | error, detail, classify, bare | what can go wrong, and its class |

mod answer;
mod bare;
mod base_url;
mod ca;
mod chunk;
mod classify;
mod client;
mod content;
mod detail;
mod dialect;
mod error;
mod error_lines;
mod event;
mod frames;
#[cfg(test)]
mod fuzz;
mod key;
mod request;
mod retry;
mod said;
mod settings;
#[cfg(test)]
mod target;
mod wire;

pub use answer::Answer;
pub use base_url::BaseUrl;
pub use ca::CaCertificates;
pub use client::Client;
pub use detail::Detail;
pub use dialect::{Dialect, MaxTokensField, Settled, SystemRole};
pub use error::{Class, ConfigError, Cut, Phase, Rejection, Unreachable, UpstreamError};
pub use event::{Channel, Event, FinishReason, Usage};
pub use key::ApiKey;
pub use request::{ChatMessage, ChatRequest, Role};
pub use settings::{Limits, Retries, Settings, Timeouts};
