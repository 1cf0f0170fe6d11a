//! The HTTP server.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::{self, CutByScript, Pace};
use crate::plan::{self, Plan, Silence};
use crate::record::{Ending, Request};
use crate::script::Script;

/// A running mock on a loopback port. It ends, with all its connections, when this is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl MockServer {
    /// Starts on a free port.
    ///
    /// # Errors
    ///
    /// When no loopback port can be had.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::start_on(0, script).await
    }

    /// Starts on this loopback port; 0 for a free one.
    ///
    /// # Errors
    ///
    /// When the port cannot be had.
    pub async fn start_on(port: u16, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(script));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// The base URL for a client, with `/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What later requests get, once the queue is empty.
    pub fn set_script(&self, script: Script) {
        self.shared.lock().script = script;
    }

    /// What the next request gets, once; several are taken in order. A request for the list of models takes none.
    pub fn enqueue(&self, script: Script) {
        self.shared.lock().queue.push_back(script);
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Waits until this many requests have arrived.
    pub async fn wait_for_requests(&self, count: usize) {
        self.wait(|requests| requests.len() >= count).await;
    }

    /// Waits until the client has closed the connection of a response that was still being written.
    pub async fn wait_for_close(&self) {
        self.wait(|requests| {
            requests
                .iter()
                .any(|request| request.ending == Ending::ClosedByClient)
        })
        .await;
    }

    /// Waits until no response is being written.
    pub async fn wait_until_idle(&self) {
        self.wait(|requests| {
            requests
                .iter()
                .all(|request| request.ending != Ending::Open)
        })
        .await;
    }

    async fn wait(&self, reached: impl Fn(&[Request]) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !reached(&self.shared.lock().requests) {
            // The sender lives as long as this server does.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    script: Script,
    queue: VecDeque<Script>,
    requests: Vec<Request>,
}

impl Shared {
    fn new(script: Script) -> Self {
        let state = State {
            script,
            queue: VecDeque::new(),
            requests: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            changes: watch::Sender::new(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between statements, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, request: Request) -> usize {
        let index = {
            let mut state = self.lock();
            state.requests.push(request);
            state.requests.len() - 1
        };
        self.changes.send_replace(());
        index
    }
}

/// Notes how a response ended when it is dropped: by script if that was said before, else by the client.
pub(crate) struct Ended {
    shared: Arc<Shared>,
    index: usize,
    ending: Ending,
}

impl Ended {
    pub(crate) fn by_script(&mut self) {
        self.ending = Ending::Done;
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.shared.lock().requests[self.index].ending = self.ending;
        self.shared.changes.send_replace(());
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    for connection in 0.. {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        connections.spawn(serve(stream, connection, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, connection: usize, shared: Arc<Shared>) {
    // Each delta is to leave at once, whatever its size.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, connection, Arc::clone(&shared)));
    let builder = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection is what scripts ask for, and what clients under test do.
    let _ = builder.await;
}

type Response = hyper::Response<UnsyncBoxBody<Bytes, CutByScript>>;

async fn respond(
    request: hyper::Request<Incoming>,
    connection: usize,
    shared: Arc<Shared>,
) -> Result<Response, CutByScript> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Err(CutByScript);
    };
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: parts.method.to_string(),
        // A client of a proxy sends the whole address.
        path: parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        connection,
        ending: Ending::Open,
    };
    let plan = plan_for(&request, &shared);
    let index = shared.record(request);
    let mut ended = Ended {
        shared,
        index,
        ending: Ending::ClosedByClient,
    };
    match plan.silence {
        Some(Silence::Stall) => std::future::pending().await,
        Some(Silence::Close) => {
            ended.by_script();
            Err(CutByScript)
        }
        None => Ok(response(plan, ended)),
    }
}

fn plan_for(request: &Request, shared: &Shared) -> Plan {
    let path = request.path.split('?').next().unwrap_or_default();
    match (request.method.as_str(), path) {
        ("POST", "/v1/chat/completions") => {
            let script = {
                let mut state = shared.lock();
                state
                    .queue
                    .pop_front()
                    .unwrap_or_else(|| state.script.clone())
            };
            plan::completion(&script, request)
        }
        ("GET", "/v1/models") => {
            let script = shared.lock().script.clone();
            plan::models(&script, request)
        }
        _ => Plan::json(
            404,
            &plan::error_body(
                "Unknown request URL.",
                "invalid_request_error",
                Some("unknown_url"),
            ),
        ),
    }
}

fn response(plan: Plan, ended: Ended) -> Response {
    let mut builder = hyper::Response::builder().status(plan.status);
    for (name, value) in &plan.headers {
        builder = builder.header(*name, value);
    }
    let pace = Pace {
        delay: plan.script.delay,
        gate: plan.script.gate.clone(),
    };
    let frames = body::write(plan.steps, pace, plan.gzip, ended).filter_map(|step| async {
        match step {
            // A pace step has no bytes, and an empty chunk would end the body.
            Ok(bytes) if bytes.is_empty() => None,
            other => Some(other.map(Frame::data)),
        }
    });
    let body = StreamBody::new(frames).boxed_unsync();
    builder
        .body(body)
        .unwrap_or_else(|_| hyper::Response::new(Empty::new().map_err(Into::into).boxed_unsync()))
}
