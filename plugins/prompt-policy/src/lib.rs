//! The built-in prompt policy rules as a plain library, tested natively.
