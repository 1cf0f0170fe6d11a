//! A policy that masks SECRET and everything between braces, cuts after STOPNOW, refuses FORBIDDEN, and
//! misbehaves at a prompt or a delta that says `hostile:HOW`.
//!
//! Its honest part holds back only what can still become one of its words, and releases what lies between
//! braces as it comes: what it shows does not depend on how the answer is cut into deltas.

wit_bindgen::generate!({
    path: ["../../../../../wit/plugin", "../../../../../wit/host"],
    world: "mini-llm-chat:host/policy-plugin",
    generate_all,
});

use std::cell::RefCell;

use exports::mini_llm_chat::plugin::prompt_policy::{
    Caller, Finding, Guest, Judgement, Message, Rule, Span, Step, Verdict,
};
use mini_llm_chat::host::log;

struct Policy;
export!(Policy);

const WORDS: [&str; 2] = ["SECRET", "STOPNOW"];

#[derive(Default)]
struct State {
    held: String,
    in_braces: bool,
    hoarding: bool,
    hoard: Vec<Vec<u8>>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

impl Guest for Policy {
    fn rules() -> Vec<Rule> {
        ["stop", "forbidden"]
            .map(|id| Rule {
                id: id.into(),
                explanation: format!("The rule {id} says no."),
            })
            .into()
    }

    fn kinds() -> Vec<String> {
        vec!["secret".into(), "braces".into()]
    }

    fn system_prompt(caller: Caller, _canary: String) -> String {
        match caller.user_id.as_str() {
            "hostile:long" => "x".repeat(17 << 10),
            "hostile:loop" => forever(),
            _ => "Be kind.".into(),
        }
    }

    fn review_prompt(_: Caller, _: Vec<Message>, prompt: String) -> Judgement {
        let verdict = match how(&prompt) {
            Some("loop") => forever(),
            Some("panic") => panic!("could not judge {prompt}"),
            Some("log-flood") => loop {
                log::write(log::Level::Info, &"x".repeat(8 << 10));
            },
            Some("log-huge") => {
                log::write(log::Level::Info, &"x".repeat(1 << 20));
                Verdict::Allow
            }
            Some("rule") => Verdict::Deny(2),
            Some("kind") => mask(0, 1, 9),
            Some("range") => mask(0, prompt.len() + 1, 0),
            _ if prompt.contains("FORBIDDEN") => Verdict::Deny(1),
            _ => match prompt.find("SECRET") {
                Some(at) => mask(at, at + 6, 0),
                None => Verdict::Allow,
            },
        };
        let score = if prompt.contains("hostile:score") {
            101
        } else {
            10
        };
        Judgement {
            verdict,
            findings: vec![Finding { rule: 1, score }],
        }
    }

    fn begin_output(_: String) {}

    fn review_delta(delta: String) -> Step {
        STATE.with_borrow_mut(|state| {
            state.held.push_str(&delta);
            let pending = state.held.len();
            match how(&delta) {
                Some("loop") => forever(),
                Some("release-beyond") => step(pending + 1, vec![]),
                Some("span-outside-release") => step(2, vec![span(1, 4, 0)]),
                Some("off-boundary") => step(state.held.find('ñ').map_or(1, |at| at + 1), vec![]),
                Some("cut-index") => Step {
                    cut: Some(9),
                    ..step(0, vec![])
                },
                Some("hoard") => {
                    state.hoarding = true;
                    step(0, vec![])
                }
                Some("leak") => {
                    state.hoard.push(vec![1; 4 << 20]);
                    state.honest(false)
                }
                _ if state.hoarding => step(0, vec![]),
                _ => state.honest(false),
            }
        })
    }

    fn review_end(complete: bool) -> Step {
        STATE.with_borrow_mut(|state| {
            if state.held.contains("keep-tail") {
                return step(0, vec![]);
            }
            state.honest(complete)
        })
    }
}

impl State {
    /// Releases all that is decided; at the end of a complete answer everything is.
    fn honest(&mut self, complete: bool) -> Step {
        let (mut at, mut mask, mut cut) = (0, Vec::new(), None);
        while at < self.held.len() {
            let rest = &self.held[at..];
            if self.in_braces {
                let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                self.in_braces = !rest[..end].ends_with('}');
                mask.push(span(at, at + end, 1));
                at += end;
                continue;
            }
            if rest.starts_with("SECRET") {
                mask.push(span(at, at + 6, 0));
                at += 6;
            } else if rest.starts_with("STOPNOW") {
                cut = Some(0);
                break;
            } else if !complete && WORDS.iter().any(|word| word.starts_with(rest)) {
                break;
            } else if rest.starts_with('{') {
                self.in_braces = true;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.held.drain(..at);
        Step {
            cut,
            ..step(at, mask)
        }
    }
}

fn mask(start: usize, end: usize, kind: u16) -> Verdict {
    Verdict::Mask(vec![span(start, end, kind)])
}

fn span(start: usize, end: usize, kind: u16) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
        kind,
    }
}

fn step(release: usize, mask: Vec<Span>) -> Step {
    Step {
        release: release as u32,
        mask,
        cut: None,
        findings: vec![],
    }
}

fn forever() -> ! {
    loop {
        std::hint::black_box(0);
    }
}

/// What a text asks for.
fn how(text: &str) -> Option<&str> {
    text.split_once("hostile:")?.1.split_whitespace().next()
}
