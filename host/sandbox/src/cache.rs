//! Keeps compiled components.
