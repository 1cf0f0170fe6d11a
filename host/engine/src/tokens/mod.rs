//! How much of a conversation a model can take.
