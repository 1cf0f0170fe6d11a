//! Judges JSON lines: a string is a prompt, an object with `system` and `output` an answer. One object
//! with `verdict`, `rule` and `score` comes out for each line.

#![allow(clippy::print_stdout, reason = "standard output is the result")]

use std::io::{BufRead as _, BufWriter, Write as _};

use mini_llm_chat_prompt_policy_rules::{Access, Caller, Options, Policy, Verdict};
use serde_json::{Value, json};

const CALLER: Caller<'_> = Caller {
    user_id: "",
    access: Access::User,
    conversation: "",
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<Value>(&line?)? {
            Value::String(prompt) => judge_prompt(&prompt),
            row => judge_answer(
                row["system"].as_str().unwrap_or_default(),
                row["output"].as_str().unwrap_or_default(),
            ),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn policy() -> Policy {
    match Policy::new(&Options::default()) {
        Ok(policy) => policy,
        Err(problems) => unreachable!("the default options are valid: {problems:?}"),
    }
}

fn judge_prompt(prompt: &str) -> Value {
    let policy = policy();
    let (score, rule) = policy.score(prompt);
    let (verdict, rule) = match policy.review_prompt(&CALLER, &[], prompt).verdict {
        Verdict::Allow => ("allow", rule),
        Verdict::Mask(_) => ("mask", "secret-in-text"),
        Verdict::Deny(number) => ("deny", policy.rules()[usize::from(number)].id),
    };
    json!({ "verdict": verdict, "rule": rule, "score": score })
}

fn judge_answer(system: &str, output: &str) -> Value {
    let mut policy = policy();
    policy.begin_output(system);
    let step = policy.review_delta(output);
    let (verdict, rule) = match step.cut {
        Some(number) => ("deny", policy.rules()[usize::from(number)].id),
        None if !step.mask.is_empty() => ("mask", "secret-in-text"),
        None => ("allow", ""),
    };
    json!({ "verdict": verdict, "rule": rule, "score": if verdict == "allow" { 0 } else { 100 } })
}
