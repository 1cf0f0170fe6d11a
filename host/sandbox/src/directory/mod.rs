//! Reads a plugin directory.
