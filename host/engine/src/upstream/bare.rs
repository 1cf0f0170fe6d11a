//! Errors without an error object: how servers name them with fields of their own, and what looks like one and is none.

use serde_json::Value;

/// A word in a chunk's `type` that makes its message an error. Others have notices: `ping`, `keep-alive`.
const FAILURES: [&str; 9] = [
    "error",
    "fail",
    "exception",
    "invalid",
    "exceeded",
    "overload",
    "unavailable",
    "denied",
    "timeout",
];

/// Whether a chunk without choices is an error: FastAPI's, JSON:API's, and that of many a gateway.
pub(super) fn is_error(value: &Value) -> bool {
    // A code beside the words decides.
    let is_said = match is_success(&value["code"]) {
        Some(true) => false,
        Some(false) => ["message", "msg", "detail"]
            .iter()
            .any(|name| !value[*name].is_null()),
        None => {
            let is_notice = value["success"] == true || is_notice(&value["type"]);
            let message = value["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            !is_notice && (message || !says_nothing(&value["detail"]))
        }
    };
    let is_coded = match is_success(&value["error_code"]) {
        Some(success) => !success,
        None => !says_nothing(&value["error_msg"]),
    };
    is_said
        || is_coded
        || value["success"] == false
        || first(&value["errors"]).is_some()
        || base(value).is_some()
        || error_status(&value["status"]).is_some()
        || value["status"].as_str().is_some_and(|word| {
            ["error", "failed", "failure"]
                .iter()
                .any(|one| word.eq_ignore_ascii_case(one))
        })
}

/// Whether an error is there in name alone, as some servers send it beside every text.
pub(super) fn says_nothing(error: &Value) -> bool {
    match error {
        Value::Null => true,
        Value::Bool(is_error) => !is_error,
        Value::Number(code) => code.as_f64() == Some(0.0),
        Value::String(words) => words.trim().is_empty(),
        Value::Array(list) => list.iter().all(says_nothing),
        Value::Object(fields) => fields.values().all(says_nothing),
    }
}

/// Of a list of errors the first; of what says something in another shape, all of it.
pub(super) fn first(errors: &Value) -> Option<&Value> {
    match errors {
        Value::Array(errors) => errors.iter().find(|error| !says_nothing(error)),
        Value::Object(_) | Value::String(_) => Some(errors).filter(|errors| !says_nothing(errors)),
        _ => None,
    }
}

/// The part of a chunk in which MiniMax says how the request went, if it failed.
pub(super) fn base(value: &Value) -> Option<&Value> {
    let base = value.get("base_resp")?;
    (is_success(&base["status_code"]) == Some(false)).then_some(base)
}

/// A number, or a word for one, that is an HTTP status of an error.
pub(super) fn error_status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::String(word) => word.trim().parse().ok()?,
        other => other.as_u64()?,
    };
    let status = u16::try_from(number).ok()?;
    (400..600).contains(&status).then_some(status)
}

/// Whether a code says that all is well; none if there is none.
fn is_success(code: &Value) -> Option<bool> {
    let number = match code {
        Value::Null => return None,
        Value::String(word) if word.is_empty() => return None,
        Value::String(word)
            if ["ok", "success"]
                .iter()
                .any(|one| word.eq_ignore_ascii_case(one)) =>
        {
            return Some(true);
        }
        Value::String(word) => word.parse().ok(),
        other => other.as_u64(),
    };
    Some(number.is_some_and(|number| number == 0 || (200..300).contains(&number)))
}

