//! The three built-in components, built from plugins/guests and embedded.
//!
//! They are ordinary plugins: written on the same SDK, admitted by the same function and held by the
//! same limits as anybody's. `mini-llm-chat plugins eject DIR` writes them out.

/// The redactor: finds secrets and personal data in texts that go to a log.
pub const REDACTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/redaction.wasm"));

/// The prompt policy: system prompt, review of input and output.
pub const PROMPT_POLICY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/prompt-policy.wasm"));

/// The chat commands, such as `help`, `status` and `clear`.
pub const COMMANDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/commands.wasm"));

/// Name and bytes of each, in the order of `plugins list`.
#[must_use]
pub fn all() -> [(&'static str, &'static [u8]); 3] {
    [
        ("redaction", REDACTION),
        ("prompt-policy", PROMPT_POLICY),
        ("commands", COMMANDS),
    ]
}
