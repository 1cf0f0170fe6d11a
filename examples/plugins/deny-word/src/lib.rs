//! Refuses prompts that contain one word, and lets every answer through unchanged.
//!
//! Settings: `word` (default `xyzzy`) and `system-prompt`.

use mini_llm_chat_plugin_sdk::policy::{Caller, Judgement, Message, PromptPolicy, Rule};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};

const DEFAULT_WORD: &str = "xyzzy";
const DEFAULT_SYSTEM_PROMPT: &str = "You are a helpful assistant. Answer briefly.";

struct DenyWord {
    /// In lower case.
    word: String,
    system_prompt: String,
}

impl PromptPolicy for DenyWord {
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
        let word = settings
            .text("word")
            .unwrap_or_else(|| DEFAULT_WORD.to_owned());
        if word.trim().is_empty() {
            settings.problem("word", "must not be empty: it would refuse every prompt");
        }
        let system_prompt = settings
            .text("system-prompt")
            .unwrap_or_else(|| DEFAULT_SYSTEM_PROMPT.to_owned());
        Ok(Self {
            word: word.to_lowercase(),
            system_prompt,
        })
    }

    fn rules(&self) -> Vec<Rule> {
        vec![Rule {
            id: "forbidden-word".to_owned(),
            explanation: "The message contains a word that is not allowed here.".to_owned(),
        }]
    }

    fn system_prompt(&mut self, _caller: &Caller, _canary: &str) -> String {
        self.system_prompt.clone()
    }

    fn review_prompt(&mut self, _caller: &Caller, _history: &[Message], prompt: &str) -> Judgement {
        if prompt.to_lowercase().contains(&self.word) {
            Judgement::deny(0)
        } else {
            Judgement::allow()
        }
    }

    // `review_delta` and `review_end` have defaults that show an answer unchanged, as it arrives.
}

mini_llm_chat_plugin_sdk::export_policy!(DenyWord);

#[cfg(test)]
mod tests {
    use mini_llm_chat_plugin_sdk::policy::{Access, Step, Verdict};

    use super::*;

    fn policy(settings: &mut Settings) -> DenyWord {
        DenyWord::configure(settings).expect("the settings are valid")
    }

    fn verdict(mut policy: DenyWord, prompt: &str) -> Verdict {
        let caller = Caller {
            user_id: "u".into(),
            access: Access::User,
            conversation: "c".into(),
        };
        policy.review_prompt(&caller, &[], prompt).verdict
    }

    #[test]
    fn default_word_is_refused_in_any_case() {
        assert_eq!(
            verdict(policy(&mut Settings::default()), "say XYZZY please"),
            Verdict::Deny(0)
        );
    }

    #[test]
    fn other_prompts_pass() {
        assert_eq!(
            verdict(policy(&mut Settings::default()), "say hello"),
            Verdict::Allow
        );
    }

    #[test]
    fn word_comes_from_the_settings() {
        let mut settings = Settings::of([("word", "plugh".into())]);
        assert_eq!(verdict(policy(&mut settings), "plugh!"), Verdict::Deny(0));
    }

    #[test]
    fn empty_word_is_a_problem() {
        let mut settings = Settings::of([("word", "".into())]);
        let _ = policy(&mut settings);
        assert_eq!(settings.into_problems().len(), 1);
    }

    #[test]
    fn answers_stream_through_unchanged() {
        let mut policy = policy(&mut Settings::default());
        assert_eq!(policy.review_delta("xyzzy"), Step::show(5));
        assert_eq!(policy.review_end(true), Step::show(0));
    }
}
