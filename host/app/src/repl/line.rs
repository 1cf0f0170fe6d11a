//! What a line at the prompt means.

use mini_llm_chat_engine::services::BARE_WORDS;

/// A line, understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Nothing but white space.
    Empty,
    /// Ends the chat. The host's own, whatever plugins are loaded.
    Leave,
    /// Sends the last message again, past the cache.
    Retry,
    /// A command of a plugin.
    Command {
        /// In lower case, without the slash.
        name: String,
        /// What follows it, trimmed.
        rest: &'a str,
    },
    /// Something to say to the model.
    Message(&'a str),
}

impl<'a> Line<'a> {
    /// Commands are `/name rest`, or one of five bare words in any case. Two slashes send a text that
    /// begins with one.
    pub(super) fn parse(line: &'a str) -> Self {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return Self::Empty;
        }
        if let Some(text) = trimmed.strip_prefix("//") {
            // The text begins at the second slash.
            return Self::Message(&trimmed[trimmed.len() - text.len() - 1..]);
        }
        if let Some(command) = trimmed.strip_prefix('/') {
            let (name, rest) = command
                .split_once(char::is_whitespace)
                .unwrap_or((command, ""));
            return Self::command(name.to_ascii_lowercase(), rest.trim());
        }
        let word = trimmed.to_ascii_lowercase();
        if BARE_WORDS.contains(&word.as_str()) {
            return Self::command(word, "");
        }
        Self::Message(line)
    }

    fn command(name: String, rest: &'a str) -> Self {
        match name.as_str() {
            "exit" | "quit" => Self::Leave,
            "retry" => Self::Retry,
            _ => Self::Command { name, rest },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    fn command(name: &str, rest: &'static str) -> Line<'static> {
        Line::Command {
            name: name.to_owned(),
            rest,
        }
    }

    #[test]
    fn five_bare_words_are_commands_in_any_case() {
        assert_eq!(Line::parse(" Help "), command("help", ""));
        assert_eq!(Line::parse("STATUS"), command("status", ""));
        assert_eq!(Line::parse("clear"), command("clear", ""));
        assert_eq!(Line::parse("Exit"), Line::Leave);
        assert_eq!(Line::parse("quit"), Line::Leave);
    }

    #[test]
    fn a_bare_word_inside_a_sentence_is_a_message() {
        assert_eq!(Line::parse("help me"), Line::Message("help me"));
        assert_eq!(Line::parse("plugins"), Line::Message("plugins"));
    }

    #[test]
    fn a_slash_makes_a_command_with_the_rest_of_the_line() {
        assert_eq!(
            Line::parse("/Rename  my trip "),
            command("rename", "my trip")
        );
        assert_eq!(Line::parse("/quit"), Line::Leave);
        assert_eq!(Line::parse("/retry"), Line::Retry);
    }

    #[test]
    fn two_slashes_send_one() {
        assert_eq!(Line::parse("//etc/hosts?"), Line::Message("/etc/hosts?"));
    }

    #[test]
    fn a_message_keeps_its_spaces() {
        assert_eq!(Line::parse("  indented"), Line::Message("  indented"));
    }
}
