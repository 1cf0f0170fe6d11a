//! Builds the three built-in components and embeds them.
