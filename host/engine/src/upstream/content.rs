//! What the fields of a delta say, in the shapes that servers were seen to send: a string, or a list of parts.

use serde_json::Value;

use super::event::Channel;

/// Neither text nor nothing: to pass over it could lose a part of the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotText;

/// Pieces of text by channel, none of them empty.
pub(super) type Pieces = Vec<(Channel, String)>;

/// Adds what `value` says. Null says nothing.
pub(super) fn read(value: &Value, channel: Channel, to: &mut Pieces) -> Result<(), NotText> {
    match value {
        Value::Null => {}
        Value::String(text) => add(channel, text, to),
        Value::Array(parts) => {
            for one in parts {
                part(one, channel, to)?;
            }
        }
        _ => return Err(NotText),
    }
    Ok(())
}

fn part(part: &Value, channel: Channel, to: &mut Pieces) -> Result<(), NotText> {
    if let Value::String(text) = part {
        add(channel, text, to);
        return Ok(());
    }
    match part["type"].as_str() {
        // Mistral's names for what the model thinks, and for a citation, which has no text of its own.
        Some("thinking") => read(&part["thinking"], Channel::Reasoning, to),
        Some("reference") => Ok(()),
        Some("refusal") => read(&part["refusal"], Channel::Refusal, to),
        _ => match &part["text"] {
            Value::String(text) => {
                add(channel, text, to);
                Ok(())
            }
            _ => Err(NotText),
        },
    }
}

fn add(channel: Channel, text: &str, to: &mut Pieces) {
    match to.last_mut() {
        _ if text.is_empty() => {}
        Some((last, before)) if *last == channel => before.push_str(text),
        _ => to.push((channel, text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    fn said(value: &Value) -> Result<Pieces, NotText> {
        let mut pieces = Pieces::new();
        read(value, Channel::Answer, &mut pieces).map(|()| pieces)
    }

    #[test]
    fn parts_are_read_in_their_order_on_their_channels() {
        let value = json!([
            { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] },
            "a",
            { "type": "text", "text": "b" },
            { "text": "c" },
            { "type": "reference", "reference_ids": [1] },
            { "type": "refusal", "refusal": "no" },
        ]);
        let wanted = [
            (Channel::Reasoning, "hm".to_owned()),
            (Channel::Answer, "abc".to_owned()),
            (Channel::Refusal, "no".to_owned()),
        ];
        assert_eq!(said(&value).unwrap(), wanted);
        for nothing in [json!(null), json!(""), json!([]), json!([{ "text": "" }])] {
            assert_eq!(said(&nothing).unwrap(), []);
        }
    }

    #[test]
    fn what_is_neither_text_nor_nothing_is_refused() {
        for other in [
            json!(42),
            json!(false),
            json!({ "text": "a" }),
            json!([1]),
            json!([null]),
            json!([["a"]]),
            json!([{ "type": "text" }]),
            json!([{ "type": "text", "text": 1 }]),
            json!([{ "type": "image_url", "image_url": {} }]),
            json!([{ "type": "thinking", "thinking": {} }]),
        ] {
            assert_eq!(said(&other), Err(NotText), "{other}");
        }
    }
}
