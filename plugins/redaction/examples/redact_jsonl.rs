//! Redacts JSON strings: one a line in, one a line out. Each line is a source of its own.
//!
//! The rules without the sandbox, to evaluate and to profile them.
#![allow(clippy::print_stdout, reason = "an example that is a filter")]

use std::error::Error;
use std::io::{self, BufRead};

use mini_llm_chat_redaction_rules::{Match, Options, Rules, SourceState};

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Rules::new(&Options::default()).map_err(|problems| format!("{problems:?}"))?;
    let mut found: Vec<Match> = Vec::new();
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        found.clear();
        rules.find(&text, &mut SourceState::default(), &mut found);
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        for one in &found {
            shown.push_str(&text[from..one.start]);
            shown.push_str(&format!(
                "[redacted:{}]",
                rules.kinds()[usize::from(one.kind)]
            ));
            from = one.end;
        }
        shown.push_str(&text[from..]);
        println!("{}", serde_json::to_string(&shown)?);
    }
    Ok(())
}
