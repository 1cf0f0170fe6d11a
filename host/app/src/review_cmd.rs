//! `mini-llm-chat review`: what the active prompt policies say of prompts and answers, a verdict a line.
//!
//! Every row gets policy instances of its own, as a turn does, so a verdict depends on its row alone.

use mini_llm_chat_sandbox::contract::{Access, Caller, Channel};
use mini_llm_chat_sandbox::{Decision, Fault, Judgement, PluginSet};
use serde::{Deserialize, Serialize};

use crate::cli::ReviewArguments;
use crate::config::FilterSettings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::filter::{self, Longest, Row, Rows, Sink};
use crate::json_text::JsonText;
use crate::terminal;

/// A longer line is refused.
const LINE_BYTES: usize = 16 << 20;

/// The rule that is named where a policy failed: what nobody judged is denied.
const FAULT_RULE: &str = "host/plugin-fault";

/// In the place of the installation's own: as long and as unlikely in a text, but the same everywhere, so that
/// verdicts are.
const CANARY: &str = "7b1f0c94e2d85a36";

/// The highest score.
const CERTAIN: u8 = 100;

/// What is to be judged. Other members of an object are ignored.
#[derive(Deserialize)]
struct Answer {
    system: JsonText,
    output: JsonText,
}

enum Subject {
    Prompt(JsonText),
    Answer(Answer),
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Verdict {
    verdict: &'static str,
    /// The rule that decided; where none did, the one that saw most.
    rule: Option<String>,
    /// 0 to 100, of that rule.
    score: u8,
}

/// Judges until input ends or output is closed. Needs no key, database or login.
///
/// # Errors
/// When a plugin is refused or failed, output is closed, or a line is not as it should be.
pub(crate) fn run(settings: &FilterSettings, arguments: &ReviewArguments) -> Result<Exit> {
    if !arguments.jsonl {
        return Err(Failure::usage(
            "review reads JSON: give --jsonl and a JSON string a line",
        ));
    }
    let set = filter::plugins(settings)?;
    let mut rows = Rows::standard_input(Longest::Refused(LINE_BYTES));
    let mut output = Sink::standard_output();
    let mut faults = 0_u64;
    loop {
        let batch = rows.batch()?;
        if batch.is_empty() {
            break;
        }
        for row in &batch {
            let subject = parse(row)?;
            let verdict = judge(&set, &subject).unwrap_or_else(|fault| {
                if faults == 0 {
                    terminal::notice(format_args!("line {}: {fault}; it is denied", row.number));
                }
                faults += 1;
                Verdict {
                    verdict: "deny",
                    rule: Some(FAULT_RULE.to_owned()),
                    score: CERTAIN,
                }
            });
            let mut line = serde_json::to_vec(&verdict)
                .map_err(|error| Failure::new(Exit::Internal, error))?;
            line.push(b'\n');
            output.write(&line)?;
        }
    }
    if faults > 0 {
        return Err(Failure::new(
            Exit::Internal,
            format_args!("rows that are denied because a policy failed: {faults}"),
        ));
    }
    Ok(Exit::Done)
}

fn parse(row: &Row) -> Result<Subject> {
    let start = row.bytes.trim_ascii_start().first();
    let subject = if start == Some(&b'{') {
        serde_json::from_slice(&row.bytes).map(Subject::Answer)
    } else {
        serde_json::from_slice(&row.bytes).map(Subject::Prompt)
    };
    subject.map_err(|error| {
        Failure::new(
            Exit::Data,
            format_args!(
                "line {} of standard input is neither a JSON string nor an object with `system` and `output`: {}",
                row.number,
                filter::reason(&error)
            ),
        )
    })
}

fn judge(set: &PluginSet, subject: &Subject) -> std::result::Result<Verdict, Fault> {
    let caller = Caller {
        user_id: "review".to_owned(),
        access: Access::User,
        conversation: "review".to_owned(),
    };
    let mut turn = set.begin_turn(&caller, CANARY)?;
    match subject {
        Subject::Prompt(prompt) => {
            let review = turn.review_prompt(&[], &prompt.text)?;
            let judgements = &review.judgements;
            Ok(match review.decision {
                Decision::Allow => Verdict::without_rule("allow", judgements),
                Decision::Mask { .. } => Verdict::without_rule("mask", judgements),
                Decision::Deny { rule, .. } => Verdict::by(rule, judgements),
            })
        }
        Subject::Answer(answer) => {
            // The order of calls that the contract promises to a policy.
            turn.review_prompt(&[], "")?;
            let mut review = turn.under(&answer.system.text).output(Channel::Answer)?;
            let shown = review.push(&answer.output.text)?;
            let end = review.end(true)?;
            let judgements = &review.judgements();
            Ok(match shown.cut.or(end.cut) {
                Some(cut) => Verdict::by(cut.rule, judgements),
                None if shown.masked + end.masked > 0 => Verdict::without_rule("mask", judgements),
                None => Verdict::without_rule("allow", judgements),
            })
        }
    }
}

impl Verdict {
    fn by(rule: String, judgements: &[Judgement]) -> Self {
        let scores = findings(judgements).filter(|(id, _)| **id == rule);
        Self {
            verdict: "deny",
            score: scores.map(|(_, score)| *score).max().unwrap_or(CERTAIN),
            rule: Some(rule),
        }
    }

    fn without_rule(verdict: &'static str, judgements: &[Judgement]) -> Self {
        let most = findings(judgements).max_by_key(|(_, score)| *score);
        Self {
            verdict,
            rule: most.map(|(rule, _)| rule.clone()),
            score: most.map_or(0, |(_, score)| *score),
        }
    }
}

fn findings(judgements: &[Judgement]) -> impl Iterator<Item = &(String, u8)> {
    judgements.iter().flat_map(|judgement| &judgement.findings)
}
