//! The tables of what can be found: one line a token format, by family.
//!
//! A row says what a token begins with, what its body is made of, and which check decides. Rows of the same
//! kind share its name. Lengths are lower bounds with some slack below the documented length, because a
//! token that was cut is still most of a secret; an upper bound stands only where the anchor is weak.

pub(crate) mod ai;
pub(crate) mod ci;
pub(crate) mod cloud;
pub(crate) mod hosting;
pub(crate) mod keyed;
pub(crate) mod messaging;
pub(crate) mod observability;
pub(crate) mod payment;
pub(crate) mod service;

use crate::class::Set;

/// A token that its first bytes give away.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) kind: &'static str,
    pub(crate) anchor: &'static str,
    pub(crate) set: Set,
    /// Bytes after the anchor, at least.
    pub(crate) min: u16,
    /// Bytes after the anchor, at most; 0 is unbounded.
    pub(crate) max: u16,
    /// Decides over the body; monotone, see [`crate::shape`].
    pub(crate) check: fn(&[u8]) -> bool,
}

/// A token of at least `min` bytes of `set` after its anchor.
pub(crate) const fn row(
    kind: &'static str,
    anchor: &'static str,
    set: Set,
    min: u16,
    check: fn(&[u8]) -> bool,
) -> Row {
    Row {
        kind,
        anchor,
        set,
        min,
        max: 0,
        check,
    }
}

/// A token whose length is fixed or bounded because its anchor alone would not be telling.
pub(crate) const fn sized(
    kind: &'static str,
    anchor: &'static str,
    set: Set,
    min: u16,
    max: u16,
    check: fn(&[u8]) -> bool,
) -> Row {
    Row {
        kind,
        anchor,
        set,
        min,
        max,
        check,
    }
}

/// All families.
pub(crate) const FAMILIES: [&[Row]; 8] = [
    ai::ROWS,
    ci::ROWS,
    cloud::ROWS,
    hosting::ROWS,
    messaging::ROWS,
    observability::ROWS,
    payment::ROWS,
    service::ROWS,
];

/// Kinds that structure rather than an anchor gives away, and those of personal data.
pub(crate) const STRUCTURAL: &[&str] = &[
    "private-key",
    "pgp-private-key",
    "putty-private-key",
    "jwt",
    "bearer-token",
    "basic-auth",
    "url-password",
    "url-token",
    "password",
    "secret",
    "token",
    "api-key",
    "cookie",
    "cli-password",
    "base64-secret",
    "azure-client-secret",
    "terraform-token",
    "telegram-bot-token",
    "discord-bot-token",
    "mailchimp-api-key",
    "bundler-credentials",
    "slack-webhook",
    "discord-webhook",
    "teams-webhook",
    "google-chat-webhook",
    "zapier-webhook",
    "ifttt-webhook",
    "make-webhook",
    "feishu-webhook",
    "chat-webhook",
    "kubernetes-secret",
    "kubernetes-string-data",
    "maxmind-license-key",
    "new-relic-license-key",
    "email",
    "payment-card",
    "phone-number",
    "iban",
    "us-ssn",
    "ip-address",
];
