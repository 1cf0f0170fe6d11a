//! Answers that were given before to exactly the same question.
