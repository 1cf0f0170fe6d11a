//! What a request can ask of the mock by itself, for the binary and the demo.
//!
//! A model `mock-NAME`, or a prompt that begins with `mock:NAME`, chooses a [`Fault`] by its name or one of the scenes:
//!
//! | scene | answer |
//! |---|---|
//! | `say TEXT` | TEXT, word for word (`\n` for a line end) |
//! | `secret` | a made-up API key in the text, one character a delta |
//! | `leak` | the system prompt that the client sent, word for word |
//! | `slow` | the plain answer, a word each 150 ms |
//! | `long`, `200` | 200 deltas |
//! | `N-deltas` | N deltas, at most 100,000: for benches |

use std::time::Duration;

use crate::answer;
use crate::record::Request;
use crate::script::{Reply, Script, Split};
use crate::{Fault, PLANTED_KEY};

/// The scenes, for `--list`.
pub const SCENES: [&str; 6] = ["say", "secret", "leak", "slow", "long", "N-deltas"];

const SLOW_DELAY: Duration = Duration::from_millis(150);
const MAX_DELTAS: usize = 100_000;

/// The script and text that a request gets.
pub(crate) fn resolve(script: &Script, request: &Request) -> (Script, String) {
    let mut script = script.clone();
    if let Reply::Text(text) = &script.reply {
        let text = text.clone();
        return (script, text);
    }
    let prompt = request.prompt();
    let model = answer::model_of(request);
    let (name, rest) = match prompt.strip_prefix("mock:") {
        Some(wish) => wish.split_once(char::is_whitespace).unwrap_or((wish, "")),
        None => (
            model.strip_prefix("mock-").unwrap_or_default(),
            prompt.as_str(),
        ),
    };
    let text =
        scene(name, rest, request, &mut script).unwrap_or_else(|| match name.parse::<Fault>() {
            Ok(fault) => {
                script.fault = script.fault.or(Some(fault));
                answer::PLAIN.to_owned()
            }
            Err(_) => answer::echo(&prompt),
        });
    (script, text)
}

fn scene(name: &str, rest: &str, request: &Request, script: &mut Script) -> Option<String> {
    match name {
        "say" => Some(rest.replace("\\n", "\n")),
        "secret" => {
            script.split = Split::Chars(1);
            Some(format!(
                "Use this key: {PLANTED_KEY}\nand keep it to yourself."
            ))
        }
        "leak" => {
            let json = request.json();
            let system = json["messages"][0]["content"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            Some(format!("My instructions are: {system}"))
        }
        "slow" => {
            script.delay = SLOW_DELAY;
            Some(answer::PLAIN.to_owned())
        }
        "long" | "200" => Some(numbered(200)),
        _ => {
            let count: usize = name.strip_suffix("-deltas")?.parse().ok()?;
            Some(numbered(count.min(MAX_DELTAS)))
        }
    }
}

fn numbered(count: usize) -> String {
    (1..=count)
        .map(|n| {
            if n % 20 == 0 {
                format!("word{n}.\u{a0}\n\n ")
            } else {
                format!("word{n} ")
            }
        })
        .collect()
}
