//! The log pipeline: every record passes the redactors before it reaches a sink.
