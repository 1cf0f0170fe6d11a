//! The built-in redaction rules as a plain library, tested natively.
