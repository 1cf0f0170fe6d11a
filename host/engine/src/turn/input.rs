//! Step 1: what a person typed is refused when it cannot be a message.

use super::TurnError;

/// Accepts a prompt of 1 to `limit` characters that is not blank. Every turn does this by itself; a front
/// end can do it before it opens anything.
///
/// # Errors
/// [`TurnError::Empty`] and [`TurnError::TooLong`].
pub fn check(prompt: &str, limit: usize) -> Result<(), TurnError> {
    if prompt.trim().is_empty() {
        return Err(TurnError::Empty);
    }
    // Bytes are at least characters: most prompts need no counting.
    if prompt.len() > limit {
        let characters = prompt.chars().count();
        if characters > limit {
            return Err(TurnError::TooLong { characters, limit });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{TurnError, check};

    #[test]
    fn the_limit_counts_characters_and_is_inclusive() {
        assert!(check("äöü", 3).is_ok());
        assert!(matches!(
            check("äöüß", 3),
            Err(TurnError::TooLong {
                characters: 4,
                limit: 3
            })
        ));
    }

    #[test]
    fn a_blank_prompt_is_no_message() {
        assert!(matches!(check(" \n\t", 10), Err(TurnError::Empty)));
    }
}
