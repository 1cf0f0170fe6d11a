//! What an author of a redactor, a prompt policy or a chat command builds on.
