//! A client against the mock, and what one answer gave.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by several tests; a test fails by panicking"
)]

use std::time::Duration;

use mini_llm_chat_engine::upstream::{
    Answer, ApiKey, BaseUrl, Channel, ChatMessage, ChatRequest, Client, Event, FinishReason,
    Retries, Role, Settings, Timeouts, UpstreamError, Usage,
};
use mock_openai::MockServer;
use tokio_util::sync::CancellationToken;

/// Made up, and in no pattern of a scanner.
pub(crate) const KEY: &str = "made-up-key-of-the-upstream-tests";

/// Long enough that a busy machine never reaches it.
pub(crate) const NEVER: Duration = Duration::from_secs(120);
/// For timeouts that a test wants to see.
pub(crate) const SOON: Duration = Duration::from_millis(100);

pub(crate) const PATIENT: Timeouts = Timeouts {
    connect: NEVER,
    first_byte: NEVER,
    between: NEVER,
    after_finish: NEVER,
    total: NEVER,
};

/// Tries again at once, but does not wait for what a server asks.
pub(crate) const AT_ONCE: Retries = Retries {
    max: 2,
    base: Duration::from_millis(1),
    cap: Duration::from_millis(1),
    max_retry_after: Duration::ZERO,
};

pub(crate) fn settings(server: &MockServer) -> Settings {
    let base_url = BaseUrl::parse(&server.base_url()).unwrap();
    let key = ApiKey::parse(KEY.into(), &base_url).unwrap();
    Settings {
        timeouts: PATIENT,
        retries: AT_ONCE,
        ..Settings::standard(base_url, Some(key))
    }
}

pub(crate) fn client(server: &MockServer) -> Client {
    Client::new(settings(server)).unwrap()
}

pub(crate) fn request(prompt: &str) -> ChatRequest {
    let message = |role, content: &str| ChatMessage {
        role,
        content: content.to_owned(),
    };
    ChatRequest {
        model: "gpt-4o".to_owned(),
        messages: vec![
            message(Role::System, "Be brief."),
            message(Role::User, prompt),
        ],
        temperature: None,
        max_tokens: None,
    }
}

/// Everything that one call gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: String,
    pub(crate) reasoning: String,
    pub(crate) refusal: String,
    pub(crate) usage: Option<Usage>,
    pub(crate) end: Result<FinishReason, UpstreamError>,
}

pub(crate) async fn ask(client: &Client, prompt: &str) -> Outcome {
    match client
        .stream(&request(prompt), CancellationToken::new())
        .await
    {
        Ok(answer) => read(answer).await,
        Err(error) => Outcome::new(Err(error)),
    }
}

pub(crate) async fn read(mut answer: Answer) -> Outcome {
    let mut outcome = Outcome::new(Ok(FinishReason::Other("no end at all".to_owned())));
    let mut ends = 0;
    while let Some(event) = answer.next().await {
        assert_eq!(ends, 0, "nothing follows the end");
        match event {
            Ok(Event::Delta { channel, text }) => {
                assert!(!text.is_empty());
                match channel {
                    Channel::Answer => outcome.answer += &text,
                    Channel::Reasoning => outcome.reasoning += &text,
                    Channel::Refusal => outcome.refusal += &text,
                }
            }
            Ok(Event::Usage(usage)) => outcome.usage = Some(usage),
            Ok(Event::Finish { reason }) => {
                ends += 1;
                outcome.end = Ok(reason);
            }
            Ok(other) => panic!("an event that the tests do not know: {other:?}"),
            Err(error) => {
                ends += 1;
                outcome.end = Err(error);
            }
        }
    }
    assert_eq!(ends, 1, "an answer has exactly one end");
    outcome
}

impl Outcome {
    fn new(end: Result<FinishReason, UpstreamError>) -> Self {
        Self {
            answer: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            usage: None,
            end,
        }
    }
}
