//! `/hello NAME` greets, and remembers the name for the next time.
//!
//! It needs the grants `output` and `storage`. What it stores is its own, for each user apart.

use mini_llm_chat_plugin_sdk::commands::{Access, Command, Commands, Outcome};
use mini_llm_chat_plugin_sdk::host::{output, storage};
use mini_llm_chat_plugin_sdk::settings::{Problem, Settings};

const KEY: &str = "name";

struct Hello {
    greeting: String,
}

impl Commands for Hello {
    fn configure(settings: &mut Settings) -> Result<Self, Vec<Problem>> {
        Ok(Self {
            greeting: settings
                .text("greeting")
                .unwrap_or_else(|| "Hello".to_owned()),
        })
    }

    fn describe(&self) -> Vec<Command> {
        vec![Command {
            name: "hello".to_owned(),
            aliases: Vec::new(),
            usage: "/hello [NAME]".to_owned(),
            summary: "Greets you, by the name you gave last time".to_owned(),
            needs: Access::User,
        }]
    }

    fn run(&mut self, _name: &str, rest: &str) -> Result<Outcome, String> {
        let known = storage::get(KEY)?.and_then(|bytes| String::from_utf8(bytes).ok());
        if !rest.is_empty() {
            storage::set(KEY, rest.as_bytes())?;
        }
        output::text(&greet(&self.greeting, rest, known.as_deref()))?;
        Ok(Outcome::Done)
    }
}

/// Apart from the host, so that it is tested without one.
fn greet(greeting: &str, given: &str, known: Option<&str>) -> String {
    match (given, known) {
        ("", None) => format!("{greeting}! Tell me your name: /hello NAME\n"),
        ("", Some(known)) => format!("{greeting} again, {known}!\n"),
        (given, Some(known)) if given != known => {
            format!("{greeting}, {given}! You were {known} before.\n")
        }
        (given, _) => format!("{greeting}, {given}!\n"),
    }
}

mini_llm_chat_plugin_sdk::export_commands!(Hello);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_asked_for_once() {
        assert!(greet("Hello", "", None).contains("/hello NAME"));
        assert_eq!(greet("Hello", "Kim", None), "Hello, Kim!\n");
        assert_eq!(greet("Hello", "", Some("Kim")), "Hello again, Kim!\n");
    }

    #[test]
    fn new_name_is_noticed() {
        assert_eq!(
            greet("Hi", "Lou", Some("Kim")),
            "Hi, Lou! You were Kim before.\n"
        );
    }
}
