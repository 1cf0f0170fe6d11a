//! One call: connection, attempts, and the headers of the response.

use std::collections::HashMap;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
};
use reqwest::{RequestBuilder, Response, redirect};
use serde::Deserialize;
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Started};
use super::base_url::BaseUrl;
use super::classify::Blame;
use super::dialect::{Complaint, Dialect};
use super::error::{ConfigError, Phase, UpstreamError};
use super::request::ChatRequest;
use super::retry::{Failure, retry_after, should_retry};
use super::settings::Settings;

const USER_AGENT: &str = concat!("mini-llm-chat/", env!("CARGO_PKG_VERSION"));

/// For the text of an error, once its status is known: nobody waits long for an explanation.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// For the list of models: it is made without thinking.
const MODELS_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one model server. Clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    blame: Blame,
    /// What worked, by model, where it was not the first guess.
    learned: Mutex<HashMap<String, Dialect>>,
    /// Made at the first call: reading the system's CA certificates costs milliseconds that a prompt need not wait for.
    http: OnceCell<reqwest::Client>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client with these settings. Touches neither network nor disk.
    ///
    /// # Errors
    ///
    /// When OpenAI's own server has no key, or a key would be sent in the clear.
    pub fn new(settings: Settings) -> Result<Self, ConfigError> {
        match &settings.key {
            Some(_) if !settings.base_url.may_carry_key() => {
                return Err(ConfigError::KeyInTheClear);
            }
            None if settings.base_url.is_openai() => return Err(ConfigError::KeyMissing),
            _ => {}
        }
        let blame = Blame::new(&settings.base_url, settings.key.clone());
        Ok(Self(Arc::new(Inner {
            settings,
            blame,
            learned: Mutex::default(),
            http: OnceCell::new(),
        })))
    }

    /// The server.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.settings.base_url
    }

    /// Makes the HTTP client ahead of the first call, for example while the user types.
    ///
    /// # Errors
    ///
    /// When TLS or a proxy from the environment cannot be set up.
    pub async fn prepare(&self) -> Result<(), ConfigError> {
        self.http().await.map(|_| ())
    }

    /// Asks for a streamed answer. Returns when the server has accepted the request; until then it is tried again as
    /// the settings say. Cancelling, here or later, closes the connection at once, and so does dropping the answer.
    ///
    /// # Errors
    ///
    /// When there is no answer to read: connection, status, time.
    pub async fn stream(
        &self,
        request: &ChatRequest,
        cancel: CancellationToken,
    ) -> Result<Answer, UpstreamError> {
        let settings = &self.0.settings;
        let deadline = Instant::now() + settings.timeouts.total;
        let call = self.attempts(request, deadline, cancel.clone());
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(UpstreamError::Cancelled),
            outcome = timeout_at(deadline, call) => {
                outcome.unwrap_or_else(|_| Err(self.0.blame.stall(Phase::Total, settings.timeouts.total)))
            }
        }
    }

    async fn attempts(
        &self,
        request: &ChatRequest,
        deadline: Instant,
        cancel: CancellationToken,
    ) -> Result<Answer, UpstreamError> {
        let Inner {
            settings, blame, ..
        } = &*self.0;
        let http = self.http().await?;
        let settled = settings.settled(&request.model);
        let mut dialect = self.dialect(&request.model).settled(settled);
        let (mut attempt, mut reworded) = (0, Vec::new());
        loop {
            let body = request.body(dialect).map_err(|_| ConfigError::HttpClient)?;
            let failure = match self.attempt(http, body.into(), deadline).await {
                Ok(started) => {
                    if !reworded.is_empty() {
                        self.learned().insert(request.model.clone(), dialect);
                    }
                    return Ok(Answer::new(started, settings, blame.clone(), cancel));
                }
                Err(failure) => failure,
            };
            let complaint = failure.complaint.as_ref();
            if let Some((word, other)) =
                complaint.and_then(|complaint| dialect.otherwise(request, complaint, settled))
                && !reworded.contains(&word)
            {
                tracing::info!(
                    ?word,
                    "the model server refuses the wording: asking in other words"
                );
                reworded.push(word);
                dialect = other;
                continue;
            }
            let Some(wait) = settings.retries.wait(attempt, &failure) else {
                return Err(failure.error);
            };
            attempt += 1;
            tracing::info!(attempt, wait_ms = wait.as_millis(), reason = %failure.error, "trying the model server again");
            sleep(wait).await;
        }
    }

    /// What worked last for this model, else a guess.
    fn dialect(&self, model: &str) -> Dialect {
        let learned = self.learned().get(model).copied();
        learned.unwrap_or_else(|| Dialect::of(&self.0.settings.base_url))
    }

    fn learned(&self) -> MutexGuard<'_, HashMap<String, Dialect>> {
        // Entries are whole, so a panic elsewhere does not spoil the map.
        self.0
            .learned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(
        &self,
        http: &reqwest::Client,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Started, Failure> {
        let settings = &self.0.settings;
        let first_byte = Instant::now() + settings.timeouts.first_byte;
        let request = http
            .post(settings.base_url.endpoint("chat/completions"))
            .headers(self.headers().map_err(UpstreamError::from)?)
            .body(body);
        let response = self
            .send(request, first_byte, settings.timeouts.first_byte)
            .await?;
        Ok(Started {
            response,
            first_byte,
            deadline,
        })
    }

    /// The models that the server lists. Asks none of them, and asks once.
    ///
    /// # Errors
    ///
    /// When there is no list: connection, status, time, another form.
    pub async fn models(&self) -> Result<Vec<String>, UpstreamError> {
        let Inner {
            settings, blame, ..
        } = &*self.0;
        let until = Instant::now() + MODELS_TIMEOUT;
        let request = self
            .http()
            .await?
            .get(settings.base_url.endpoint("models"))
            .headers(self.headers()?);
        let response = self.send(request, until, MODELS_TIMEOUT).await;
        let response = response.map_err(|failure| failure.error)?;
        let body = head(response, settings.limits.body_bytes, until).await;
        let list: Option<ModelList> = serde_json::from_slice(&body).ok();
        let list =
            list.ok_or_else(|| blame.garbage("something that is not a list of models", ""))?;
        Ok(list.data.into_iter().map(|model| model.id).collect())
    }

    /// The response with status 200, its body unread.
    async fn send(
        &self,
        request: RequestBuilder,
        until: Instant,
        allowed: Duration,
    ) -> Result<Response, Failure> {
        let Inner {
            settings, blame, ..
        } = &*self.0;
        let response = timeout_at(until, request.send())
            .await
            .map_err(|_| blame.stall(Phase::FirstByte, allowed))?
            .map_err(|error| blame.unreachable(&error))?;
        let status = response.status();
        tracing::debug!(status = status.as_u16(), "the model server responded");
        match status.as_u16() {
            // What the HTTP client decompresses has lost this header.
            200 if response.headers().contains_key(CONTENT_ENCODING) => Err(blame
                .garbage("a compressed answer of a kind that was not asked for", "")
                .into()),
            200 => Ok(response),
            code @ 300..400 => {
                let location = response
                    .headers()
                    .get(LOCATION)
                    .and_then(|value| value.to_str().ok());
                Err(blame.redirected(code, location.unwrap_or_default()).into())
            }
            100..300 => Err(blame
                .garbage("a status that is no answer", status.as_str())
                .into()),
            code => {
                let retry_after = retry_after(response.headers(), SystemTime::now());
                let again = should_retry(response.headers());
                let until = Instant::now() + settings.timeouts.between.min(ERROR_BODY_TIMEOUT);
                let body = head(response, settings.limits.error_body_bytes, until).await;
                Err(Failure {
                    error: blame.status(code, &body, retry_after),
                    retry_after,
                    again,
                    complaint: Complaint::of(code, &body),
                })
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap, ConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("text/event-stream, application/json"),
        );
        if let Some(key) = &self.0.settings.key {
            headers.insert(AUTHORIZATION, key.header()?);
        }
        Ok(headers)
    }

    async fn http(&self) -> Result<&reqwest::Client, ConfigError> {
        self.0
            .http
            .get_or_try_init(|| async { build(&self.0.settings) })
            .await
    }
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

/// The beginning of a body: what arrives of it in time, up to so many bytes.
async fn head(mut response: Response, most: usize, until: Instant) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Ok(Some(bytes))) = timeout_at(until, response.chunk()).await {
        let room = most.saturating_sub(body.len());
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() >= room {
            break;
        }
    }
    body
}

fn build(settings: &Settings) -> Result<reqwest::Client, ConfigError> {
    let url = &settings.base_url;
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(settings.timeouts.connect)
        .redirect(redirect::Policy::none())
        // Attempts are counted in one place, ours.
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .https_only(!url.is_plain());
    if url.is_loopback() {
        // A proxy would carry the key off this machine, and so would a resolver with another idea of `localhost`.
        // Port 0 stands for the URL's own.
        let here = [
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv6Addr::LOCALHOST, 0).into(),
        ];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
    }
    if url.is_plain() {
        // Without TLS there is nothing to verify, and reading the system's certificates costs time.
        builder = builder.tls_certs_only([]);
    } else if let Some(certificates) = settings.ca_certificates.all() {
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|_| ConfigError::HttpClient)
}
