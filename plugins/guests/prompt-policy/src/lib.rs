//! The built-in prompt policy as a component: an adapter between the rules library and the contract.

use mini_llm_chat_plugin_sdk::policy::{
    Access, Author, Caller, Finding, Judgement, Message, PromptPolicy, Rule, Span, Step, Verdict,
};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings, Value};
use mini_llm_chat_prompt_policy_rules as rules;

struct BuiltIn(rules::Policy);

impl PromptPolicy for BuiltIn {
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
        let entries = settings
            .entries()
            .map(|(key, value)| (key, value_of(value)));
        rules::Options::from_settings(entries)
            .and_then(|options| rules::Policy::new(&options))
            .map(Self)
            .map_err(problems)
    }

    fn rules(&self) -> Vec<Rule> {
        let rules = self.0.rules().iter();
        rules
            .map(|rule| Rule {
                id: rule.id.into(),
                explanation: rule.explanation.into(),
            })
            .collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.0.kinds()
    }

    fn system_prompt(&mut self, caller: &Caller, canary: &str) -> String {
        self.0.system_prompt(&caller_of(caller), canary)
    }

    fn review_prompt(&mut self, caller: &Caller, history: &[Message], prompt: &str) -> Judgement {
        let history: Vec<_> = history.iter().map(message_of).collect();
        let judgement = self.0.review_prompt(&caller_of(caller), &history, prompt);
        let verdict = match judgement.verdict {
            rules::Verdict::Allow => Verdict::Allow,
            rules::Verdict::Mask(mask) => Verdict::Mask(spans(mask)),
            rules::Verdict::Deny(rule) => Verdict::Deny(rule),
        };
        Judgement {
            verdict,
            findings: findings(judgement.findings),
        }
    }

    fn begin_output(&mut self, system: &str) {
        self.0.begin_output(system);
    }

    fn review_delta(&mut self, delta: &str) -> Step {
        step(self.0.review_delta(delta))
    }

    fn review_end(&mut self, complete: bool) -> Step {
        step(self.0.review_end(complete))
    }
}

fn value_of(value: &Value) -> rules::Value<'_> {
    match value {
        Value::Text(text) => rules::Value::Text(text),
        Value::Integer(number) => rules::Value::Integer(*number),
        Value::Number(number) => rules::Value::Number(*number),
        Value::Boolean(boolean) => rules::Value::Boolean(*boolean),
    }
}

fn caller_of(caller: &Caller) -> rules::Caller<'_> {
    let access = match caller.access {
        Access::User => rules::Access::User,
        Access::Admin => rules::Access::Admin,
    };
    rules::Caller {
        user_id: &caller.user_id,
        access,
        conversation: &caller.conversation,
    }
}

fn message_of(message: &Message) -> rules::Message<'_> {
    let author = match message.author {
        Author::User => rules::Author::User,
        Author::Assistant => rules::Author::Assistant,
    };
    rules::Message {
        author,
        content: &message.content,
    }
}

fn step(step: rules::Step) -> Step {
    Step {
        release: step.release,
        mask: spans(step.mask),
        cut: step.cut,
        findings: findings(step.findings),
    }
}

fn spans(spans: Vec<rules::Span>) -> Vec<Span> {
    spans
        .into_iter()
        .map(|rules::Span { start, end, kind }| Span { start, end, kind })
        .collect()
}

fn findings(findings: Vec<rules::Finding>) -> Vec<Finding> {
    findings
        .into_iter()
        .map(|rules::Finding { rule, score }| Finding { rule, score })
        .collect()
}

fn problems(problems: Vec<rules::OptionProblem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|rules::OptionProblem { key, message }| Problem { key, message })
        .collect()
}

mini_llm_chat_plugin_sdk::export_policy!(BuiltIn);