fn is_notice(kind: &Value) -> bool {
    kind.as_str().is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        !kind.is_empty() && !FAILURES.iter().any(|word| kind.contains(word))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::VecDeque;

    use super::super::base_url::BaseUrl;
    use super::super::chunk::Reading;
    use super::super::classify::Blame;
    use super::super::error::UpstreamError;

    fn read(data: &str) -> Result<(), UpstreamError> {
        let blame = Blame::new(&BaseUrl::parse("https://example.com").unwrap(), None);
        Reading::default().json(data, &blame, &mut VecDeque::new())
    }

    fn without_choices(fields: &str) -> [String; 4] {
        let usage = r#""usage":{"prompt_tokens":1,"completion_tokens":1}"#;
        [
            format!("{{{fields}}}"),
            format!(r#"{{"choices":null,{fields}}}"#),
            format!(r#"{{"choices":[],{fields}}}"#),
            format!(r#"{{"choices":[],{usage},{fields}}}"#),
        ]
    }

    #[test]
    fn an_error_without_a_choice_is_one_in_every_shape() {
        for (fields, status, words) in [
            (r#""detail":"no""#, None, "no"),
            (r#""message":"no""#, None, "no"),
            (r#""type":"ServerFailure","message":"no""#, None, "no"),
            (
                r#""type":"about:blank","title":"no","status":"500""#,
                Some(500),
                "no",
            ),
            (r#""errors":[{"message":"no"}]"#, None, "no"),
            (r#""errors":["no"]"#, None, "no"),
            (r#""errors":"no""#, None, "no"),
            (r#""errors":{"field":["no"]}"#, None, ""),
            (r#""code":500,"msg":"no""#, Some(500), "no"),
            (r#""code":500,"message":"""#, Some(500), ""),
            (r#""code":"E17","msg":"no""#, None, "no"),
            (r#""status":"Error""#, None, ""),
            (r#""status":"failed","detail":"no""#, None, "no"),
            (r#""status":500,"detail":"no""#, Some(500), "no"),
            (r#""success":false,"message":"no""#, None, "no"),
            (r#""error_msg":"no","error_code":336"#, None, "no"),
            (r#""error_msg":"no""#, None, "no"),
            (
                r#""base_resp":{"status_code":1002,"status_msg":"no"}"#,
                None,
                "no",
            ),
            (r#""error":"","status":503,"message":"no""#, Some(503), "no"),
        ] {
            for data in without_choices(fields) {
                let error = read(&data).unwrap_err();
                let said = error.detail().map_or("", |detail| detail.foreign());
                assert_eq!(said, words, "{data}");
                let failed =
                    matches!(error, UpstreamError::Failed { status: named, .. } if named == status);
                assert!(failed, "{data}: {error:?}");
            }
        }
    }

    #[test]
    fn what_may_be_a_notice_is_no_error() {
        for fields in [
            r#""id":"""#,
            r#""type":"ping","message":"keep-alive""#,
            r#""status":"ok""#,
            r#""status":"completed""#,
            r#""status":200"#,
            r#""errors":[]"#,
            r#""errors":null,"detail":null,"message":"""#,
            r#""msg":"hello""#,
            r#""code":0,"msg":"ok""#,
            r#""code":"200","message":"ok""#,
            r#""success":true,"message":"ok""#,
            r#""error_code":0,"error_msg":"ok""#,
            r#""base_resp":{"status_code":0,"status_msg":"" }"#,
            r#""prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]"#,
        ] {
            for data in without_choices(fields) {
                assert!(read(&data).is_ok(), "{data}");
            }
        }
    }

    #[test]
    fn an_error_that_says_nothing_is_none_in_a_chunk_and_in_a_choice() {
        for error in [
            "null",
            "false",
            "0",
            r#""""#,
            "{}",
            "[]",
            r#"{"code":0,"message":""}"#,
            r#"{"message":null}"#,
        ] {
            let choice = r#""delta":{"content":"a"}"#;
            for data in [
                format!(r#"{{"choices":[{{{choice}}}],"error":{error}}}"#),
                format!(r#"{{"choices":[{{{choice},"error":{error}}}]}}"#),
                format!(r#"{{"choices":[],"error":{error}}}"#),
            ] {
                assert!(read(&data).is_ok(), "{data}");
            }
        }
        for error in [
            "true",
            r#""no""#,
            r#"{"code":500}"#,
            r#"[{"message":"no"}]"#,
        ] {
            let data = format!(r#"{{"choices":[{{"error":{error},"finish_reason":"stop"}}]}}"#);
            assert!(read(&data).is_err(), "{data}");
        }
    }
}
