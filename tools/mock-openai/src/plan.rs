//! From a script and a request to status, headers and steps: what each fault means in bytes.

mod altered;
mod http;
mod stream;

use std::time::Duration;

use serde_json::Value;

use crate::answer::{self, Chunks};
use crate::body::Gzip;
use crate::framing::{Step, render};
use crate::record::Request;
use crate::script::{Framing, Script};
use crate::{Fault, magic};

pub(crate) use http::error_body;

/// Slow to a program, quick to a test.
const SLOW_DELAY: Duration = Duration::from_millis(40);

/// What the server does with one request.
pub(crate) struct Plan {
    /// What happens instead of a response.
    pub(crate) silence: Option<Silence>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) gzip: Gzip,
    /// The script after magic, for its pace.
    pub(crate) script: Script,
}

/// No response at all.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Silence {
    /// The connection stays open.
    Stall,
    /// The connection is closed.
    Close,
}

impl Plan {
    /// A response with a whole body.
    pub(crate) fn whole(status: u16, content_type: &str, body: impl Into<bytes::Bytes>) -> Self {
        Self {
            silence: None,
            status,
            headers: vec![("content-type", content_type.to_owned())],
            steps: vec![Step::Bytes(body.into())],
            gzip: Gzip::No,
            script: Script::default(),
        }
    }

    /// A JSON response.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::whole(status, "application/json", body.to_string())
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn silent(silence: Silence) -> Self {
        Self {
            silence: Some(silence),
            ..Self::json(500, &Value::Null)
        }
    }
}

/// The answer to a chat completion.
pub(crate) fn completion(script: &Script, request: &Request) -> Plan {
    let refusal =
        http::key_refused(script, request).or_else(|| http::field_refused(script, request));
    if let Some(refusal) = refusal {
        return refusal;
    }
    let (mut script, text) = magic::resolve(script, request);
    if script.fault == Some(Fault::Slow) {
        script.delay = SLOW_DELAY;
    }
    if let Some(mut plan) = script
        .fault
        .and_then(|fault| http::instead_of_stream(fault, request, &text))
    {
        plan.script = script;
        return plan;
    }
    let chunks = Chunks::new(request);
    let usage = answer::usage_of(&script, request, &text);
    if request.json()["stream"] != Value::Bool(true) || script.fault == Some(Fault::CompleteJson) {
        return Plan {
            script,
            ..Plan::json(200, &chunks.complete(&text, usage))
        };
    }
    let items = stream::items(&script, request, &text, &chunks, usage);
    let mut plan = Plan::whole(200, "text/event-stream; charset=utf-8", "")
        .header("cache-control", "no-cache");
    plan.steps = render(items, framing(&script));
    plan.gzip = match script.fault {
        Some(Fault::Gzip | Fault::GzipCut) => Gzip::Yes,
        Some(Fault::GzipBadSum | Fault::GzipCutBadSum) => Gzip::BadSum,
        _ => Gzip::No,
    };
    if plan.gzip != Gzip::No {
        plan = plan.header("content-encoding", "gzip");
    }
    plan.script = script;
    plan
}

/// The list of models.
pub(crate) fn models(script: &Script, request: &Request) -> Plan {
    http::key_refused(script, request).unwrap_or_else(|| {
        let model = |id: &str| serde_json::json!({ "id": id, "object": "model", "created": 0, "owned_by": "mock" });
        let data: Vec<Value> = ["gpt-4o", "gpt-4o-mini", "mock"].map(model).to_vec();
        Plan::json(200, &serde_json::json!({ "object": "list", "data": data }))
    })
}

fn framing(script: &Script) -> Framing {
    let plain = script.framing;
    match script.fault {
        Some(Fault::CrLines) => Framing {
            line_end: "\r",
            ..plain
        },
        Some(Fault::CrLfLines) => Framing {
            line_end: "\r\n",
            ..plain
        },
        Some(Fault::NoSpaceAfterColon) => Framing {
            space: false,
            ..plain
        },
        Some(Fault::SplitEveryByte) => Framing {
            chunk_bytes: Some(1),
            ..plain
        },
        _ => plain,
    }
}
