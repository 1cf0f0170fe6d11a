//! Faults that are a whole HTTP response, or none.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Plan, Silence};
use crate::framing::Step;
use crate::record::Request;
use crate::script::Script;
use crate::{Fault, PLANTED_KEY};

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n";
const HTML_TYPE: &str = "text/html; charset=utf-8";
const STREAM_TYPE: &str = "text/event-stream";
/// Far enough ahead to see that a client reads the date, near enough for a cap on waits.
const RETRY_DATE_AHEAD: Duration = Duration::from_secs(20);
const HUGE_ERROR_BYTES: usize = 1 << 20;

/// An error body in OpenAI's shape.
pub(crate) fn error_body(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

/// 401 when the script wants a key and the request has another one.
pub(super) fn key_refused(script: &Script, request: &Request) -> Option<Plan> {
    let wanted = script.required_key.as_deref()?;
    let given = bearer(request);
    (given != Some(wanted)).then(|| unauthorized(given.unwrap_or_default()))
}

/// 400 when the request has a field or a role that the script refuses.
pub(super) fn field_refused(script: &Script, request: &Request) -> Option<Plan> {
    let body = request.json();
    script.refuses.iter().find_map(|name| {
        let (param, message) = if let Some(role) = name.strip_prefix("role:") {
            let messages = body["messages"].as_array()?;
            let at = messages.iter().position(|one| one["role"] == role)?;
            let param = format!("messages[{at}].role");
            let message =
                format!("Unsupported value: '{param}' does not support '{role}' with this model.");
            (param, message)
        } else {
            body.get(name)?;
            let message =
                format!("Unsupported parameter: '{name}' is not supported with this model.");
            ((*name).to_owned(), message)
        };
        let mut error = error_body(
            &message,
            "invalid_request_error",
            Some("unsupported_parameter"),
        );
        error["error"]["param"] = param.into();
        Some(Plan::json(400, &error))
    })
}

/// The bearer key of a request.
fn bearer(request: &Request) -> Option<&str> {
    request.header("authorization")?.strip_prefix("Bearer ")
}

/// Like OpenAI's, the whole wrong key in the message: a client must not print it.
fn unauthorized(key: &str) -> Plan {
    let message = format!(
        "Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com."
    );
    Plan::json(
        401,
        &error_body(&message, "invalid_request_error", Some("invalid_api_key")),
    )
}

fn plain_error(status: u16, message: &str, kind: &str, code: Option<&str>) -> Plan {
    Plan::json(status, &error_body(message, kind, code))
}

fn limited() -> Plan {
    let message = "Rate limit reached for requests. Please try again later.";
    plain_error(429, message, "requests", Some("rate_limit_exceeded"))
}

/// The response of faults that never reach a stream of ours.
pub(super) fn instead_of_stream(fault: Fault, request: &Request, text: &str) -> Option<Plan> {
    let invalid = "invalid_request_error";
    Some(match fault {
        Fault::ContextLength => plain_error(
            400,
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
            invalid,
            Some("context_length_exceeded"),
        ),
        Fault::ContextLengthVllm => Plan::json(
            400,
            &json!({
                "object": "error", "type": "BadRequestError", "param": null, "code": 400,
                "message": "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens.",
            }),
        ),
        Fault::PromptFiltered => Plan::json(
            400,
            &json!({ "error": {
                "message": "The response was filtered due to the prompt triggering the content management policy.",
                "type": null, "param": "prompt", "code": "content_filter", "status": 400,
                "innererror": { "code": "ResponsibleAIPolicyViolation" },
            } }),
        ),
        Fault::Accepted => Plan::json(202, &json!({ "status": "queued" })),
        Fault::NotFoundPage => Plan::whole(404, HTML_TYPE, HTML),
        Fault::RateLimitPlain => limited(),
        Fault::ErrorBodyStalls => {
            let mut plan = Plan::whole(500, "application/json", "{\"error\":");
            plan.steps.push(Step::Stall);
            plan
        }
        Fault::ShouldNotRetry => {
            plain_error(503, "The engine is overloaded.", "server_error", None)
                .header("x-should-retry", "false")
        }
        Fault::RedirectElsewhere => {
            Plan::whole(302, "text/plain", "").header("location", "https://example.invalid/v1")
        }
        Fault::UnknownEncoding => {
            Plan::whole(200, STREAM_TYPE, &b"\x8b\x02\x80data: x\n\n\x03"[..])
                .header("content-encoding", "br")
        }
        Fault::UnsupportedParameter => plain_error(
            400,
            "Unsupported parameter: 'temperature' is not supported.",
            invalid,
            Some("unsupported_parameter"),
        ),
        Fault::Unauthorized => unauthorized(bearer(request).unwrap_or_default()),
        Fault::PaymentRequired => {
            plain_error(402, "Insufficient credits.", "payment_required", None)
        }
        Fault::Forbidden => plain_error(
            403,
            "Country, region, or territory not supported.",
            "request_forbidden",
            None,
        ),
        Fault::ModelNotFound => plain_error(
            404,
            "The model does not exist.",
            invalid,
            Some("model_not_found"),
        ),
        Fault::RequestTimeout => plain_error(408, "Request timed out.", "timeout", None),
        Fault::Conflict => plain_error(409, "The resource is locked.", "conflict", None),
        Fault::TooLarge => Plan::whole(413, HTML_TYPE, HTML),
        Fault::Unprocessable => Plan::json(
            422,
            &json!({ "detail": [{ "loc": ["body", "messages"], "msg": "field required" }] }),
        ),
        Fault::RateLimitSeconds => limited().header("retry-after", "1"),
        Fault::RateLimitMilliseconds => limited().header("retry-after-ms", "1500"),
        Fault::RateLimitDate => limited().header(
            "retry-after",
            httpdate::fmt_http_date(SystemTime::now() + RETRY_DATE_AHEAD),
        ),
        Fault::InsufficientQuota => plain_error(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            Some("insufficient_quota"),
        ),
        Fault::InternalError => plain_error(500, "The server had an error.", "server_error", None),
        Fault::BadGateway => Plan::whole(502, HTML_TYPE, HTML),
        Fault::Overloaded => plain_error(503, "The engine is overloaded.", "server_error", None),
        Fault::GatewayTimeout => Plan::whole(504, "text/plain", ""),
        Fault::Redirect => Plan::whole(307, "text/plain", "").header("location", "/v1/elsewhere"),
        Fault::StallBeforeHeaders => Plan::silent(Silence::Stall),
        Fault::CloseWithoutResponse => Plan::silent(Silence::Close),
        Fault::EmptyBody => Plan::whole(200, STREAM_TYPE, ""),
        Fault::JsonErrorWith200 => {
            plain_error(200, "The upstream provider failed.", "server_error", None)
        }
        Fault::JsonErrorAsStream => {
            let body = error_body("The upstream provider failed.", "server_error", None);
            Plan::whole(200, STREAM_TYPE, body.to_string())
        }
        Fault::HtmlWith200 => Plan::whole(200, HTML_TYPE, HTML),
        Fault::HtmlAsStream => Plan::whole(200, STREAM_TYPE, HTML),
        Fault::SecretsInError => secrets(request, text),
        Fault::ControlsInError => {
            let message =
                "before\u{1b}[31mred\r\nINFO forged line\u{9b}2J\u{202e}desrever\u{7}\u{2028}after";
            plain_error(400, message, invalid, None)
        }
        Fault::HugeError => plain_error(
            500,
            &"overload ".repeat(HUGE_ERROR_BYTES / 9),
            "server_error",
            None,
        ),
        _ => return None,
    })
}

fn secrets(request: &Request, text: &str) -> Plan {
    let own = bearer(request).unwrap_or_default();
    let message =
        format!("upstream refused key {PLANTED_KEY} (caller {own}) while answering {text}");
    plain_error(500, &message, "server_error", None)
        .header("x-debug-authorization", format!("Bearer {own}"))
        .header("x-request-id", format!("req-{PLANTED_KEY}"))
        .header("set-cookie", format!("session={PLANTED_KEY}"))
}
