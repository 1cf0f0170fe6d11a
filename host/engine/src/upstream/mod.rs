//! The client for OpenAI-compatible model servers.
